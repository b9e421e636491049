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
  const closed = close();
  answer.resolve('just in time');
  expect(await (await inFlight).text()).toBe('just in time');
  await closed;
  await once(silent, 'close');
});
