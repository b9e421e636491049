import type { Space } from '@anima/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CachedEmbedder, openEmbedder } from '../src/index.ts';
import { recordingLog } from './recording-log.ts';

const model = { provider: 'builtin', name: 'energetic-ai/en', dimensions: 512 };
const space: Space = { id: 'here', shard: 0, settings: {}, model };
const log = recordingLog();
const openBuiltin = () => openEmbedder({ provider: 'builtin', cache: { max: 1_000, ttlMs: 60_000 }, log });

let embedder: CachedEmbedder;
beforeAll(async () => {
  embedder = await openBuiltin();
});
afterAll(() => embedder.close());

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);

async function cosine(a: string, b: string): Promise<number> {
  const [first, second] = await Promise.all([embedder.embedQuery(space, a), embedder.embedQuery(space, b)]);
  return dot(first, second);
}

describe('the builtin model', () => {
  it('gives unit vectors of its 512 dimensions', async () => {
    expect(embedder.model).toEqual({ provider: 'builtin', name: 'energetic-ai/en', dimensions: 512 });
    for (const text of ['hello', ' ', '\u{1F600}', '日本語', 'x'.repeat(300)]) {
      const vector = await embedder.embedQuery(space, text);
      expect(vector).toHaveLength(512);
      expect(dot(vector, vector)).toBeCloseTo(1, 5);
    }
  });

  it('finds related texts closer than unrelated ones', async () => {
    const related = await cosine(
      'How do I reset my password?',
      'I forgot my login credentials, how can I recover them?',
    );
    const unrelated = await cosine('How do I reset my password?', 'The cat sleeps on the warm roof all day.');
    expect(related).toBeGreaterThan(unrelated + 0.2);
  });

  it('gives a text the same vector in company and alone', async () => {
    const text = 'Caroline went to the support group yesterday.';
    const [[inCompany] = []] = await embedder.embedContents(space, [text, 'A cat.', 'Something else entirely.']);
    const alone = await embedder.embedQuery({ ...space, id: 'elsewhere' }, text);
    expect(dot(inCompany!, alone)).toBeCloseTo(1, 5);
  });

  it('reads a chunk of a conversation to its end', async () => {
    const start = 'Melanie: We went camping in the mountains with the kids last weekend, and they loved it. '.repeat(4);
    const [one, other] = ['the stars were bright', 'my car broke down'].map((end) => start.slice(0, 290) + end);
    expect(await cosine(one!, other!)).toBeLessThan(0.999);
  });

  it('reads a long text to its end, chunk by chunk', async () => {
    const start = 'Melanie: We went camping in the mountains with the kids last weekend. '.repeat(10);
    const [chunks = []] = await embedder.embedContents(space, [`${start}The invoice number was 4711.`]);
    expect(chunks.length).toBeGreaterThan(1);
    const question = await embedder.embedQuery(space, 'What was the number of the invoice?');
    const scores = chunks.map((chunk) => dot(chunk, question));
    expect(scores.indexOf(Math.max(...scores))).toBe(chunks.length - 1);
  });

  it('leaves the main thread free while it computes', async () => {
    const texts = Array.from({ length: 6 }, (_, index) => `${index} some words to think about`.repeat(10));
    let ticks = 0;
    let isDone = false;
    const tick = () => {
      ticks += 1;
      if (!isDone) setImmediate(tick);
    };
    setImmediate(tick);
    await embedder.embedContents(space, texts);
    isDone = true;
    // On the main thread there would be a tick or two between two texts.
    expect(ticks).toBeGreaterThan(100 * texts.length);
  });

  it('opens before it has loaded, and closes then too', async () => {
    const opened = await openBuiltin();
    const early = opened.embedQuery(space, 'too early');
    const isRefused = expect(early).rejects.toMatchObject({ code: 'UNAVAILABLE', message: 'the embedder is closed' });
    await opened.close();
    await isRefused;
    expect(log.lines).toEqual([]);
  });
});
