import { describe, expect, it } from 'vitest';
import { type Provider, ProviderError } from '../src/provider.ts';
import { Scheduler } from '../src/scheduler.ts';
import { controlledProvider, settle, stateOf } from './controlled-provider.ts';
import { recordingLog } from './recording-log.ts';

function open(overrides: Partial<Provider> = {}) {
  const provider = controlledProvider(overrides);
  const log = recordingLog();
  return { provider, log, scheduler: new Scheduler(provider, log) };
}

const textsOf = (provider: ReturnType<typeof controlledProvider>) => provider.calls.map(({ texts }) => texts);

describe('batches', () => {
  it('sends texts that are submitted together in one call', async () => {
    const { provider, scheduler } = open();
    for (const text of ['a', 'b', 'c']) scheduler.submit(text, 'content');
    await settle();
    expect(textsOf(provider)).toEqual([['a', 'b', 'c']]);
  });

  it('sends everything that waited as soon as a call is free, without waiting for more', async () => {
    const { provider, scheduler } = open();
    scheduler.submit('a', 'content');
    await settle();
    scheduler.submit('b', 'content');
    await settle();
    scheduler.submit('c', 'content');
    await settle();
    expect(textsOf(provider)).toEqual([['a']]);
    provider.calls[0]!.answer();
    await settle();
    expect(textsOf(provider)).toEqual([['a'], ['b', 'c']]);
  });

  it('holds at most maxBatch texts and maxBatchCharacters characters, but always one text', async () => {
    const { provider, scheduler } = open({ concurrency: 9, maxBatch: 2, maxBatchCharacters: 4 });
    for (const text of ['1', '2', '3', '4444', '55555', '6']) scheduler.submit(text, 'content');
    await settle();
    expect(textsOf(provider)).toEqual([['1', '2'], ['3'], ['4444'], ['55555'], ['6']]);
  });

  it('gives every text its own vector', async () => {
    const { provider, scheduler } = open();
    const tickets = ['a', 'bb', 'c'].map((text) => scheduler.submit(text, 'content'));
    await settle();
    provider.calls[0]!.answer([
      [3, 4, 0],
      [0, 0, 2],
      [-1, 0, 0],
    ]);
    const vectors = await Promise.all(tickets.map(({ vector }) => vector));
    expect(vectors).toEqual([
      new Float32Array([0.6, 0.8, 0]),
      new Float32Array([0, 0, 1]),
      new Float32Array([-1, 0, 0]),
    ]);
  });

  it('makes at most `concurrency` calls at once, and one slow call does not stop the others', async () => {
    const { provider, scheduler } = open({ concurrency: 3, maxBatch: 1 });
    const tickets = ['a', 'b', 'c', 'd', 'e'].map((text) => scheduler.submit(text, 'query'));
    await settle();
    expect(textsOf(provider)).toEqual([['a'], ['b'], ['c']]);
    provider.calls[1]!.answer();
    await settle();
    provider.calls[3]!.answer();
    await settle();
    expect(textsOf(provider)).toEqual([['a'], ['b'], ['c'], ['d'], ['e']]);
    expect(await stateOf(tickets[3]!.vector)).toBe('fulfilled');
    expect(await stateOf(tickets[0]!.vector)).toBe('pending');
  });
});

describe('lanes', () => {
  it('serves queries first, contents that someone waits for next, the rest last', async () => {
    const { provider, scheduler } = open();
    scheduler.submit('first', 'content');
    await settle();
    for (const lane of ['background', 'content', 'query'] as const) scheduler.submit(lane, lane);
    for (const call of [0, 1, 2]) {
      await settle();
      provider.calls[call]!.answer();
    }
    await settle();
    expect(textsOf(provider)).toEqual([['first'], ['query'], ['content'], ['background']]);
  });

  it('keeps one of several calls for queries', async () => {
    const { provider, scheduler } = open({ concurrency: 2, maxBatch: 1 });
    for (const text of ['c1', 'c2', 'c3']) scheduler.submit(text, 'content');
    await settle();
    expect(textsOf(provider)).toEqual([['c1']]);
    scheduler.submit('q', 'query');
    await settle();
    expect(textsOf(provider)).toEqual([['c1'], ['q']]);
  });

  it('lets a content that a query wants go with the queries', async () => {
    const { provider, scheduler } = open({ concurrency: 2, maxBatch: 1 });
    scheduler.submit('c1', 'content');
    scheduler.submit('c2', 'content');
    const wanted = scheduler.submit('c3', 'content');
    await settle();
    wanted.hurry('query');
    await settle();
    expect(textsOf(provider)).toEqual([['c1'], ['c3']]);
  });
});

describe('withdrawal', () => {
  it('takes back a text that waits: the model is never asked for it', async () => {
    const { provider, scheduler } = open();
    scheduler.submit('a', 'content');
    await settle();
    const ticket = scheduler.submit('b', 'content');
    expect(ticket.withdraw()).toBe(true);
    await expect(ticket.vector).rejects.toThrow('withdrawn');
    provider.calls[0]!.answer();
    await settle();
    expect(textsOf(provider)).toEqual([['a']]);
  });

  it('comes too late for a text whose call has begun', async () => {
    const { provider, scheduler } = open();
    const ticket = scheduler.submit('a', 'content');
    await settle();
    expect(ticket.withdraw()).toBe(false);
    provider.calls[0]!.answer();
    expect(await ticket.vector).toHaveLength(3);
  });
});

describe('failures', () => {
  it('refuses the one text whose vector is nonsense, and serves its neighbours', async () => {
    const { provider, scheduler } = open();
    const answers = [[1, 2, 2], [Number.NaN, 1, 1], [0, 0, 0], [1, 2], [1, 'x', 2], null, [1e300, 1e300, 1]];
    const tickets = answers.map((_, index) => scheduler.submit(`text ${index}`, 'content'));
    await settle();
    provider.calls[0]!.answer(answers);
    const outcomes = await Promise.allSettled(tickets.map(({ vector }) => vector));
    expect(outcomes[0]).toMatchObject({ status: 'fulfilled' });
    const messages = outcomes.slice(1).map((outcome) => {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'AnimaError', code: 'UNAVAILABLE' } });
      return String((outcome as PromiseRejectedResult).reason.message);
    });
    for (const [index, what] of [
      'NaN or infinity',
      'zero vector',
      '2 dimensions instead of 3',
      'not a number',
      'other than a vector',
      'NaN or infinity',
    ].entries()) {
      expect(messages[index]).toContain(what);
    }
  });

  it('asks for each text alone when one of them may have failed the call', async () => {
    const { provider, scheduler } = open();
    const outcomes = Promise.allSettled(['a', 'bad', 'c'].map((text) => scheduler.submit(text, 'content').vector));
    await settle();
    const failure = new ProviderError('400', { mayBlameText: true });
    provider.calls[0]!.fail(failure);
    await settle();
    provider.calls[1]!.answer();
    await settle();
    provider.calls[2]!.fail(failure);
    await settle();
    provider.calls[3]!.answer();
    expect((await outcomes).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(textsOf(provider)).toEqual([['a', 'bad', 'c'], ['a'], ['bad'], ['c']]);
  });

  it('refuses a call that answers too few vectors rather than guess whose they are', async () => {
    const { provider, scheduler } = open();
    const ticket = scheduler.submit('a', 'content');
    await settle();
    provider.calls[0]!.answer([]);
    await expect(ticket.vector).rejects.toThrow('0 vectors for 1 texts');
  });

  it('says once that the model fails, and once that it answers again', async () => {
    const { provider, log, scheduler } = open();
    for (const [index, isUp] of [true, false, false, true, true].entries()) {
      const { vector } = scheduler.submit('a', 'content');
      await settle();
      if (isUp) provider.calls[index]!.answer();
      else provider.calls[index]!.fail(new ProviderError('down'));
      await vector.catch(() => undefined);
    }
    expect(log.lines.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      'warn: the embedding model fails',
      'info: the embedding model answers again',
    ]);
  });

  it('says that the model fails when its answers are of no use', async () => {
    const { provider, log, scheduler } = open();
    const { vector } = scheduler.submit('a', 'content');
    await settle();
    provider.calls[0]!.answer([[1, 2, 3, 4]]);
    await expect(vector).rejects.toThrow('4 dimensions instead of 3');
    expect(log.lines).toMatchObject([{ level: 'warn', message: 'the embedding model fails' }]);
  });

  it('rejects what waits and what is under way when it is closed, and takes nothing more', async () => {
    const { scheduler, log } = open();
    const underWay = scheduler.submit('a', 'content').vector;
    await settle();
    const waits = scheduler.submit('b', 'query').vector;
    scheduler.close();
    const late = scheduler.submit('c', 'query').vector;
    for (const vector of [underWay, waits, late]) {
      await expect(vector).rejects.toMatchObject({ code: 'UNAVAILABLE', message: 'the embedder is closed' });
    }
    expect(log.lines).toEqual([]);
  });
});
