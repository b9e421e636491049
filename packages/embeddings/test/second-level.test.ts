import type { QueryVectors, Space } from '@anima/core';
import { describe, expect, it } from 'vitest';
import { createEmbedder } from '../src/embedder.ts';
import type { Provider } from '../src/provider.ts';
import { controlledProvider, settle, stateOf } from './controlled-provider.ts';
import { recordingLog } from './recording-log.ts';

const model = { provider: 'test', name: 'controlled', dimensions: 3 };
const here = { id: 'here', shard: 0, settings: {}, model };
const there = { id: 'there', shard: 0, settings: {}, model };

/** A second level that remembers, and counts what it is asked. */
function rememberingVectors() {
  const vectors = new Map<string, Float32Array>();
  const nameOf = (space: Space, textHash: string) => `${space.id} ${textHash}`;
  return {
    vectors,
    reads: 0,
    keeps: 0,
    async read(space: Space, textHash: string) {
      this.reads += 1;
      return vectors.get(nameOf(space, textHash))?.slice();
    },
    keep(space: Space, textHash: string, vector: Float32Array) {
      this.keeps += 1;
      vectors.set(nameOf(space, textHash), vector);
    },
  };
}

/** A second level that answers when it is told to. */
function controlledVectors() {
  const answers: ((vector?: Float32Array) => void)[] = [];
  const vectors: QueryVectors = {
    read: () => new Promise((resolve) => answers.push(resolve)),
    keep: () => undefined,
  };
  return { vectors, answers };
}

function open(vectors: QueryVectors, overrides: Partial<Provider> = {}) {
  const provider = controlledProvider(overrides);
  const log = recordingLog();
  const embedder = createEmbedder(provider, { max: 100, ttlMs: 60_000 }, log);
  embedder.useSecondLevel(vectors);
  return { provider, embedder, log };
}

/** As a process starts: nothing in the first level, and a model that answers at once. */
function start(vectors: QueryVectors) {
  const asked: string[] = [];
  const embed: Provider['embed'] = async (texts) => {
    asked.push(...texts);
    return texts.map((text) => [text.length, 1, 0]);
  };
  return { ...open(vectors, { embed }), asked };
}

describe('a query that an earlier process was asked', () => {
  it('is answered without the model, which is a hit, and from then on by the first level', async () => {
    const vectors = rememberingVectors();
    const vector = await start(vectors).embedder.embedQuery(here, 'a');
    const { embedder, asked } = start(vectors);
    expect(await embedder.embedQuery(here, 'a')).toEqual(vector);
    expect(embedder.cacheStats()).toEqual({ hits: 1, misses: 0, hitRate: 1, size: 1, maxSize: 100 });
    expect(await embedder.embedQuery(here, 'a')).toEqual(vector);
    expect(await embedder.embedContents(here, ['a'])).toEqual([[vector]]);
    expect(embedder.cacheStats()).toMatchObject({ hits: 3, misses: 0 });
    expect(asked).toEqual([]);
    expect(vectors).toMatchObject({ reads: 2, keeps: 1 });
  });

  it('is known in its own space only', async () => {
    const vectors = rememberingVectors();
    await start(vectors).embedder.embedQuery(here, 'a');
    const { embedder, asked } = start(vectors);
    await embedder.embedQuery(there, 'a');
    expect(asked).toEqual(['a']);
  });

  it('is known chunk by chunk when it was long', async () => {
    const vectors = rememberingVectors();
    const long = `${'x'.repeat(80)} ${'y'.repeat(90)}`;
    const vector = await start(vectors).embedder.embedQuery(here, long);
    const { embedder, asked } = start(vectors);
    expect(await embedder.embedQuery(here, long)).toEqual(vector);
    expect(asked).toEqual([]);
    expect(embedder.cacheStats()).toMatchObject({ hits: 2, misses: 0 });
  });

  it('is known although its vector was first made for a content', async () => {
    const vectors = rememberingVectors();
    const before = start(vectors);
    await before.embedder.embedContents(here, ['a', 'b']);
    await Promise.all([before.embedder.embedContents(here, ['c']), before.embedder.embedQuery(here, 'c')]);
    for (let times = 0; times < 2; times += 1) await before.embedder.embedQuery(here, 'a');
    const { embedder, asked } = start(vectors);
    for (const text of ['a', 'c']) await embedder.embedQuery(here, text);
    expect(asked).toEqual([]);
    expect(vectors.keeps).toBe(2);
  });

  it('is looked up once for all who ask at once', async () => {
    const { vectors, answers } = controlledVectors();
    const { provider, embedder } = open(vectors);
    const asking = [embedder.embedQuery(here, 'a'), embedder.embedQuery(here, 'a')];
    const adding = embedder.embedContents(here, ['a']);
    await settle();
    expect(answers).toHaveLength(1);
    const vector = Float32Array.of(0, 1, 0);
    answers[0]!(vector);
    expect(await Promise.all(asking)).toEqual([vector, vector]);
    expect(await adding).toEqual([[vector]]);
    expect(provider.calls).toEqual([]);
    expect(embedder.cacheStats()).toMatchObject({ hits: 3, misses: 0 });
  });
});

describe('a query that nobody asked before', () => {
  it('costs one look-up and one call, however many ask at once, and is kept once', async () => {
    const vectors = rememberingVectors();
    const { provider, embedder } = open(vectors);
    const early = [embedder.embedQuery(here, 'a'), embedder.embedQuery(here, 'a')];
    await settle();
    const late = embedder.embedQuery(here, 'a');
    await settle();
    expect(provider.calls.map(({ texts }) => texts)).toEqual([['a']]);
    provider.calls[0]!.answer();
    const [first] = await Promise.all([...early, late]);
    expect(await embedder.embedQuery(here, 'a')).toBe(first);
    expect(vectors).toMatchObject({ reads: 1, keeps: 1 });
    expect(embedder.cacheStats()).toMatchObject({ hits: 1, misses: 3 });
  });

  it('is not kept when the model failed', async () => {
    const vectors = rememberingVectors();
    const { provider, embedder } = open(vectors);
    const query = embedder.embedQuery(here, 'a');
    await settle();
    provider.calls[0]!.answer([[0, 0, 0]]);
    await expect(query).rejects.toThrow('zero vector');
    expect(vectors.keeps).toBe(0);
  });
});

it('contents are neither looked up nor kept', async () => {
  const vectors = rememberingVectors();
  const { embedder, asked } = start(vectors);
  await embedder.embedContents(here, ['a', 'b'], new AbortController().signal);
  await embedder.embedContents(here, ['a']);
  await embedder.embedContents(here, ['c']);
  expect(asked).toEqual(['a', 'b', 'c']);
  expect(vectors).toMatchObject({ reads: 0, keeps: 0 });
});

describe('a second level that', () => {
  const broken: Readonly<Record<string, QueryVectors['read']>> = {
    'does not answer': () => new Promise(() => {}),
    fails: () => Promise.reject(new Error('the connection is lost')),
    'fails at once': () => {
      throw new Error('it is closed');
    },
  };
  it.each(Object.entries(broken))('%s is given up: the model answers, and the log says so once', async (_, read) => {
    const { embedder, asked, log } = start({ read, keep: () => undefined });
    const texts = ['a', 'b', 'c'];
    const startedAt = performance.now();
    await Promise.all(texts.map((text) => embedder.embedQuery(here, text)));
    expect(performance.now() - startedAt).toBeLessThan(500);
    expect(asked).toEqual(texts);
    expect(embedder.cacheStats()).toMatchObject({ hits: 0, misses: 3 });
    expect(log.lines).toMatchObject([{ level: 'warn', fields: { err: expect.any(Error) } }]);
  });

  it('answers too late is not heard: the model was asked', async () => {
    const { vectors, answers } = controlledVectors();
    const { provider, embedder } = open(vectors);
    const query = embedder.embedQuery(here, 'a');
    await expect.poll(() => provider.calls.length).toBe(1);
    answers[0]!(Float32Array.of(0, 1, 0));
    expect(await stateOf(query)).toBe('pending');
    provider.calls[0]!.answer([[1, 0, 0]]);
    expect(await query).toEqual(Float32Array.of(1, 0, 0));
  });

  it('has a vector of another length is corrected', async () => {
    const vectors = rememberingVectors();
    await start(vectors).embedder.embedQuery(here, 'a');
    const [[name, vector] = ['', undefined]] = vectors.vectors;
    vectors.vectors.set(name, Float32Array.of(1, 0));
    const { embedder, asked } = start(vectors);
    expect(await embedder.embedQuery(here, 'a')).toEqual(vector);
    expect(asked).toEqual(['a']);
    expect(vectors.vectors.get(name)).toEqual(vector);
  });
});

describe('a caller who leaves while the second level is asked', () => {
  it('is told at once, and nothing is sent to the model', async () => {
    const { vectors, answers } = controlledVectors();
    const { provider, embedder } = open(vectors);
    const controller = new AbortController();
    const left = embedder.embedQuery(here, 'a', controller.signal);
    controller.abort();
    await expect(left).rejects.toMatchObject({ name: 'AbortError' });
    answers[0]!();
    await settle();
    expect(provider.calls).toEqual([]);
  });

  it('takes nothing from one who stays', async () => {
    const { vectors, answers } = controlledVectors();
    const { provider, embedder } = open(vectors);
    const first = new AbortController();
    const left = embedder.embedQuery(here, 'a', first.signal);
    const stayed = embedder.embedQuery(here, 'a');
    first.abort(new Error('budget spent'));
    await expect(left).rejects.toThrow('budget spent');
    answers[0]!();
    await settle();
    provider.calls[0]!.answer();
    expect(await stayed).toHaveLength(3);
  });

  it('takes nothing from one who comes in the next moment', async () => {
    const { vectors, answers } = controlledVectors();
    const { provider, embedder } = open(vectors);
    const controller = new AbortController();
    const left = embedder.embedQuery(here, 'a', controller.signal);
    controller.abort();
    await expect(left).rejects.toThrow();
    const next = embedder.embedQuery(here, 'a');
    for (const answer of answers) answer();
    await settle();
    expect(provider.calls.map(({ texts }) => texts)).toEqual([['a']]);
    provider.calls[0]!.answer();
    expect(await next).toHaveLength(3);
  });
});

it('closing rejects a query that the second level is asked for', async () => {
  const { vectors, answers } = controlledVectors();
  const { embedder } = open(vectors);
  const query = embedder.embedQuery(here, 'a');
  const isRefused = expect(query).rejects.toMatchObject({ code: 'UNAVAILABLE', message: 'the embedder is closed' });
  await embedder.close();
  answers[0]!();
  await isRefused;
});
