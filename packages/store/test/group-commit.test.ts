import { expect, test } from 'vitest';
import { type Entry, GroupCommit } from '../src/log/group-commit.ts';

interface Named extends Entry {
  readonly name: string;
}

const entry = (name: string, more: Partial<Entry> = {}): Named => ({ name, weight: 1, exclusive: [], ...more });

/** A group whose commits are recorded and end when they are told to. */
function newGroup(
  options: {
    maxEntries?: number;
    maxWeight?: number;
    batchesAtOnce?: number;
    failing?: string[];
    isSafeToRetry?: boolean;
  } = {},
) {
  const batches: string[][] = [];
  let inFlight = 0;
  let mostInFlight = 0;
  const group = new GroupCommit<Named, string>({
    commit: async (entries) => {
      const names = entries.map(({ name }) => name);
      batches.push(names);
      inFlight += 1;
      mostInFlight = Math.max(mostInFlight, inFlight);
      await new Promise((resolve) => setImmediate(resolve));
      inFlight -= 1;
      if (names.some((name) => options.failing?.includes(name))) throw new Error(`batch ${names} failed`);
      return names.map((name) => `${name} is committed`);
    },
    isSafeToRetry: () => options.isSafeToRetry ?? true,
    maxEntries: options.maxEntries ?? 100,
    maxWeight: options.maxWeight ?? 100,
    ...(options.batchesAtOnce === undefined ? {} : { batchesAtOnce: options.batchesAtOnce }),
  });
  return { group, batches, mostInFlight: () => mostInFlight };
}

test('requests of one turn of the event loop share a batch, and each gets its own outcome', async () => {
  const { group, batches } = newGroup();
  expect(await Promise.all([group.submit(entry('a')), group.submit(entry('b'))])).toEqual([
    'a is committed',
    'b is committed',
  ]);
  expect(batches).toEqual([['a', 'b']]);
});

test('one batch is in flight at a time, and what arrives meanwhile leaves together as the next', async () => {
  const { group, batches, mostInFlight } = newGroup();
  const first = group.submit(entry('a'));
  await Promise.resolve();
  await Promise.resolve();
  expect(batches).toEqual([['a']]);
  await Promise.all([first, group.submit(entry('b')), group.submit(entry('c'))]);
  expect(batches).toEqual([['a'], ['b', 'c']]);
  expect(mostInFlight()).toBe(1);
});

test('of a group that may have two in flight, what arrives during the first leaves at once, and no third', async () => {
  const { group, batches, mostInFlight } = newGroup({ batchesAtOnce: 2 });
  const names = ['a', 'b', 'c', 'd'];
  const submitted: Promise<string>[] = [];
  for (const name of names) {
    submitted.push(group.submit(entry(name)));
    await Promise.resolve();
    await Promise.resolve();
  }
  expect(batches).toEqual([['a'], ['b']]);
  expect(await Promise.all(submitted)).toEqual(names.map((name) => `${name} is committed`));
  expect(batches).toEqual([['a'], ['b'], ['c', 'd']]);
  expect(mostInFlight()).toBe(2);
  await group.drain();
  expect(await group.submit(entry('e'))).toBe('e is committed');
});

test('a batch holds at most its number of entries and its weight, but always at least one entry', async () => {
  const { group, batches } = newGroup({ maxEntries: 2, maxWeight: 10 });
  const weights = { a: 1, b: 1, c: 1, d: 50, e: 6, f: 5 };
  await Promise.all(Object.entries(weights).map(([name, weight]) => group.submit(entry(name, { weight }))));
  expect(batches).toEqual([['a', 'b'], ['c', 'e'], ['d'], ['f']]);
});

test('entries that exclude one another stand in different batches, in the order of their arrival', async () => {
  const { group, batches } = newGroup();
  await Promise.all([
    group.submit(entry('a', { exclusive: ['x'] })),
    group.submit(entry('b', { exclusive: ['x', 'y'] })),
    group.submit(entry('c', { exclusive: ['y'] })),
    group.submit(entry('d', { exclusive: ['z'] })),
  ]);
  expect(batches).toEqual([['a', 'd'], ['b'], ['c']]);
});

test('a failed batch is retried one by one, so that one bad entry fails alone', async () => {
  const { group, batches } = newGroup({ failing: ['b'] });
  const settled = await Promise.allSettled(['a', 'b', 'c'].map((name) => group.submit(entry(name))));
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(batches).toEqual([['a', 'b', 'c'], ['a'], ['b'], ['c']]);
});

test('a failure that may have followed the commit fails the whole batch, and nothing is tried again', async () => {
  const { group, batches } = newGroup({ failing: ['b'], isSafeToRetry: false });
  const settled = await Promise.allSettled(['a', 'b', 'c'].map((name) => group.submit(entry(name))));
  expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(batches).toEqual([['a', 'b', 'c']]);
  expect(await group.submit(entry('d'))).toBe('d is committed');
});

test('past 5,000 waiting entries more are refused as OVERLOADED, and those that wait are served', async () => {
  const { group } = newGroup({ maxEntries: 5_000, maxWeight: 5_000 });
  const accepted = Array.from({ length: 5_000 }, (_, index) => group.submit(entry(`${index}`)));
  await expect(group.submit(entry('one more'))).rejects.toMatchObject({ code: 'OVERLOADED' });
  expect(await Promise.all(accepted)).toHaveLength(5_000);
  expect(await group.submit(entry('later'))).toBe('later is committed');
});

test('draining waits for what is in flight and what waits, and for nothing when there is nothing', async () => {
  const { group, batches } = newGroup({ maxEntries: 1 });
  await group.drain();
  const results = [group.submit(entry('a')), group.submit(entry('b'))];
  await group.drain();
  expect(batches).toEqual([['a'], ['b']]);
  await Promise.all(results);
});
