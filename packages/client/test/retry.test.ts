import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAnimaClient, isAnimaClientError } from '../src/index.ts';
import { refuse, stubFetch, succeed } from './stub-fetch.ts';

const url = 'http://anima.test';
const add = { content: 'remember me' };

it('a mutation that fails twice takes effect once: every attempt carries the same key', async () => {
  const keys: unknown[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    keys.push(JSON.parse(body)[0].idempotencyKey);
    if (keys.length === 1) return request.socket.destroy();
    const unavailable = { code: 'UNAVAILABLE', message: 'not now' };
    const answer =
      keys.length === 2
        ? [{ error: { message: 'not now', code: -32_603, data: { httpStatus: 503, anima: unavailable } } }]
        : [{ result: { data: 'remembered' } }];
    response.writeHead(keys.length === 2 ? 503 : 200, { 'content-type': 'application/json' });
    return response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const anima = createAnimaClient({ url: `http://127.0.0.1:${port}` });
  expect(await anima.memories.add.mutate(add)).toBe('remembered');
  expect(keys).toHaveLength(3);
  expect(new Set(keys).size).toBe(1);
  expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
  server.close();
});

describe('with a clock that the test moves', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('two calls have two keys, and a key of the caller’s own is kept', async () => {
    const { fetch, requests } = stubFetch((_, request) => succeed(request));
    const anima = createAnimaClient({ url, fetch });
    const calls = [
      anima.memories.add.mutate(add),
      anima.memories.add.mutate(add),
      anima.memories.cite.mutate({ recallId: 'r', memoryIds: [], idempotencyKey: 'mine' }),
    ];
    await vi.runAllTimersAsync();
    await Promise.all(calls);
    const keys = requests.flatMap(({ inputs }) => inputs.map(({ idempotencyKey }) => idempotencyKey));
    expect(new Set(keys).size).toBe(3);
    expect(keys[2]).toBe('mine');
  });

  it('a query carries no key, and is repeated as well', async () => {
    const { fetch, requests } = stubFetch((attempt, request) =>
      attempt === 1 ? refuse('UNAVAILABLE', 503) : succeed(request),
    );
    const call = createAnimaClient({ url, fetch }).memories.bootstrap.query({});
    await vi.runAllTimersAsync();
    await call;
    expect(requests.map(({ inputs }) => inputs)).toEqual([[{}], [{}]]);
  });

  it.each([
    ['UNAVAILABLE', 503],
    ['OVERLOADED', 503],
    ['RATE_LIMITED', 429],
  ])('%s is repeated after the time that Retry-After asks for', async (code, status) => {
    const { fetch, requests } = stubFetch((attempt, request) =>
      attempt === 1 ? refuse(code, status, { 'retry-after': '7' }) : succeed(request),
    );
    const call = createAnimaClient({ url, fetch }).memories.add.mutate(add);
    await vi.advanceTimersByTimeAsync(6_900);
    expect(requests).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(400);
    expect(requests).toHaveLength(2);
    await call;
  });

  it('a proxy that answers 503 with a page is waited for like the server itself', async () => {
    const page = () => new Response('<h1>back soon</h1>', { status: 503, headers: { 'content-type': 'text/html' } });
    const { fetch, requests } = stubFetch((attempt, request) => (attempt === 1 ? page() : succeed(request)));
    const call = createAnimaClient({ url, fetch }).memories.add.mutate(add);
    await vi.runAllTimersAsync();
    await call;
    expect(requests).toHaveLength(2);
  });

  it.each([
    ['VALIDATION_ERROR', 400],
    ['NOT_FOUND', 404],
    ['CONFLICT', 409],
    ['INTERNAL', 500],
  ])('%s is not repeated', async (code, status) => {
    const { fetch, requests } = stubFetch(() => refuse(code, status));
    const call = expect(createAnimaClient({ url, fetch }).memories.add.mutate(add)).rejects.toMatchObject({
      code,
      status,
    });
    await vi.runAllTimersAsync();
    await call;
    expect(requests).toHaveLength(1);
  });

  it.each([0, 2])('after %i retries the last error is thrown', async (retries) => {
    const { fetch, requests } = stubFetch(() => refuse('OVERLOADED', 503));
    const anima = createAnimaClient({ url, fetch, retries });
    const call = expect(anima.memories.add.mutate(add)).rejects.toMatchObject({ code: 'OVERLOADED' });
    await vi.runAllTimersAsync();
    await call;
    expect(requests).toHaveLength(retries + 1);
  });

  it('a server that asks for more than half a minute is not waited for', async () => {
    const { fetch, requests } = stubFetch(() => refuse('UNAVAILABLE', 503, { 'retry-after': '3600' }));
    const call = expect(createAnimaClient({ url, fetch }).memories.add.mutate(add)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retryAfterMs: 3_600_000,
    });
    await vi.runAllTimersAsync();
    await call;
    expect(requests).toHaveLength(1);
  });

  it('a caller’s signal ends the wait between two attempts', async () => {
    const { fetch, requests } = stubFetch(() => refuse('UNAVAILABLE', 503, { 'retry-after': '20' }));
    const controller = new AbortController();
    const call = createAnimaClient({ url, fetch }).memories.add.mutate(add, { signal: controller.signal });
    const failure = call.catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(1_000);
    controller.abort();
    expect(await failure).toMatchObject({ code: 'ABORTED' });
    await vi.runAllTimersAsync();
    expect(requests).toHaveLength(1);
  });

  it('a call whose signal is aborted already is not sent', async () => {
    const { fetch, requests } = stubFetch((_, request) => succeed(request));
    const call = createAnimaClient({ url, fetch }).memories.add.mutate(add, { signal: AbortSignal.abort() });
    const failure = call.catch((error: unknown) => error);
    await vi.runAllTimersAsync();
    const error = await failure;
    expect(isAnimaClientError(error) && error.code).toBe('ABORTED');
    expect(requests).toHaveLength(0);
  });

  it('a rebuild is neither keyed nor repeated', async () => {
    const { fetch, requests } = stubFetch(() => refuse('UNAVAILABLE', 503));
    const call = createAnimaClient({ url, fetch }).projections.rebuild.mutate({ verify: true });
    const failure = call.catch((error: unknown) => error);
    await vi.runAllTimersAsync();
    expect(await failure).toMatchObject({ code: 'UNAVAILABLE' });
    expect(requests.map(({ inputs }) => inputs)).toEqual([[{ verify: true }]]);
  });
});
