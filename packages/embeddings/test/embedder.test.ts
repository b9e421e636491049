import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createEmbedder } from '../src/embedder.ts';
import { type Provider, ProviderError } from '../src/provider.ts';
import { Scheduler } from '../src/scheduler.ts';
import { VectorCache } from '../src/vector-cache.ts';
import { controlledProvider, settle, stateOf } from './controlled-provider.ts';
import { recordingLog } from './recording-log.ts';

const model = { provider: 'test', name: 'controlled', dimensions: 3 };
const here = { id: 'here', shard: 0, settings: {}, model };
const there = { id: 'there', shard: 0, settings: {}, model };

afterEach(() => vi.restoreAllMocks());

function open(overrides: Partial<Provider> = {}, cache = { max: 100, ttlMs: 60_000 }) {
  const provider = controlledProvider(overrides);
  return { provider, embedder: createEmbedder(provider, cache, recordingLog()) };
}

/** A model that answers at once and counts what it is asked for. */
function openInstant(cache?: { max: number; ttlMs: number }) {
  const asked: string[] = [];
  const opened = open(
    {
      embed: async (texts) => {
        asked.push(...texts);
        return texts.map((text) => [text.length, 1, 0]);
      },
    },
    cache,
  );
  return { ...opened, asked };
}

describe('cache', () => {
  it('asks the model once for a text, whether as query or as content', async () => {
    const { embedder, asked } = openInstant();
    const first = await embedder.embedQuery(here, 'a');
    expect(await embedder.embedQuery(here, 'a')).toEqual(first);
    expect(await embedder.embedContents(here, ['a', 'a'])).toEqual([[first], [first]]);
    expect(asked).toEqual(['a']);
    expect(embedder.cacheStats()).toEqual({ hits: 3, misses: 1, hitRate: 0.75, size: 1, maxSize: 100 });
  });

  it('forgets the least recently used text: a hit refreshes an entry (fault 11)', async () => {
    const { embedder, asked } = openInstant({ max: 2, ttlMs: 60_000 });
    for (const text of ['a', 'b', 'a', 'c', 'a', 'b']) await embedder.embedQuery(here, text);
    expect(asked).toEqual(['a', 'b', 'c', 'b']);
    expect(embedder.cacheStats()).toMatchObject({ hits: 2, size: 2, maxSize: 2 });
  });

  it('does not keep what nobody waited for: a reembedding must not push out what is asked for', async () => {
    const { embedder, asked } = openInstant({ max: 2, ttlMs: 60_000 });
    await embedder.embedQuery(here, 'asked');
    await embedder.embedContents(here, ['b', 'c', 'd']);
    await embedder.embedQuery(here, 'asked');
    expect(asked).toEqual(['asked', 'b', 'c', 'd']);
    expect(embedder.cacheStats()).toMatchObject({ size: 1 });
  });

  it('never answers one space from what another has asked', async () => {
    const { embedder, asked } = openInstant();
    await embedder.embedQuery(here, 'a');
    await embedder.embedQuery(there, 'a');
    expect(asked).toEqual(['a', 'a']);
    expect(embedder.cacheStats()).toMatchObject({ hits: 0, misses: 2 });
  });

  it('does not share a call under way with another space either', async () => {
    const { provider, embedder } = open({ maxBatch: 1, concurrency: 2 });
    void embedder.embedQuery(here, 'a');
    void embedder.embedQuery(there, 'a');
    await settle();
    expect(provider.calls.map(({ texts }) => texts)).toEqual([['a'], ['a']]);
  });

  it('does not keep failures', async () => {
    const { provider, embedder } = open();
    const failing = embedder.embedQuery(here, 'a');
    await settle();
    provider.calls[0]!.fail(new ProviderError('down'));
    await expect(failing).rejects.toThrow('down');
    const second = embedder.embedQuery(here, 'a');
    await settle();
    provider.calls[1]!.answer();
    expect(await second).toHaveLength(3);
    expect(embedder.cacheStats()).toMatchObject({ hits: 0, misses: 2, size: 1 });
  });

  it('forgets a vector at its age, however often it was used', async () => {
    let now = 1_000_000;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const advance = async (ms: number) => {
      now += ms;
      // The cache reads the clock at most once in a millisecond of real time.
      await setTimeout(5);
    };
    const { embedder, asked } = openInstant({ max: 10, ttlMs: 1_000 });
    await embedder.embedQuery(here, 'a');
    await advance(900);
    await embedder.embedQuery(here, 'a');
    expect(asked).toEqual(['a']);
    await advance(200);
    await embedder.embedQuery(here, 'a');
    expect(asked).toEqual(['a', 'a']);
  });
});

describe('callers who want the same text at once', () => {
  it('share one call', async () => {
    const { provider, embedder } = open();
    const answers = Promise.all([
      embedder.embedQuery(here, 'a'),
      embedder.embedContents(here, ['a']),
      embedder.embedQuery(here, 'a'),
    ]);
    await settle();
    expect(provider.calls.map(({ texts }) => texts)).toEqual([['a']]);
    provider.calls[0]!.answer();
    const [query, [[content] = []], again] = await answers;
    expect(query).toEqual(content);
    expect(query).toEqual(again);
  });

  it('get their answer although the one who asked first has left', async () => {
    const { provider, embedder } = open();
    void embedder.embedQuery(here, 'in front');
    await settle();
    const first = new AbortController();
    const left = embedder.embedQuery(here, 'a', first.signal);
    const stayed = embedder.embedQuery(here, 'a');
    first.abort(new Error('budget spent'));
    await expect(left).rejects.toThrow('budget spent');
    provider.calls[0]!.answer();
    await settle();
    provider.calls[1]!.answer();
    expect(await stayed).toHaveLength(3);
    expect(provider.calls.map(({ texts }) => texts)).toEqual([['in front'], ['a']]);
  });
});

describe('a caller who leaves', () => {
  it('is told at once, and its waiting text is never sent', async () => {
    const { provider, embedder } = open();
    void embedder.embedQuery(here, 'in front');
    await settle();
    const controller = new AbortController();
    const left = embedder.embedContents(here, ['a', 'b'], controller.signal);
    controller.abort();
    await expect(left).rejects.toMatchObject({ name: 'AbortError' });
    provider.calls[0]!.answer();
    await settle();
    expect(provider.calls.map(({ texts }) => texts)).toEqual([['in front']]);
  });

  it('leaves a text in flight to finish: the next one finds it in the cache', async () => {
    const { provider, embedder } = open();
    const controller = new AbortController();
    const left = embedder.embedQuery(here, 'a', controller.signal);
    await settle();
    controller.abort();
    await expect(left).rejects.toMatchObject({ name: 'AbortError' });
    provider.calls[0]!.answer();
    await settle();
    expect(await stateOf(embedder.embedQuery(here, 'a'))).toBe('fulfilled');
    expect(provider.calls).toHaveLength(1);
    expect(embedder.cacheStats()).toMatchObject({ hits: 1, misses: 1 });
  });

  it('takes nothing from one who asks for the same text in the next moment', async () => {
    const provider = controlledProvider();
    const scheduler = new Scheduler(provider, recordingLog());
    const cache = new VectorCache({ max: 10, ttlMs: 60_000 });
    cache.lookup(here, 'a', 'query', scheduler).release();
    const next = cache.lookup(here, 'a', 'query', scheduler);
    await settle();
    provider.calls[0]!.answer();
    expect(await next.vector).toHaveLength(3);
  });

  it('asks for nothing when it had left before it came', async () => {
    const { provider, embedder } = open();
    await expect(embedder.embedQuery(here, 'a', AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
    await settle();
    expect(provider.calls).toEqual([]);
    expect(embedder.cacheStats()).toMatchObject({ misses: 0 });
  });
});

describe('long texts', () => {
  it('are embedded chunk by chunk, each text with its own chunks in order', async () => {
    const { embedder, asked } = openInstant();
    const long = `${'x'.repeat(80)}. ${'y'.repeat(90)}`;
    const vectors = await embedder.embedContents(here, ['short', long, '']);
    expect(vectors.map(({ length }) => length)).toEqual([1, 2, 1]);
    expect(asked).toEqual(['short', `${'x'.repeat(80)}.`, 'y'.repeat(90), '']);
    expect(vectors[1]).toEqual([
      await embedder.embedQuery(here, `${'x'.repeat(80)}.`),
      await embedder.embedQuery(here, 'y'.repeat(90)),
    ]);
  });

  it('as queries have the direction between their chunks, as a unit vector', async () => {
    const { provider, embedder } = open();
    const query = embedder.embedQuery(here, `${'x'.repeat(80)} ${'y'.repeat(90)}`);
    await settle();
    provider.calls[0]!.answer([
      [5, 0, 0],
      [0, 1, 0],
    ]);
    const half = Math.SQRT1_2;
    expect(Array.from(await query)).toEqual([expect.closeTo(half), expect.closeTo(half), 0]);
  });

  it('fail as a whole when one chunk fails, and what still waits is not sent', async () => {
    const { provider, embedder } = open({ maxBatch: 1 });
    const contents = embedder.embedContents(here, ['a', 'b', 'c']);
    await settle();
    provider.calls[0]!.fail(new ProviderError('down'));
    await expect(contents).rejects.toThrow('down');
    await settle();
    expect(provider.calls.map(({ texts }) => texts[0])).not.toContain('c');
  });
});

it('closing rejects the callers who still wait', async () => {
  const { embedder } = open();
  const query = embedder.embedQuery(here, 'a');
  const isRefused = expect(query).rejects.toMatchObject({ code: 'UNAVAILABLE', message: 'the embedder is closed' });
  await embedder.close();
  await isRefused;
});
