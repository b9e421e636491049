import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import Fastify from 'fastify';
import { afterEach, expect, it, vi } from 'vitest';
import { gracefulClose } from '../src/graceful-close.ts';

afterEach(() => {
  vi.useRealTimers();
});

it('the request in flight is answered; connections without one, and clients that went away, are not waited for', async () => {
  const app = Fastify();
  const close = gracefulClose(app);
  const answer = Promise.withResolvers<string>();
  let asked = 0;
  const bothAsked = Promise.withResolvers<void>();
  app.get('/', () => {
    asked += 1;
    if (asked === 2) bothAsked.resolve();
    return answer.promise;
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const silent = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  await once(silent, 'connect');
  const leaving = new AbortController();
  const gone = fetch(url, { signal: leaving.signal });
  const inFlight = fetch(url);
  await bothAsked.promise;
  leaving.abort();
  await expect(gone).rejects.toThrow('aborted');

  // Its patience never ends.
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const closed = close(0);
  answer.resolve('just in time');
  expect(await (await inFlight).text()).toBe('just in time');
  await closed;
  await once(silent, 'close');
});

it('before it closes it answers for a while, and every answer is the last of its connection', async () => {
  const app = Fastify();
  const close = gracefulClose(app);
  app.get('/', () => 'here');
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const before = await fetch(url);
  expect([await before.text(), before.headers.get('connection')]).toEqual(['here', 'keep-alive']);

  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const closed = close(5_000);
  const meanwhile = await fetch(url);
  expect([await meanwhile.text(), meanwhile.headers.get('connection')]).toEqual(['here', 'close']);
  await vi.advanceTimersByTimeAsync(5_000);
  await closed;
  await expect(fetch(url)).rejects.toThrow('fetch failed');
});
