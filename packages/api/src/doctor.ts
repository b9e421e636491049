import { randomUUID } from 'node:crypto';
import type { EmbeddingModel, Finding } from '@anima/core';
import { adviseOnCache } from './cache-advice.ts';
import type { ApiDependencies } from './dependencies.ts';

/** A model that takes longer than this for one short text makes answers pending or degraded, ms. */
const slowModelMs = 150;
/** How long the model is waited for, ms. */
const patienceMs = 10_000;

/** Looks at the store, the model, the cache and the Redis of this server. Changes nothing. */
export async function doctor(dependencies: ApiDependencies): Promise<readonly Finding[]> {
  const { store, embedder, redis, version } = dependencies;
  return [
    { subject: 'server', status: 'ok', message: `Anima ${version}, Node ${process.versions.node}` },
    ...(await store.examine()),
    ...(await lookAtAllModels(dependencies)),
    lookAtCache(embedder),
    redis ? await redis.examine() : { subject: 'redis', status: 'ok', message: 'not used: REDIS_URL is not set' },
  ];
}

/** That of new spaces, and those that spaces have. */
async function lookAtAllModels({ store, embedder }: ApiDependencies): Promise<readonly Finding[]> {
  // Without a database only the first is known, and the store has said so.
  const inUse = await store.modelsInUse().catch(() => []);
  const others = inUse.map(({ model }) => model).filter((model) => !isSame(model, embedder.model));
  return Promise.all([embedder.model, ...others].map((model) => lookAtModel(embedder, model)));
}

function isSame(a: EmbeddingModel, b: EmbeddingModel): boolean {
  return a.provider === b.provider && a.name === b.name && a.dimensions === b.dimensions;
}

async function lookAtModel(embedder: ApiDependencies['embedder'], ofSpaces: EmbeddingModel): Promise<Finding> {
  const { provider, name, dimensions } = ofSpaces;
  const model = `${provider} ${name}, ${dimensions} dimensions`;
  const startedAt = performance.now();
  try {
    // No text twice: the answer must not come from the cache.
    await embedder.embedQuery(
      { id: 'doctor', shard: 0, settings: {}, model: ofSpaces },
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
