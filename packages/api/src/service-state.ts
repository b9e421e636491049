import type { Finding } from '@anima/core';
import { z } from 'zod';
import { adviseOnCache, cacheStatuses } from './cache-advice.ts';
import type { ApiDependencies } from './dependencies.ts';
import { doctor } from './doctor.ts';
import type { Meter } from './meter.ts';
import type { Setting } from './settings.ts';

/** How the service shows its own state. The shapes are the contract: types and OpenAPI follow from them. */

const count = z.int().min(0);
const ms = z.number().min(0).describe('Milliseconds');
const latency = z.object({ count, p50: ms.nullable(), p95: ms.nullable(), p99: ms.nullable() });
const cache = z.object({ hits: count, misses: count, hitRate: z.number().min(0).max(1), size: count, maxSize: count });

export const healthView = z
  .object({
    status: z.literal('ok'),
    timestamp: z.iso.datetime(),
    service: z.literal('anima'),
    version: z.string(),
  })
  .describe('The service and its version');

export const cacheStatsView = z
  .object({ cache, recommendation: z.string() })
  .describe('What the cache did since the start');

export const metricsView = z
  .object({
    cache: cache.extend({ status: z.enum(cacheStatuses) }),
    database: z.object({
      totalConnections: count,
      idleConnections: count,
      waitingConnections: count,
      status: z.enum(['healthy', 'saturated']),
    }),
    folds: z.object({ lagEvents: count, lagMs: ms }),
    embeddings: z.object({ pending: count, provider: z.string(), model: z.string(), dimensions: count }),
    jobs: z.object({ queued: count, active: count, failed: count }),
    latency: z
      .object({ add: latency, query: latency, bootstrap: latency })
      .describe('Of the last five minutes, from the arrival of a request to the end of its operation'),
    process: z
      .object({
        rssBytes: count.describe('Memory that it occupies'),
        heapUsedBytes: count.describe('Of it, JavaScript objects, some of them dead'),
        handles: count.describe('Sockets, files, timers and requests that keep it alive'),
        uptimeMs: count,
      })
      .describe('The process that answers'),
    timestamp: z.iso.datetime(),
  })
  .describe('A reading of every gauge');

/** More requests than this waiting for a connection mean that the pool is too small or the database too slow. */
const tolerableWaiting = 5;

export interface ServiceState {
  health(): z.output<typeof healthView>;
  cacheStats(): z.output<typeof cacheStatsView>;
  /** @throws AnimaError `UNAVAILABLE` when the database does not answer */
  metrics(): Promise<z.output<typeof metricsView>>;
  doctor(): Promise<readonly Finding[]>;
  settings(): readonly Setting[];
}

export function createServiceState(dependencies: ApiDependencies, meter: Meter): ServiceState {
  const { store, embedder, version } = dependencies;
  const now = () => new Date().toISOString();
  return {
    health: () => ({ status: 'ok', timestamp: now(), service: 'anima', version }),
    cacheStats() {
      const stats = embedder.cacheStats();
      return { cache: stats, recommendation: adviseOnCache(stats).recommendation };
    },
    doctor: () => doctor(dependencies),
    settings: () => dependencies.settings,
    async metrics() {
      const { pool, folds, pendingEmbeddings, jobs } = await store.gauges();
      const { provider, name, dimensions } = embedder.model;
      const stats = embedder.cacheStats();
      return {
        cache: { ...stats, status: adviseOnCache(stats).status },
        database: {
          totalConnections: pool.total,
          idleConnections: pool.idle,
          waitingConnections: pool.waiting,
          status: pool.waiting > tolerableWaiting ? 'saturated' : 'healthy',
        },
        folds,
        embeddings: { pending: pendingEmbeddings, provider, model: name, dimensions },
        jobs,
        latency: meter.latency(),
        process: readProcess(),
        timestamp: now(),
      };
    },
  };
}

function readProcess(): z.output<typeof metricsView>['process'] {
  const { rss, heapUsed } = process.memoryUsage();
  return {
    rssBytes: rss,
    heapUsedBytes: heapUsed,
    handles: process.getActiveResourcesInfo().length,
    uptimeMs: Math.round(1_000 * process.uptime()),
  };
}
