import { expect, test } from 'vitest';
import {
  type LoggedEvent,
  type LogPage,
  logInput,
  type MemoryStore,
  readLog,
  readTail,
  tailInput,
} from '../../src/index.ts';

/** A log whose events are at these positions. */
function log(positions: readonly number[], walked = 1_000_000) {
  const event = (position: number) => ({ position }) as LoggedEvent;
  return {
    openSpace: async () => ({ id: 'default', shard: 0, settings: {} }),
    endOfLog: async () => Math.max(0, ...positions),
    readLog: async (_space: unknown, { after, before = 1_000, limit }: LogPage) => {
      const floor = Math.max(after, before - walked);
      const found = positions.filter((one) => one > floor && one < before).toSorted((a, b) => b - a);
      const events = found.slice(0, limit).map(event);
      return { events, reached: found.length > limit ? events.at(-1)!.position : floor + 1 };
    },
    readEffects: async () => {
      throw new Error('not asked for');
    },
  } as unknown as MemoryStore & Parameters<typeof readLog>[0];
}

test('pages of a log follow each other from the end to the beginning', async () => {
  const store = log([1, 2, 3, 4, 5]);
  const first = await readLog(store, logInput.parse({ limit: 3 }));
  expect(first.events.map(({ position }) => position)).toEqual([5, 4, 3]);
  const second = await readLog(store, logInput.parse({ limit: 3, cursor: first.next }));
  expect(second.events.map(({ position }) => position)).toEqual([2, 1]);
  expect(second.next).toBeNull();
});

test('a page that found nothing as far as it looked is not the last', async () => {
  const store = log([2], 10);
  expect(await readLog(store, logInput.parse({ cursor: 100 }))).toEqual({ events: [], next: 91 });
});

test('who follows a log begins at its end, hears nothing while nothing comes, and is told when something was left out', async () => {
  expect(await readTail(log([1, 2]), tailInput.parse({}))).toEqual({ events: [], position: 2, skipped: false });
  expect(await readTail(log([1, 2]), tailInput.parse({ after: 2 }))).toBeUndefined();
  const step = await readTail(log([1, 2, 3]), tailInput.parse({ after: 1 }));
  expect(step).toMatchObject({ events: [{ position: 3 }, { position: 2 }], position: 3, skipped: false });
  const burst = await readTail(
    log(Array.from({ length: 300 }, (_, index) => index + 1)),
    tailInput.parse({ after: 0 }),
  );
  expect(burst).toMatchObject({ position: 300, skipped: true });
  expect(burst!.events).toHaveLength(200);
});
