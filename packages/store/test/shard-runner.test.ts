import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Hints } from '../src/jobs/hints.ts';
import { ShardRunner } from '../src/jobs/shard-runner.ts';
import { RecordingLog } from './recording-log.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

/** A runner whose steps take a turn of the event loop, and what became of it. */
function newRunner(step: (shard: number, call: number) => boolean | Promise<boolean>) {
  const hinted: number[] = [];
  const calls: number[] = [];
  const log = new RecordingLog();
  let stopping = false;
  let inFlight = 0;
  let mostInFlight = 0;
  const runner = new ShardRunner({
    task: 'memory_state',
    step: async (shard) => {
      calls.push(shard);
      inFlight += 1;
      mostInFlight = Math.max(mostInFlight, inFlight);
      await new Promise((resolve) => setImmediate(resolve));
      inFlight -= 1;
      return step(shard, calls.length);
    },
    hints: { send: (_: string, shards: number[]) => hinted.push(...shards) } as unknown as Hints,
    log,
    isStopping: () => stopping,
  });
  const stop = () => {
    stopping = true;
  };
  return { runner, hinted, calls, log, stop, mostInFlight: () => mostInFlight };
}

test('a shard is worked on until nothing is left', async () => {
  const { runner, calls, hinted } = newRunner((_, call) => call < 3);
  expect(await runner.run(7)).toEqual({ status: 'completed' });
  expect(calls).toEqual([7, 7, 7]);
  expect(hinted).toEqual([]);
});

test('a shard never runs twice at once, and a wake-up during its run makes it look again', async () => {
  const { runner, calls, mostInFlight } = newRunner(() => false);
  const first = runner.run(7);
  expect(await runner.run(7)).toEqual({ status: 'completed' });
  expect(await runner.run(7)).toEqual({ status: 'completed' });
  await first;
  expect(calls).toEqual([7, 7]);
  expect(mostInFlight()).toBe(1);
});

test.each([1, 2, 3, 4, 5])('a wake-up %d moments after a run’s last look is not lost', async (moments) => {
  const { runner, calls, hinted } = newRunner((_, call) => {
    if (call === 1) after(moments, () => void runner.run(7));
    return false;
  });
  await runner.run(7);
  await vi.waitFor(() => expect(calls.length + hinted.length).toBe(2));
});

test('different shards run beside one another', async () => {
  const { runner, mostInFlight } = newRunner(() => false);
  await Promise.all([runner.run(1), runner.run(2), runner.run(3)]);
  expect(mostInFlight()).toBe(3);
});

test('a shard that is never done gives way after a while, and is hinted anew', async () => {
  const { runner, hinted } = newRunner(() => {
    vi.advanceTimersByTime(1_000);
    return true;
  });
  expect(await runner.run(7)).toEqual({ status: 'completed' });
  expect(hinted).toEqual([7]);
});

test('work that fails is logged and tried again, ever more rarely, and hints do not hurry it', async () => {
  const { runner, hinted, calls, log } = newRunner(() => Promise.reject(new Error('down')));
  const waits: number[] = [];
  for (let failures = 1; failures <= 8; failures += 1) {
    expect(await runner.run(7)).toMatchObject({ status: 'failed' });
    expect(log.entries).toHaveLength(failures);
    let waited = 0;
    for (; hinted.length < failures; waited += 500) {
      expect(await runner.run(7)).toEqual({ status: 'completed' });
      expect(calls).toHaveLength(failures);
      await vi.advanceTimersByTimeAsync(500);
    }
    waits.push(waited);
  }
  expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
});

test('after a success the next failure is tried again soon', async () => {
  let isDown = true;
  const { runner, hinted } = newRunner(() => (isDown ? Promise.reject(new Error('down')) : false));
  for (const wait of [500, 1_000]) {
    await runner.run(7);
    await vi.advanceTimersByTimeAsync(wait);
  }
  isDown = false;
  expect(await runner.run(7)).toEqual({ status: 'completed' });
  isDown = true;
  await runner.run(7);
  await vi.advanceTimersByTimeAsync(500);
  expect(hinted).toEqual([7, 7, 7]);
});

test('once the process stops, a run ends after the batch in hand', async () => {
  const { runner, calls, stop } = newRunner((_, call) => {
    if (call === 2) stop();
    return true;
  });
  expect(await runner.run(7)).toEqual({ status: 'completed' });
  expect(calls).toEqual([7, 7]);
});

function after(microtasks: number, work: () => void): void {
  if (microtasks === 0) work();
  else queueMicrotask(() => after(microtasks - 1, work));
}

test('a failure says why, and a shard that waits to be tried again is worked on at once when somebody asks', async () => {
  let isBroken = true;
  const { runner, calls } = newRunner(() => {
    if (isBroken) throw new Error('the disk is full');
    return false;
  });
  expect(await runner.run(7)).toEqual({ status: 'failed', reason: 'the disk is full' });
  await runner.run(7);
  expect(calls, 'a hint does not hurry it').toEqual([7]);
  isBroken = false;
  expect(await runner.run(7, { atOnce: true })).toEqual({ status: 'completed' });
  expect(calls).toEqual([7, 7]);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(await runner.run(7)).toEqual({ status: 'completed' });
  expect(calls, 'it does not wait any more').toEqual([7, 7, 7]);
});
