import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ApiDependencies, createApi } from '@anima/api';
import Fastify from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { AnimaClientError, createAnimaClient, isAnimaClientError, type RebuildStep } from '../src/index.ts';

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const model = { provider: 'stub', name: 'stub', dimensions: 3 };
const cacheStats = () => ({ hits: 0, misses: 0, hitRate: 0, size: 0, maxSize: 10 });

/** The real API on a free port, over a store that has only what the test needs. */
async function serve(store: Partial<ApiDependencies['store']> = {}) {
  const silent = () => {};
  const api = createApi({
    store: {
      openSpace: async (name) => ({ id: name, shard: 0, settings: {}, model }),
      ...store,
    } as ApiDependencies['store'],
    reembeddings: {} as ApiDependencies['reembeddings'],
    embedder: { model, cacheStats } as ApiDependencies['embedder'],
    addEmbedBudgetMs: 100,
    queryEmbedBudgetMs: 100,
    similarityThreshold: 0.25,
    ranking: 'hybrid',
    version: '0.0.0-test',
    settings: [],
    log: { debug: silent, info: silent, warn: silent, error: silent },
    slowRequestMs: 60_000,
    requestsPerMinute: 100_000,
    shedAboveMs: 0,
  });
  const app = Fastify(api.fastifyOptions);
  await app.register(api.plugin, { faces: 'all' });
  closing.push(() => app.close());
  return app.listen({ port: 0 });
}

async function failure(call: Promise<unknown>): Promise<AnimaClientError> {
  const error = await call.catch((thrown: unknown) => thrown);
  if (!isAnimaClientError(error)) throw new Error('expected an AnimaClientError', { cause: error });
  return error;
}

const step = (replayed: number): RebuildStep => ({
  type: 'progress',
  progress: { projection: 'memory_state', replayed, total: 3 },
});

describe('errors', () => {
  it('a refused input has its code, status, fields with their limits, and the id of its request', async () => {
    const anima = createAnimaClient({ url: await serve() });
    const error = await failure(anima.memories.add.mutate({ content: 'x'.repeat(50_001) }));
    expect(error).toBeInstanceOf(AnimaClientError);
    expect(error).toMatchObject({
      name: 'AnimaClientError',
      code: 'VALIDATION_ERROR',
      status: 400,
      message: 'content: must be at most 50000 characters',
      details: [{ field: 'content', message: 'must be at most 50000 characters', limit: 50_000 }],
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it('one failing call of a batch does not fail its neighbours', async () => {
    const anima = createAnimaClient({ url: await serve() });
    const [bad, good] = await Promise.allSettled([
      anima.memories.bootstrap.query({ limit: 0 }),
      anima.meta.health.query(),
    ]);
    expect(bad).toMatchObject({ status: 'rejected', reason: { code: 'VALIDATION_ERROR', status: 400 } });
    expect(good).toMatchObject({ status: 'fulfilled', value: { status: 'ok' } });
  });

  it('a body that is too large is PAYLOAD_TOO_LARGE', async () => {
    const anima = createAnimaClient({ url: await serve() });
    const memories = Array.from({ length: 100 }, () => ({ content: 'x'.repeat(50_000) }));
    const error = await failure(anima.memories.addMany.mutate({ memories }));
    expect(error).toMatchObject({ code: 'PAYLOAD_TOO_LARGE', status: 413, details: [{ field: 'body' }] });
  });

  it('nobody there is NETWORK_ERROR, and says where nobody was', async () => {
    const probe = createServer();
    await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    const anima = createAnimaClient({ url: `http://127.0.0.1:${port}`, retries: 0 });
    const error = await failure(anima.meta.health.query());
    expect(error).toMatchObject({ code: 'NETWORK_ERROR', status: undefined, requestId: undefined });
    expect(error.message).toContain(`http://127.0.0.1:${port}`);
    expect(error.message).toContain('ECONNREFUSED');
  });

  it('a server that does not answer in time is TIMEOUT', async () => {
    const url = await serve({ bootstrap: () => new Promise(() => {}) });
    const anima = createAnimaClient({ url, timeoutMs: 50, retries: 0 });
    expect(await failure(anima.memories.bootstrap.query({}))).toMatchObject({ code: 'TIMEOUT' });
  });

  it('another server is BAD_RESPONSE with its status', async () => {
    const other = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>hi'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    closing.push(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const error = await failure(createAnimaClient({ url: `http://127.0.0.1:${port}` }).meta.health.query());
    expect(error).toMatchObject({ code: 'BAD_RESPONSE', status: 200 });
  });
});

describe('a rebuild', () => {
  it('shows its steps as they come, not at the end', async () => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const url = await serve({
      async *rebuild() {
        yield step(1);
        await released;
        yield step(2);
      },
    });
    const seen: RebuildStep[] = [];
    for await (const each of await createAnimaClient({ url }).projections.rebuild.mutate({ verify: true })) {
      seen.push(each);
      release(); // the second step exists only once the first was read
    }
    expect(seen).toEqual([step(1), step(2)]);
  });

  it('that fails on the way throws a typed error where it is read', async () => {
    const url = await serve({
      async *rebuild() {
        yield step(1);
        throw new Error('shard 3 is not well');
      },
    });
    const seen: RebuildStep[] = [];
    const read = async () => {
      for await (const each of await createAnimaClient({ url }).projections.rebuild.mutate({ verify: false })) {
        seen.push(each);
      }
    };
    const error = await failure(read());
    expect(error).toMatchObject({ code: 'INTERNAL', status: 500 });
    expect(error.message).not.toContain('shard 3');
    expect(seen).toEqual([step(1)]);
  });

  it('ends on the server when its reader leaves', async () => {
    let leave = () => {};
    const left = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const url = await serve({
      async *rebuild() {
        try {
          for (let n = 1; ; n += 1) {
            yield step(n);
            await new Promise((resolve) => setTimeout(resolve, 5));
          }
        } finally {
          leave();
        }
      },
    });
    for await (const each of await createAnimaClient({ url }).projections.rebuild.mutate({ verify: true })) {
      if (each.type === 'progress' && each.progress.replayed === 2) break;
    }
    await left;
  });
});
