import { randomUUID } from 'node:crypto';
import type { Finding } from '@anima/core';
import { adviseOnCache } from './cache-advice.ts';
import type { ApiDependencies } from './dependencies.ts';

/** A model that takes longer than this for one short text makes answers pending or degraded, ms. */
const slowModelMs = 150;
/** How long the model is waited for, ms. */
const patienceMs = 10_000;

/** Looks at the store, the model and the cache of this server. Changes nothing. */
export async function doctor(dependencies: ApiDependencies): Promise<readonly Finding[]> {
  const { store, embedder, version } = dependencies;
  return [
    { subject: 'server', status: 'ok', message: `Anima ${version}, Node ${process.versions.node}` },
    ...(await store.examine()),
    await lookAtModel(embedder),
    lookAtCache(embedder),
  ];
}

async function lookAtModel(embedder: ApiDependencies['embedder']): Promise<Finding> {
  const { provider, name, dimensions } = embedder.model;
  const model = `${provider} ${name}, ${dimensions} dimensions`;
  const startedAt = performance.now();
  try {
    // No text twice: the answer must not come from the cache.
    await embedder.embedQuery(
      { id: 'doctor', shard: 0, settings: {} },
      `probe ${randomUUID()}`,
      AbortSignal.timeout(patienceMs),
    );
  } catch (error) {
    return {
      subject: 'model',
      status: 'failure',
      message: `${model}: ${error instanceof Error ? error.message : String(error)}`,
      advice: 'Is its server up, and the model there? Until then memories are found by their words only.',
    };
  }
  const ms = Math.round(performance.now() - startedAt);
  if (ms <= slowModelMs) return { subject: 'model', status: 'ok', message: `${model}, answered in ${ms} ms` };
  return {
    subject: 'model',
    status: 'warning',
    message: `${model}, answered in ${ms} ms`,
    advice: 'Slower than the budgets: adds answer "pending", queries "degraded". A smaller model or a GPU helps.',
  };
}

function lookAtCache(embedder: ApiDependencies['embedder']): Finding {
  const stats = embedder.cacheStats();
  const { status, recommendation } = adviseOnCache(stats);
  const message = `${stats.size} of ${stats.maxSize} texts, ${Math.round(100 * stats.hitRate)} % hits (${status})`;
  return { subject: 'cache', status: 'ok', message: `${message}. ${recommendation}` };
}
