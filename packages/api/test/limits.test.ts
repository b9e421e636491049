import type { SharedRedis } from '@anima/core';
import Fastify from 'fastify';
import { describe, expect, it, test } from 'vitest';
import { createAdmission } from '../src/admission.ts';
import { createApi } from '../src/index.ts';
import { stubParts } from './stub-parts.ts';

const keyed = (key: string) => ({ authorization: `Bearer ${key}` });

async function host(requestsPerMinute: number, redis?: SharedRedis) {
  const parts = stubParts();
  const principalOf = async (key: string) =>
    key.startsWith('good') ? { keyId: key, role: 'read' as const, spaces: undefined } : undefined;
  const api = createApi({ ...parts, requestsPerMinute, redis, keys: { ...parts.store, principalOf } });
  const app = Fastify(api.fastifyOptions);
  await app.register(api.plugin, { faces: 'all' });
  await app.ready();
  return app;
}

describe('a key', () => {
  it('asks so often and no more, hears how much is left and when to come back, and others are not held up', async () => {
    const app = await host(3);
    const list = (key: string) => app.inject({ url: '/api/v1/memories', headers: keyed(key) });
    for (const left of ['2', '1', '0']) {
      const { statusCode, headers } = await list('good-1');
      expect([statusCode, headers['ratelimit-limit'], headers['ratelimit-remaining']]).toEqual([200, '3', left]);
    }
    const refused = await list('good-1');
    expect([refused.statusCode, refused.json().error.code]).toEqual([429, 'RATE_LIMITED']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(1);
    const inTrpc = await app.inject({ url: '/trpc/memories.list?input={}', headers: keyed('good-1') });
    expect([inTrpc.statusCode, inTrpc.json().error.data.anima.code]).toEqual([429, 'RATE_LIMITED']);
    expect((await list('good-2')).statusCode).toBe(200);
    for (let asked = 0; asked < 5; asked += 1) expect((await app.inject('/health/live')).statusCode).toBe(200);
    await app.close();
  });

  it('that is wrong is tried thirty times a minute from one address, and a right one still opens', async () => {
    const app = await host(1_000);
    const ask = async (key: string) => (await app.inject({ url: '/metrics', headers: keyed(key) })).statusCode;
    for (let tried = 0; tried < 30; tried += 1) expect(await ask(`bad-${tried}`)).toBe(401);
    expect(await ask('bad')).toBe(429);
    expect(await ask('good')).toBe(200);
    await app.close();
  });
});

/** Counts as Redis does, while it is there. */
function stubRedis() {
  const counts = new Map<string, number>();
  const redis = {
    isThere: true,
    async count(name: string, windowMs: number) {
      if (!redis.isThere) throw new Error('Redis is not there');
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      return { count, remainingMs: windowMs };
    },
    reading: () => ({ isUp: redis.isThere, hits: 5, misses: 2, failures: 1 }),
    examine: async () => ({ subject: 'redis', status: 'ok' as const, message: 'a stub' }),
  };
  return redis;
}

describe('processes that share a Redis', () => {
  it('count a key together', async () => {
    const redis = stubRedis();
    const apps = [await host(3, redis), await host(3, redis)] as const;
    const list = (app: (typeof apps)[number]) => app.inject({ url: '/api/v1/memories', headers: keyed('good-1') });
    const answers = [await list(apps[0]), await list(apps[1]), await list(apps[0]), await list(apps[1])];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 429]);
    expect(answers.map(({ headers }) => headers['ratelimit-remaining'])).toEqual(['2', '1', '0', '0']);
    expect(answers[3]!.headers['retry-after']).toBe('60');
    await Promise.all(apps.map((app) => app.close()));
  });

  it('count each for itself while it is not there: a limit is looser then, but there is one', async () => {
    const redis = stubRedis();
    redis.isThere = false;
    const apps = [await host(3, redis), await host(3, redis)] as const;
    for (const app of apps) {
      const statuses: number[] = [];
      for (let asked = 0; asked < 4; asked += 1) {
        statuses.push((await app.inject({ url: '/api/v1/memories', headers: keyed('good-1') })).statusCode);
      }
      expect(statuses).toEqual([200, 200, 200, 429]);
      for (let tried = 0; tried < 30; tried += 1) await app.inject({ url: '/metrics', headers: keyed(`bad-${tried}`) });
      expect((await app.inject({ url: '/metrics', headers: keyed('bad') })).statusCode).toBe(429);
    }
    redis.isThere = true;
    expect((await apps[0].inject({ url: '/api/v1/memories', headers: keyed('good-1') })).statusCode).toBe(200);
    await Promise.all(apps.map((app) => app.close()));
  });

  it('say in metrics whether it is there', async () => {
    const redis = stubRedis();
    const app = await host(100, redis);
    const metrics = async () => (await app.inject({ url: '/metrics', headers: keyed('good') })).body;
    for (const line of [
      /^anima_redis_up 1$/m,
      /^anima_redis_vector_hits_total 5$/m,
      /^anima_redis_failures_total 1$/m,
    ]) {
      expect(await metrics()).toMatch(line);
    }
    redis.isThere = false;
    expect(await metrics()).toMatch(/^anima_redis_up 0$/m);
    await app.close();
    const alone = await host(100);
    expect((await alone.inject({ url: '/metrics', headers: keyed('good') })).body).not.toContain('redis');
    await alone.close();
  });
});

test('a batch of more calls than a client sends is refused', async () => {
  const app = await host(1_000);
  const url = (calls: number) =>
    `/trpc/${Array(calls).fill('memories.list').join(',')}?batch=1&input=${encodeURIComponent('{}')}`;
  expect((await app.inject({ url: url(21), headers: keyed('good') })).statusCode).toBe(400);
  await app.close();
});

test('where there is no room, each face refuses in its own shape before it reads, and how the service does is still to be seen', async () => {
  const parts = stubParts();
  const held = Promise.withResolvers<void>();
  const { list } = parts.store;
  const store = {
    ...parts.store,
    list: async (...args: Parameters<typeof list>) => held.promise.then(() => list(...args)),
  };
  const api = createApi({ ...parts, store, shedAboveMs: 300 });
  const app = Fastify(api.fastifyOptions);
  await app.register(api.plugin, { faces: 'all' });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${url}${path}`, { ...init, headers: { 'x-request-id': 'mine', 'content-type': 'application/json' } });
  const admitted = Array.from({ length: 60 }, () => ask('/api/v1/memories'));
  // The first that is refused finds all of the room taken.
  expect((await Promise.race(admitted)).status).toBe(503);

  const refused = await ask('/api/v1/memories/add', { method: 'POST', body: '{ not read' });
  expect([refused.status, refused.headers.get('retry-after'), refused.headers.get('x-request-id')]).toEqual([
    503,
    '1',
    'mine',
  ]);
  expect(await refused.json()).toMatchObject({
    success: false,
    error: { code: 'OVERLOADED' },
    meta: { requestId: 'mine' },
  });
  const inTrpc = await ask('/trpc/memories.list?input={}');
  expect(inTrpc.status).toBe(503);
  expect(await inTrpc.json()).toMatchObject({ error: { data: { anima: { code: 'OVERLOADED' } } } });
  const inMcp = await ask('/mcp', { method: 'POST', body: '{}' });
  expect(inMcp.status).toBe(503);
  expect(await inMcp.json()).toMatchObject({ error: { data: { code: 'OVERLOADED' } } });
  for (const path of ['/health/live', '/metrics', '/api/v1/meta/metrics', '/api/v1/openapi.json'])
    expect((await ask(path)).status, path).toBe(200);

  expect(refused.headers.get('connection')).toBe('keep-alive');
  api.drain();
  expect((await ask('/api/v1/memories')).headers.get('connection')).toBe('close');

  held.resolve();
  for (const answer of admitted) expect([200, 503]).toContain((await answer).status);
  expect((await ask('/api/v1/memories')).status).toBe(200);
  await app.close();
});

const aborted = (signal: AbortSignal) => new Promise((resolve) => signal.addEventListener('abort', resolve));

describe('admission', () => {
  /** Requests come at a constant rate to a server that answers so many a second, one after the other. */
  async function drive(aimMs: number, perSecond: number, served: number, isStill = (_clock: number) => false) {
    let clock = 0;
    const admission = createAdmission(aimMs, () => clock);
    const queue: { readonly since: number; done(): void }[] = [];
    const waited: number[] = [];
    let [turnedAway, due] = [0, 0];
    for (clock = 0; clock < 4_000; clock += 5) {
      for (; due <= clock; due += 1_000 / perSecond) {
        const since = clock;
        admission
          .run(() => new Promise<void>((done) => queue.push({ since, done })))
          .catch(() => {
            turnedAway += 1;
          });
      }
      for (let answered = 0; !isStill(clock) && answered < (served * 5) / 1_000; answered += 1) {
        const next = queue.shift();
        if (next && clock > 2_000) waited.push(clock - next.since);
        next?.done();
      }
      await Promise.resolve();
      await Promise.resolve();
    }
    waited.sort((a, b) => a - b);
    return { turnedAway, p95: waited[Math.floor(0.95 * waited.length)] ?? 0, answered: waited.length };
  }

  it('lets everybody in while there is time', async () => {
    expect(await drive(250, 500, 600)).toMatchObject({ turnedAway: 0 });
  });

  it('lets in what piles up while everything stands still for a moment', async () => {
    const still = (clock: number) => clock > 1_000 && clock % 1_000 < 200;
    expect(await drive(500, 1_000, 1_600, still)).toMatchObject({ turnedAway: 0 });
  });

  it('at ten times what can be done, those who are let in are answered at once, and as many as ever', async () => {
    const { p95, answered, turnedAway } = await drive(300, 8_000, 800);
    expect(p95).toBeLessThan(150);
    expect(answered).toBeGreaterThan(0.95 * 800 * 2);
    expect(turnedAway).toBeGreaterThan(20_000);
  });

  it('knows a flood by its first moment: nobody else is let in until few are left', async () => {
    const admission = createAdmission(300, () => 0);
    const answers: (() => void)[] = [];
    const asking = Array.from({ length: 80 }, () =>
      admission.run(() => new Promise<void>((answer) => answers.push(answer))).catch(() => 'turned away'),
    );
    expect(answers.length).toBe(50);
    for (const answer of answers.slice(10)) answer();
    await Promise.all(asking.slice(10));
    expect(() => admission.check()).toThrow('ask again in a moment');
    for (const answer of answers) answer();
    await Promise.all(asking);
    expect(() => admission.check()).not.toThrow();
  });

  it('lets in as many as come to wait for a model, and does not count the time of it', async () => {
    let clock = 0;
    const admission = createAdmission(100, () => clock);
    const waiting: { readonly until: number; answer(): void }[] = [];
    let [turnedAway, most] = [0, 0];
    // Up to a thousand a second, within ten: a hundred and sixty then wait, each for longer than the aim.
    for (; clock < 12_000; clock += 10) {
      for (let comes = 0; comes < Math.min(10, clock / 1_000); comes += 1) {
        const wait = () => new Promise<void>((answer) => waiting.push({ until: clock + 150, answer }));
        admission
          .run(() => admission.outside(wait))
          .catch(() => {
            turnedAway += 1;
          });
      }
      most = Math.max(most, waiting.length);
      while (waiting[0] && waiting[0].until <= clock) waiting.shift()?.answer();
      for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
    }
    expect({ turnedAway, most }).toEqual({ turnedAway: 0, most: 160 });
  });

  it('a crowd that comes at once is too many, wherever it waits; who gives up on the model takes room again', async () => {
    const admission = createAdmission(100, () => 0);
    const model = Promise.withResolvers<void>();
    const given = new AbortController();
    const impatient = admission.run(async () => {
      await Promise.race([admission.outside(() => model.promise, given.signal), aborted(given.signal)]);
      return 'answered without it';
    });
    given.abort();
    await expect(impatient).resolves.toBe('answered without it');
    const crowd = Array.from({ length: 60 }, () => admission.run(() => admission.outside(() => model.promise)));
    const came = Promise.allSettled(crowd);
    model.resolve();
    expect((await came).filter(({ status }) => status === 'rejected')).toHaveLength(10);
    // What is inside is counted again, once.
    const inside = Promise.withResolvers<void>();
    const busy = Array.from({ length: 50 }, () => admission.run(() => inside.promise));
    expect(() => admission.check()).toThrow('ask again in a moment');
    inside.resolve();
    await Promise.all(busy);
    expect(() => admission.check()).not.toThrow();
  });

  it('without it they wait without end', async () => {
    expect((await drive(0, 8_000, 800)).p95).toBeGreaterThan(2_000);
  });

  it('never turns away the first fifty, and gives back the room of what failed', async () => {
    const admission = createAdmission(1);
    for (let round = 0; round < 20; round += 1) {
      const all = await Promise.allSettled(
        Array.from({ length: 50 }, () => admission.run(() => new Promise((_, fail) => setTimeout(fail, 10, 'failed')))),
      );
      expect(all.every((one) => one.status === 'rejected' && one.reason === 'failed')).toBe(true);
    }
  });
});
