import { AnimaError } from '@anima/core';
import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { adviseOnCache } from '../src/cache-advice.ts';
import { createApi } from '../src/index.ts';
import { hostOf } from './host.ts';
import { stubParts } from './stub-parts.ts';

const down = async () => {
  throw new AnimaError('UNAVAILABLE', 'the database does not answer');
};

describe('health', () => {
  it('/health says who answers, bare', async () => {
    const app = await hostOf(stubParts());
    const { statusCode, json } = await app.inject('/health');
    expect(statusCode).toBe(200);
    expect(json()).toEqual({ status: 'ok', timestamp: expect.any(String), service: 'anima', version: '0.0.0-test' });
    await app.close();
  });

  it('/health/live is 200 while the process lives, whatever the database does', async () => {
    const app = await hostOf(stubParts({ ping: down, gauges: down }));
    expect((await app.inject('/health/live')).statusCode).toBe(200);
    await app.close();
  });

  it('/health/ready is 200 while the database answers', async () => {
    const app = await hostOf(stubParts());
    expect((await app.inject('/health/ready')).statusCode).toBe(200);
    await app.close();
  });

  it('/health/ready is 503 with a reason and Retry-After while the database does not answer', async () => {
    const app = await hostOf(stubParts({ ping: down }));
    const response = await app.inject('/health/ready');
    expect(response.statusCode).toBe(503);
    expect(response.json()).toEqual({ status: 'unready', reason: 'the database does not answer' });
    expect(response.headers['retry-after']).toBe('2');
    await app.close();
  });

  it('/health/ready is 503 once the process drains, and requests are still served', async () => {
    const api = createApi(stubParts());
    const app = Fastify(api.fastifyOptions);
    await app.register(api.plugin, { faces: 'all' });
    api.drain();
    expect((await app.inject('/health/ready')).statusCode).toBe(503);
    expect((await app.inject('/api/v1/memories/bootstrap')).statusCode).toBe(200);
    await app.close();
  });
});

describe('metrics', () => {
  it('are of the operations of both faces', async () => {
    const app = await hostOf(stubParts());
    await app.inject({ method: 'POST', url: '/api/v1/memories/add', payload: { content: 'one' } });
    await app.inject({ method: 'POST', url: '/trpc/memories.add', payload: { content: 'two' } });
    const metrics = (await app.inject('/api/v1/meta/metrics')).json();
    expect(metrics).toMatchObject({
      cache: { hits: 1, misses: 3, hitRate: 0.25, size: 3, maxSize: 10_000, status: 'warming' },
      database: { totalConnections: 1, idleConnections: 1, waitingConnections: 0, status: 'healthy' },
      folds: { lagEvents: 3, lagMs: 1_500 },
      embeddings: { pending: 2, provider: 'stub', model: 'stub', dimensions: 3 },
      jobs: { queued: 1, active: 0, failed: 0 },
      latency: { add: { count: 2, p50: expect.any(Number) }, query: { count: 0, p50: null }, bootstrap: { count: 0 } },
    });
    expect((await app.inject('/trpc/meta.metrics')).json().result.data).toEqual({
      ...metrics,
      timestamp: expect.any(String),
      process: expect.any(Object),
    });
    await app.close();
  });

  it('say what the process takes', async () => {
    const app = await hostOf(stubParts());
    const { process: reading } = (await app.inject('/api/v1/meta/metrics')).json();
    const { rss } = process.memoryUsage();
    expect(reading.rssBytes / rss).toBeGreaterThan(0.5);
    expect(reading.rssBytes / rss).toBeLessThan(2);
    expect(reading.heapUsedBytes).toBeLessThan(reading.rssBytes);
    expect(reading.handles).toBeGreaterThan(0);
    expect(reading.uptimeMs).toBeGreaterThan(0);
    await app.close();
  });

  it('call a database saturated when more than five requests wait for it', async () => {
    const { store } = stubParts();
    const crowded = { ...(await store.gauges()), pool: { total: 50, idle: 0, waiting: 6, max: 50 } };
    const app = await hostOf(stubParts({ gauges: async () => crowded }));
    expect((await app.inject('/api/v1/meta/metrics')).json().database.status).toBe('saturated');
    await app.close();
  });

  it('are 503 UNAVAILABLE while the database does not answer', async () => {
    const app = await hostOf(stubParts({ gauges: down }));
    const response = await app.inject('/api/v1/meta/metrics');
    expect(response.statusCode).toBe(503);
    expect(response.json().error.code).toBe('UNAVAILABLE');
    await app.close();
  });
});

describe('Prometheus text', () => {
  it('has the process, operations by status, cache, pool, folds, pending and jobs', async () => {
    const app = await hostOf(stubParts({ cite: down }));
    await app.inject({ method: 'POST', url: '/api/v1/memories/add', payload: { content: 'one' } });
    const cite = { recallId: crypto.randomUUID(), memoryIds: [crypto.randomUUID()] };
    await app.inject({ method: 'POST', url: '/trpc/memories.cite', payload: cite });
    const { headers, body } = await app.inject('/metrics');
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    for (const line of [
      /^process_cpu_seconds_total /m,
      /^process_resident_memory_bytes /m,
      /^nodejs_heap_size_used_bytes /m,
      /^nodejs_active_resources_total /m,
      /^anima_operation_duration_seconds_count\{operation="add",status="ok"\} 1$/m,
      /^anima_operation_duration_seconds_count\{operation="cite",status="UNAVAILABLE"\} 1$/m,
      /^anima_embedding_cache_hits_total 1$/m,
      /^anima_embedding_cache_misses_total 3$/m,
      /^anima_db_up 1$/m,
      /^anima_db_connections 1$/m,
      /^anima_fold_lag_events 3$/m,
      /^anima_fold_lag_seconds 1\.5$/m,
      /^anima_folded_events_total\{projection="associations"\} 4$/m,
      /^anima_embeddings_pending 2$/m,
      /^anima_jobs_queued 1$/m,
    ]) {
      expect(body).toMatch(line);
    }
    await app.close();
  });

  it('shows a database that is down as down, not with old readings', async () => {
    let isUp = true;
    const { store } = stubParts();
    const app = await hostOf(stubParts({ gauges: () => (isUp ? store.gauges() : down()) }));
    await app.inject('/metrics');
    isUp = false;
    const { statusCode, body } = await app.inject('/metrics');
    expect(statusCode).toBe(200);
    expect(body).toMatch(/^anima_db_up 0$/m);
    expect(body).not.toMatch(/^anima_fold_lag_events /m);
    await app.close();
  });
});

describe('cache advice', () => {
  const stats = (hits: number, misses: number, size: number) => ({
    hits,
    misses,
    hitRate: hits + misses === 0 ? 0 : hits / (hits + misses),
    size,
    maxSize: 1_000,
  });

  it('does not judge before a hundred look-ups', () => {
    expect(adviseOnCache(stats(0, 99, 99)).status).toBe('warming');
  });

  it('is content with half of the look-ups hitting', () => {
    expect(adviseOnCache(stats(50, 50, 50)).status).toBe('healthy');
  });

  it('asks for a larger cache only where it is full', () => {
    expect(adviseOnCache(stats(10, 990, 1_000)).recommendation).toContain('raise EMBEDDING_CACHE_MAX above 1000');
    expect(adviseOnCache(stats(10, 990, 500)).recommendation).toContain('EMBEDDING_CACHE_TTL_MS');
  });
});

it('a worker shows its state and serves no memories', async () => {
  const api = createApi(stubParts());
  const app = Fastify(api.fastifyOptions);
  await app.register(api.plugin, { faces: 'service' });
  for (const url of ['/health', '/health/ready', '/metrics', '/api/v1/meta/metrics']) {
    expect((await app.inject(url)).statusCode, url).toBe(200);
  }
  for (const url of ['/api/v1/memories/bootstrap', '/trpc/memories.bootstrap']) {
    expect((await app.inject(url)).statusCode, url).toBe(404);
  }
  await app.close();
});
