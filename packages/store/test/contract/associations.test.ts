import { randomUUID } from 'node:crypto';
import type { Connections, Neighbour, Space } from '@anima/core';
import fc from 'fast-check';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { readHubs, readNetwork, refuseTooManyPairs } from '../../src/reads/association-network.ts';
import { readConnections, readNeighbours, readSurvivor } from '../../src/reads/associations.ts';
import { withinTime } from '../../src/reads/within-time.ts';
import { onEngine, onEveryEngine } from '../engines.ts';
import { newMemory } from '../new-memory.ts';
import { words } from '../word-model.ts';

/** A small world: everything that can happen to few memories happens within it. */
const size = 8;

interface World {
  /** What each memory was merged into; the index of a later or an earlier one, never in a circle. */
  readonly mergedInto: readonly (number | null)[];
  /** Whether each was forgotten. */
  readonly hidden: readonly boolean[];
  readonly pairs: readonly { readonly a: number; readonly b: number; readonly count: number; readonly at: number }[];
}

const world: fc.Arbitrary<World> = fc
  .record({
    // A shuffled order in which merges only go forward has no circles.
    order: fc.shuffledSubarray([...Array(size).keys()], { minLength: size }),
    links: fc.array(fc.option(fc.nat({ max: size - 1 }), { freq: 2 }), { minLength: size, maxLength: size }),
    hidden: fc.array(
      fc.nat({ max: 5 }).map((n) => n === 0),
      { minLength: size, maxLength: size },
    ),
    pairs: fc.uniqueArray(
      fc.record({
        a: fc.nat({ max: size - 1 }),
        b: fc.nat({ max: size - 1 }),
        count: fc.integer({ min: 1, max: 4 }),
        at: fc.nat({ max: 1_000 }),
      }),
      { selector: ({ a, b }) => [a, b].toSorted().join(), maxLength: 28 },
    ),
  })
  .map(({ order, links, hidden, pairs }) => {
    const mergedInto: (number | null)[] = Array(size).fill(null);
    for (const [place, memory] of order.entries()) {
      const link = links[place] ?? null;
      const later = order.slice(place + 1);
      if (link !== null && later.length > 0) mergedInto[memory] = later[link % later.length]!;
    }
    return { mergedInto, hidden, pairs: pairs.filter(({ a, b }) => a !== b) };
  });

/** The associations of a world, worked out the plain way. */
function model(ids: readonly string[], { mergedInto, hidden, pairs }: World) {
  const root = (index: number): string | undefined => {
    const next = mergedInto[index];
    if (next !== null && next !== undefined) return root(next);
    return hidden[index] ? undefined : ids[index];
  };
  const neighbours = new Map<string, Map<string, { count: number; at: number }>>();
  const add = (of: string, to: string, count: number, at: number) => {
    const ofOne = neighbours.get(of) ?? new Map<string, { count: number; at: number }>();
    const known = ofOne.get(to) ?? { count: 0, at: 0 };
    ofOne.set(to, { count: known.count + count, at: Math.max(known.at, at) });
    neighbours.set(of, ofOne);
  };
  for (const { a, b, count, at } of pairs) {
    const [x, y] = [root(a), root(b)];
    if (x === undefined || y === undefined || x === y) continue;
    add(x, y, count, at);
    add(y, x, count, at);
  }
  const sorted = (of: string) =>
    [...(neighbours.get(of) ?? [])]
      .map(([memoryId, { count, at }]): Neighbour => ({ of, memoryId, count, lastAt: new Date(at).toISOString() }))
      .toSorted((a, b) => b.count - a.count || (a.memoryId < b.memoryId ? -1 : 1));
  const live = ids.filter((_, index) => mergedInto[index] === null && !hidden[index]);
  return { root, live, sorted, degree: (id: string) => neighbours.get(id)?.size ?? 0 };
}

const histogram = (counts: readonly number[]) =>
  [...Map.groupBy(counts, (count) => count)]
    .map(([count, same]) => ({ count, pairs: same.length }))
    .toSorted((a, b) => a.count - b.count);

onEveryEngine('associations, seen through merges', (opened) => {
  const make = async (space: Space, contents: readonly string[]) => {
    const added = await opened().store.add(
      space,
      contents.map((content) => newMemory(content)),
    );
    return added.map(({ memoryId }) => memoryId);
  };
  const pair = async (
    { shard, id }: Space,
    pairs: readonly { readonly a: string; readonly b: string; readonly count: number; readonly at: number }[],
  ) => {
    await sql`insert into associations (shard, space_id, a, b, count, last_at)
      select ${shard}, ${id}, least(a, b), greatest(a, b), count, to_timestamp(at / 1000.0)
      from jsonb_to_recordset(${JSON.stringify(pairs)}::jsonb) as p(a uuid, b uuid, count int, at int)`.execute(
      opened().db,
    );
  };

  /** Puts a world into a space whose memories exist already. */
  const arrange = async ({ shard, id }: Space, ids: readonly string[], { mergedInto, hidden, pairs }: World) => {
    await sql`delete from associations where shard = ${shard} and space_id = ${id}`.execute(opened().db);
    const fates = ids.map((memory, index) => {
      const link = mergedInto[index];
      if (link !== null && link !== undefined) return { memory, into: ids[link], visibility: 'merged' };
      return { memory, into: null, visibility: hidden[index] ? 'hidden' : 'live' };
    });
    await sql`update memories m set visibility = f.visibility, merged_into = f.into
      from jsonb_to_recordset(${JSON.stringify(fates)}::jsonb) as f(memory uuid, "into" uuid, visibility text)
      where m.shard = ${shard} and m.space_id = ${id} and m.memory_id = f.memory`.execute(opened().db);
    await pair(
      { shard, id, settings: {}, model: words },
      pairs.map(({ a, b, ...rest }) => ({ a: ids[a]!, b: ids[b]!, ...rest })),
    );
  };

  test('are those of the groups as a plain model has them, however memories were merged and forgotten', async () => {
    const space = await opened().newSpace();
    const beside = await opened().newSpace({ beside: space });
    const ids = await make(
      space,
      [...Array(size).keys()].map((n) => `memory ${n}`),
    );
    const [x, y] = await make(beside, ['theirs', 'also theirs']);
    await pair(beside, [{ a: x!, b: y!, count: 9, at: 0 }]);
    await fc.assert(
      fc.asyncProperty(world, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 }), async (given, a, b) => {
        await arrange(space, ids, given);
        const { db } = opened();
        const { root, live, sorted, degree } = model(ids, given);

        const found = Map.groupBy(
          await readNeighbours(db, space, live, { leastCount: a, perMemory: b }),
          ({ of }) => of,
        );
        for (const id of live) {
          const expected = sorted(id).filter(({ count }) => count >= a);
          expect(found.get(id) ?? []).toEqual(expected.slice(0, b));
        }
        const except = live.slice(0, 3);
        const others = await readNeighbours(db, space, except, { leastCount: 1, perMemory: size, except });
        expect(others.map(({ of, memoryId }) => [of, memoryId]).toSorted()).toEqual(
          except
            .flatMap(sorted)
            .filter(({ memoryId }) => !except.includes(memoryId))
            .map(({ of, memoryId }) => [of, memoryId])
            .toSorted(),
        );

        const connected = (id: string): Connections[] =>
          degree(id) === 0 ? [] : [{ memoryId: id, counts: histogram(sorted(id).map(({ count }) => count)) }];
        expect(await readConnections(db, space, live)).toEqual(live.flatMap(connected));
        const hubs = live
          .filter((id) => degree(id) >= a)
          .toSorted((one, other) => degree(other) - degree(one) || (one < other ? -1 : 1));
        expect(await readHubs(db, space, { limit: b, minConnections: a })).toEqual(hubs.slice(0, b).flatMap(connected));
        const each = live.flatMap(sorted).filter(({ of, memoryId }) => of < memoryId);
        expect(await readNetwork(db, space)).toEqual({
          memories: live.filter((id) => degree(id) > 0).length,
          counts: histogram(each.map(({ count }) => count)),
        });

        for (const [index, id] of ids.entries()) {
          const survivor = given.mergedInto[index] === null ? undefined : root(index);
          expect(await readSurvivor(db, space, id)).toBe(survivor);
        }
      }),
      { numRuns: 40 },
    );
    expect(await readNetwork(opened().db, beside)).toEqual({ memories: 2, counts: [{ count: 9, pairs: 1 }] });
  });

  test('are followed from a catalyst only where it is asked for', async () => {
    const space = await opened().newSpace();
    const { store } = opened();
    const [catalyst, plain] = (await store.add(space, [newMemory('a', { isCatalyst: true }), newMemory('b')])).map(
      ({ memoryId }) => memoryId,
    );
    await pair(space, [{ a: catalyst!, b: plain!, count: 1, at: 0 }]);
    const of = async (exceptCatalysts: boolean) =>
      (await store.hubs(space, { limit: 5, minConnections: 1, exceptCatalysts })).map(({ memoryId }) => memoryId);
    expect(await of(true)).toEqual([plain]);
    expect((await of(false)).toSorted()).toEqual([catalyst, plain].toSorted());
  });

  test('of a space are surveyed up to a bound, and beyond it refused as a matter of load', async () => {
    const space = await opened().newSpace();
    const [a, b, c] = await make(space, ['a', 'b', 'c']);
    await pair(space, [
      { a: a!, b: b!, count: 1, at: 0 },
      { a: b!, b: c!, count: 1, at: 0 },
    ]);
    await expect(refuseTooManyPairs(opened().db, space, 2)).resolves.toBeUndefined();
    await expect(refuseTooManyPairs(opened().db, space, 1)).rejects.toMatchObject({ code: 'OVERLOADED' });
  });

  test('of nobody, and of unknown memories, are none', async () => {
    const space = await opened().newSpace();
    const { store } = opened();
    const nobody = randomUUID();
    expect(await store.neighbours(space, [], { leastCount: 1, perMemory: 1 })).toEqual([]);
    expect(await store.neighbours(space, [nobody], { leastCount: 1, perMemory: 1 })).toEqual([]);
    expect(await store.connections(space, [nobody])).toEqual([]);
    expect(await store.network(space)).toEqual({ memories: 0, counts: [] });
    expect(await store.survivorOf(space, nobody)).toBeUndefined();
  });
});

onEngine('postgres', 'associations', (opened) => {
  test('that take too long to read are refused as a matter of load', async () => {
    const slow = withinTime(opened().db, (trx) => sql`select pg_sleep(5)`.execute(trx), 20);
    await expect(slow).rejects.toMatchObject({ name: 'AnimaError', code: 'OVERLOADED' });
  });
});
