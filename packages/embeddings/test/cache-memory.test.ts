import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { createEmbedder } from '../src/embedder.ts';
import { controlledProvider } from './controlled-provider.ts';
import { recordingLog } from './recording-log.ts';

const dimensions = 768;
const count = 10_000;
const batch = 20;
const megabyte = 1_000_000;
const model = { provider: 'test', name: 'wide', dimensions };
/** Of somebody who waits: what nobody waits for is not kept. */
const awaited = new AbortController().signal;
const here = { id: 'here', shard: 0, settings: {}, model };

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** What is held; a buffer that nothing holds is let go some time after the collection that found it. */
async function usedBytes(): Promise<number> {
  let used = Number.POSITIVE_INFINITY;
  for (;;) {
    collectGarbage();
    await setImmediate();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    if (heapUsed + arrayBuffers > used - megabyte) return used;
    used = heapUsed + arrayBuffers;
  }
}

/** A vector inside a buffer that is a batch long, as models and databases hand them out. */
function vectorInBatch(index: number): Float32Array {
  return new Float32Array(batch * dimensions).subarray(index * dimensions, (index + 1) * dimensions).fill(1);
}

function open() {
  const provider = controlledProvider({
    ...{ model, maxBatch: batch, maxBatchCharacters: Number.POSITIVE_INFINITY },
    embed: async (texts) => texts.map((_, index) => vectorInBatch(index)),
  });
  return createEmbedder(provider, { max: count, ttlMs: 3_600_000 }, recordingLog());
}

const texts = (from: number) => Array.from({ length: batch }, (_, index) => `text ${from + index}`);

it('10,000 vectors of 768 dimensions take less than 100 MB', async () => {
  const embedder = open();
  embedder.useSecondLevel({ read: async () => undefined, keep: () => undefined });
  const before = await usedBytes();
  for (let from = 0; from < count; from += 2 * batch) {
    await embedder.embedContents(here, texts(from), awaited);
    await Promise.all(texts(from + batch).map((text) => embedder.embedQuery(here, text)));
  }
  const growth = (await usedBytes()) - before;
  expect(embedder.cacheStats()).toMatchObject({ size: count, maxSize: count });
  expect(growth).toBeGreaterThan(count * dimensions * Float32Array.BYTES_PER_ELEMENT);
  expect(growth).toBeLessThan(100 * megabyte);
});

it('so do 10,000 that the second level knew, whatever buffers they came in', async () => {
  const embedder = open();
  embedder.useSecondLevel({ read: async () => vectorInBatch(0), keep: () => undefined });
  const before = await usedBytes();
  for (let from = 0; from < count; from += batch) {
    await Promise.all(texts(from).map((text) => embedder.embedQuery(here, text)));
  }
  const growth = (await usedBytes()) - before;
  expect(embedder.cacheStats()).toMatchObject({ hits: count, size: count });
  expect(growth).toBeLessThan(100 * megabyte);
});
