import type { PgBoss } from 'pg-boss';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Hints } from '../src/jobs/hints.ts';
import { RecordingLog } from './recording-log.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Hints to a queue that keeps what it is sent, or refuses it. */
function newHints({ isBroken = false } = {}) {
  const sent: string[] = [];
  const log = new RecordingLog();
  const insert = async (queue: string, jobs: { readonly data: { readonly shard: number } }[]) => {
    if (isBroken) throw new Error('the queue is broken');
    sent.push(...jobs.map(({ data }) => `${queue} ${data.shard}`));
  };
  return { hints: new Hints({ insert } as unknown as PgBoss, log, 100), sent, log };
}

test('a shard is hinted at once, then at most every 100 ms, however often it is asked for, and never forgotten', async () => {
  const { hints, sent } = newHints();
  for (let ms = 0; ms < 250; ms += 10) {
    hints.send('memory_state', [7]);
    await vi.advanceTimersByTimeAsync(10);
  }
  expect(sent).toHaveLength(3);
  await vi.advanceTimersByTimeAsync(100);
  expect(sent).toHaveLength(4);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(sent).toHaveLength(4);
});

test('a clock that goes back delays nothing', async () => {
  const { hints, sent } = newHints();
  hints.send('embed', [7]);
  await vi.advanceTimersByTimeAsync(1);
  vi.setSystemTime(Date.now() - 3_600_000);
  hints.send('embed', [7]);
  await vi.advanceTimersByTimeAsync(100);
  expect(sent).toHaveLength(2);
});

test('tasks and shards are hinted apart from one another', async () => {
  const { hints, sent } = newHints();
  hints.send('memory_state', [1, 2, 1]);
  hints.send('associations', [1]);
  await vi.advanceTimersByTimeAsync(1);
  hints.send('memory_state', [3]);
  await vi.advanceTimersByTimeAsync(1);
  expect(sent.toSorted()).toEqual([
    'anima-fold-associations 1',
    'anima-fold-memory-state 1',
    'anima-fold-memory-state 2',
    'anima-fold-memory-state 3',
  ]);
});

test('a hint that cannot be sent is a warning, not an error of the request that it followed', async () => {
  const { hints, log } = newHints({ isBroken: true });
  hints.send('embed', [7]);
  await vi.advanceTimersByTimeAsync(1);
  expect(log.entries).toMatchObject([{ level: 'warn', fields: { task: 'embed', shards: [7] } }]);
});

test('once closed nothing is sent any more', async () => {
  const { hints, sent } = newHints();
  hints.send('embed', [7]);
  await hints.close();
  hints.send('embed', [8]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(sent).toEqual([]);
});
