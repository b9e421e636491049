import { once } from 'node:events';
import { createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gate } from '../serve/gate.ts';

const key = `anima_${'a'.repeat(12)}_${'b'.repeat(43)}`;
let isRevoked = false;
const servers: Server[] = [];
let site: string;

async function listen(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server that knows one key, and a console that says as whom it would ask. */
beforeAll(async () => {
  const anima = await listen(
    createServer(({ headers }, response) => {
      response.statusCode = headers.authorization === `Bearer ${key}` && !isRevoked ? 200 : 401;
      response.end('{}');
    }),
  );
  const answer = gate(anima, (request, response) => {
    response.end(`asks as ${request.headers.authorization ?? 'nobody'}`);
  });
  site = await listen(createServer((request, response) => void answer(request, response)));
});
afterAll(() => Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve)))));

const ask = (path: string, init: RequestInit = {}) => fetch(`${site}${path}`, { redirect: 'manual', ...init });
const signIn = (given: string, headers: Record<string, string> = {}) =>
  ask('/sign-in', { method: 'POST', body: new URLSearchParams({ key: given }), headers });

async function cookieOf(given = key): Promise<string> {
  return (await signIn(given)).headers.get('set-cookie')!.split(';')[0]!;
}

test('who has not signed in sees the form, and no call goes through', async () => {
  const page = await ask('/memories', { headers: { accept: 'text/html' } });
  expect([page.status, page.headers.get('location')]).toEqual([303, '/sign-in']);
  expect((await ask('/trpc/memories.list')).status).toBe(401);
  const smuggled = await ask('/trpc/memories.list', { headers: { authorization: `Bearer ${key}` } });
  expect(smuggled.status).toBe(401);
  const form = await ask('/sign-in');
  expect(form.headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
  expect(await form.text()).toContain('<form method="post" action="/sign-in">');
});

test('a key signs in with a cookie that is not the key, and that no script and no other site can use', async () => {
  const answer = await signIn(key);
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/']);
  const cookie = answer.headers.get('set-cookie')!;
  expect(cookie).toMatch(/^anima_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
  const through = await ask('/trpc/memories.list', { headers: { cookie: cookie.split(';')[0]! } });
  expect(await through.text()).toBe(`asks as Bearer ${key}`);
  const behindTls = await signIn(key, { 'x-forwarded-proto': 'https' });
  expect(behindTls.headers.get('set-cookie')).toContain('; Secure');
});

test('what is not a key signs nobody in', async () => {
  for (const wrong of ['', 'anima_wrong', `${key}x`, 'a b', '"><script>', 'x'.repeat(990)]) {
    const answer = await signIn(wrong);
    expect(answer.status, wrong).toBeGreaterThanOrEqual(401);
    expect(answer.headers.get('set-cookie')).toBeNull();
    expect(await answer.text()).not.toContain('<script>');
  }
});

test('another site can neither sign in for somebody nor call with his session', async () => {
  const cookie = await cookieOf();
  const foreign = [
    { origin: 'https://evil.example' },
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' },
    { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' },
    { origin: 'null' },
  ];
  for (const headers of foreign as Record<string, string>[]) {
    expect((await signIn(key, headers)).status).toBe(403);
    expect((await ask('/trpc/memories.forget', { method: 'POST', headers: { ...headers, cookie } })).status).toBe(403);
    expect((await ask('/trpc/memories.list', { headers: { ...headers, cookie } })).status).toBe(403);
  }
  // Node's `fetch` says itself how it asks; a link is followed without it.
  const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', accept: 'text/html' };
  const [linked] = await once(get(site, { headers }), 'response');
  expect(linked.headers.location).toBe('/sign-in');
  linked.resume();
});

test('who signs out, or whose key is revoked, is asked for a key again', async () => {
  const cookie = await cookieOf();
  await ask('/sign-out', { method: 'POST', headers: { cookie } });
  expect((await ask('/trpc/memories.list', { headers: { cookie } })).status).toBe(401);

  const another = { cookie: await cookieOf(), accept: 'text/html' };
  expect((await ask('/', { headers: another })).status).toBe(200);
  isRevoked = true;
  expect((await ask('/', { headers: another })).headers.get('location')).toBe('/sign-in');
  isRevoked = false;
  expect((await ask('/trpc/memories.list', { headers: another })).status).toBe(401);
});
