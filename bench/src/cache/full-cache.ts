import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Space } from '@anima/core';
import { openEmbedder } from '@anima/embeddings';
import { quietLog } from '@anima/store/measured';

/** Texts that are asked for at once. */
const atOnce = 200;

/** What a cache of so many queries takes in memory, bytes: in this process, after the garbage is collected. */
export async function sizeOfCache(modelUrl: string, modelName: string, entries: number): Promise<number> {
  const cache = { max: entries, ttlMs: 3_600_000 };
  const embedder = await openEmbedder({ provider: 'ollama', url: modelUrl, model: modelName, cache, log: quietLog });
  try {
    const space: Space = { id: 'cache', shard: 0, settings: {}, model: embedder.model };
    const collect = garbageCollector();
    const ask = (from: number) =>
      Promise.all(Array.from({ length: atOnce }, (_, index) => embedder.embedQuery(space, `query ${from + index}`)));
    // Connections and compiled code are no part of it.
    await ask(-atOnce);
    const before = usedBytes(collect);
    for (let from = 0; from < entries; from += atOnce) await ask(from);
    const used = usedBytes(collect) - before;
    const { size } = embedder.cacheStats();
    if (size !== entries) throw new Error(`the cache holds ${size} of ${entries}`);
    return used;
  } finally {
    await embedder.close();
  }
}

function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc');
}

function usedBytes(collect: () => void): number {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
