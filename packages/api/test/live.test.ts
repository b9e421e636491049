import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { createLiveSampler } from '../src/live/live-sampler.ts';
import { createMeter } from '../src/meter.ts';
import { createRegistry } from '../src/prometheus.ts';
import { hostOf } from './host.ts';
import { stubParts } from './stub-parts.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function sampler(parts = stubParts()) {
  const meter = createMeter({ registry: createRegistry(), ...parts });
  const live = createLiveSampler({ ...parts, meter });
  closing.push(live.stop);
  return { live, meter };
}

test('a sample holds what was measured since the one before, and how the database does', {
  timeout: 20_000,
}, async () => {
  const { live, meter } = sampler();
  const request = { requestId: 'r', elapsedMs: () => 12 };
  meter.observe('query', 'ok', request);
  meter.observe('list', 'ok', request);
  meter.countError('NOT_FOUND');
  const steps = live.follow(undefined);
  expect((await steps.next()).value).toMatchObject({ type: 'history', samples: [] });
  live.start();
  const first = (await steps.next()).value;
  expect(first).toMatchObject({
    type: 'sample',
    sample: { operations: 2, errors: 1, latency: { query: { count: 1 } } },
  });
  const second = (await steps.next()).value;
  expect(second).toMatchObject({
    sample: {
      operations: 0,
      errors: 0,
      latency: { query: { count: 0, p95: null } },
      database: { folds: { lagEvents: 3 } },
    },
  });
  const history = await live.follow(undefined).next();
  expect(history.value).toMatchObject({ type: 'history', samples: [{ operations: 2 }, { operations: 0 }] });
});

test('whoever follows is let go when the process goes away, or when they ask', async () => {
  const { live } = sampler();
  const leaving = new AbortController();
  const [one, other] = [live.follow(leaving.signal), live.follow(undefined)];
  await Promise.all([one.next(), other.next()]);
  const ends = Promise.allSettled([one.next(), other.next()]);
  leaving.abort();
  live.stop();
  expect((await ends).map((end) => end.status)).toEqual(['rejected', 'rejected']);
});

test('a database that does not answer leaves a gap, and the samples go on', { timeout: 20_000 }, async () => {
  const { live } = sampler(stubParts({ gauges: () => Promise.reject(new Error('gone')) }));
  const steps = live.follow(undefined);
  await steps.next();
  live.start();
  for (const _ of [1, 2]) expect((await steps.next()).value).toMatchObject({ sample: { database: null } });
});

test('comes as server-sent events, and does not hold up the end of the server', { timeout: 20_000 }, async () => {
  const app = await hostOf(stubParts());
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const response = await fetch(`${url}/trpc/meta.live`);
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let said = '';
  while (!said.includes('"history"')) said += (await reader.read()).value;
  const closed = once(app.server, 'close');
  const begun = performance.now();
  await Promise.race([
    Promise.all([app.close(), closed]),
    sleep(5_000).then(() => Promise.reject(new Error('held up'))),
  ]);
  expect(performance.now() - begun).toBeLessThan(5_000);
});
