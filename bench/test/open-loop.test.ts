import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { driveAtRate } from '../src/capacity/open-loop.ts';

test('a server that stands still for a while is slow for all that were due meanwhile, not for one', async () => {
  let freeAt = 0;
  let sent = 0;
  const { latencies, errors } = await driveAtRate(
    async () => {
      sent += 1;
      // The tenth takes half a second, and those behind it wait for it: one at a time.
      const begins = Math.max(performance.now(), freeAt);
      freeAt = begins + (sent === 10 ? 500 : 1);
      await sleep(freeAt - performance.now());
      return undefined;
    },
    100,
    1,
  );
  expect([sent, latencies.count, errors.size]).toEqual([100, 100, 0]);
  // Of a hundred sent in a second, some fifty were due while it stood still; a closed loop would have seen one.
  expect(latencies.at(60)).toBeGreaterThan(100);
  expect(latencies.max).toBeGreaterThanOrEqual(499);
});

test('answers that are wrong and requests that fail are counted apart', async () => {
  let sent = 0;
  const { latencies, errors } = await driveAtRate(
    async () => {
      sent += 1;
      if (sent % 4 === 1) throw new Error('cut off');
      return sent % 4 === 2 ? 'status 503' : undefined;
    },
    400,
    0.1,
  );
  expect(latencies.count).toBe(20);
  expect([...errors]).toEqual([
    ['cut off', 10],
    ['status 503', 10],
  ]);
});
