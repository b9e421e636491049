import {
  type BootstrapRequest,
  bootstrap,
  bootstrapInput,
  foldMemories,
  type LogEvent,
  type Memory,
  type MemoryRecord,
  type PastState,
  type Space,
} from '@anima/core';
import fc from 'fast-check';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { LogArchive } from '../../src/archive/log-archive.ts';
import { expire } from '../../src/lifecycle/visibility.ts';
import { ChangeLog } from '../../src/log/change.ts';
import { shardsDueForSnapshot, takeSnapshot } from '../../src/past/snapshots.ts';
import { pastOf, statesAt } from '../../src/past/states.ts';
import { onEveryEngine } from '../engines.ts';
import { logOf } from '../replay.ts';

const topics = ['oak', 'ash', 'elm'];
const contents = Array.from({ length: 9 }, (_, n) => `${topics[n % 3]} ${topics[(n + 1) % 3]} leaf ${n}`);

const one = fc.nat(8);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('add' as const), one, isCatalyst: fc.boolean() }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('query' as const), topic: fc.constantFrom(...topics) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('forget', 'restore', 'expire', 'mark', 'unmark', 'edit'), one }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('erase' as const), one }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('merge' as const), one, other: one }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('unmerge' as const), one }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('tier' as const), one, tier: fc.constantFrom('active', 'network') }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('fade' as const), back: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('snapshot', 'fold') }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const archive = new LogArchive(undefined);

onEveryEngine('the past', (opened) => {
  const changes = () => new ChangeLog(opened().db, () => {});

  /** Performs what a step says, where it can be done. */
  const perform = async (space: Space, known: Map<string, string>, given: Step): Promise<void> => {
    const idOf = (index: number) => known.get(contents[index]!);
    switch (given.kind) {
      case 'add': {
        const content = contents[given.one]!;
        const { memory } = await opened().add(space, { content, isCatalyst: given.isCatalyst });
        known.set(content, memory.id);
        return;
      }
      case 'query':
        await opened().query(space, { query: given.topic, limit: 4 });
        return;
      case 'fade': {
        const cutoff = Date.now() - given.back;
        const facts = [{ type: 'space.decayed' as const, memoryIds: [], payload: { cutoff, factor: 950 } }];
        await changes().change(space, undefined, async () => ({ outcome: null, facts }));
        return;
      }
      case 'fold':
        return opened().fold(space, 5);
      case 'snapshot':
        return takeSnapshot(opened().db, space.shard);
      default: {
        const id = idOf(given.one);
        if (id === undefined) return;
        if (given.kind === 'erase') known.delete(contents[given.one]!);
        await change(space, given, id, 'other' in given ? idOf(given.other) : undefined).catch((error: unknown) => {
          // Of what was erased, or is no variant, there is nothing to change.
          expect(error).toMatchObject({ code: expect.stringMatching(/NOT_FOUND|CONFLICT/) });
        });
      }
    }
  };

  const change = async (space: Space, given: Step, id: string, other: string | undefined): Promise<unknown> => {
    const { store, db } = opened();
    switch (given.kind) {
      case 'forget':
        return store.forget(space, [id]);
      case 'restore':
        return store.restore(space, [id]);
      case 'erase':
        return store.erase(space, [id]);
      case 'mark':
      case 'unmark':
        return store.mark(space, [id], given.kind === 'mark');
      case 'edit':
        return store.update(space, id, { source: 'diary' });
      case 'tier':
        return store.setTier(space, [id], given.tier as 'active', undefined);
      case 'merge':
        return other === undefined || other === id ? undefined : store.merge(space, [id, other], 0.97);
      case 'unmerge':
        return store.unmerge(space, id);
      case 'expire':
        await sql`update memories set expires_at = created_at where shard = ${space.shard} and memory_id = ${id}`.execute(
          db,
        );
        return changes().change(space, undefined, (scope) => expire(scope, space, [id]));
    }
    return undefined;
  };

  const headOf = async ({ shard }: Space) => (await logOf(opened().db, shard)).at(-1)?.position ?? 0;
  const bootstrapOf = async (space: Space, request: BootstrapRequest = {}) => {
    const { memories } = await bootstrap(opened(), bootstrapInput.parse({ ...request, space: space.id }));
    return [...memories.active, ...memories.thread, ...memories.stable];
  };
  const stateOf = (memory: Pick<Memory, 'id' | 'tier' | 'accessCount' | 'resonancePhi' | 'isCatalyst'>) =>
    `${memory.id} ${memory.tier} ${memory.accessCount} ${memory.resonancePhi} ${memory.isCatalyst}`;

  /** What core makes of the log up to a position. */
  const replayedTo = (log: readonly LogEvent[], position: number): Map<string, PastState> => {
    const records = new Map<string, MemoryRecord>();
    foldMemories(
      records,
      log.filter((event) => event.position <= position),
    );
    return new Map([...records].map(([id, { state }]) => [id, pastOf(state)]));
  };

  const sorted = (states: ReadonlyMap<string, PastState>) => [...states].toSorted(([a], [b]) => (a < b ? -1 : 1));

  test('states of any moment are what core makes of the log up to it, and a query finds exactly what was live', async () => {
    const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 });
    const neighbour = await opened().newSpace();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 70 }), places, async (steps, shares) => {
        // On one shard, whose log they share.
        const space = await opened().newSpace({ beside: neighbour });
        const known = new Map<string, string>();
        const seen: { readonly position: number; readonly answer: Awaited<ReturnType<typeof bootstrapOf>> }[] = [];
        for (const given of steps) {
          await perform(space, known, given);
          if (given.kind !== 'fold') continue;
          seen.push({ position: await headOf(space), answer: await bootstrapOf(space) });
        }
        const log = (await logOf(opened().db, space.shard)).filter(({ spaceId }) => spaceId === space.id);
        const erased = new Set(log.flatMap(({ type, memoryIds }) => (type === 'memory.erased' ? memoryIds : [])));
        for (const { position, answer } of seen) {
          const then = await bootstrapOf(space, { asOf: position });
          expect(then.map(stateOf)).toEqual(answer.filter(({ id }) => !erased.has(id)).map(stateOf));
        }
        for (const share of shares) {
          const position = Math.round(share * (log.at(-1)?.position ?? 0));
          const expected = replayedTo(log, position);
          expect(sorted(await statesAt(opened().db, archive, space, position))).toEqual(sorted(expected));
          for (const [id, state] of expected) {
            expect([...(await statesAt(opened().db, archive, space, position, [id]))]).toEqual([[id, state]]);
          }
          const live = [...expected].filter(([id, { visibility }]) => visibility === 'live' && !erased.has(id));
          const asked = { query: 'leaf', asOf: position, limit: 50, similarityThreshold: 0 };
          for (const ranking of ['hybrid', 'structural'] as const) {
            const { memories, recallId } = await opened().query(space, { ...asked, ranking });
            expect(recallId).toBeNull();
            const wanted = live.map(([id, { tier, accessCount, phi, isCatalyst }]) =>
              stateOf({ id, tier, accessCount, resonancePhi: phi / 1_000, isCatalyst }),
            );
            expect(memories.map(stateOf).toSorted()).toEqual(wanted.toSorted());
          }
        }
      }),
      { numRuns: 15 },
    );
  });

  const found = async (space: Space, request: object) =>
    (await opened().query(space, { query: 'kite', ...request })).memories.map(({ content }) => content).toSorted();

  test('a moment is asked for by its position or its time; what lies before the first event holds nothing', async () => {
    const space = await opened().newSpace();
    const first = await opened().add(space, 'a red kite');
    await new Promise((resolve) => setTimeout(resolve, 20));
    await opened().add(space, 'a blue kite');
    expect(await found(space, { asOf: 0 })).toEqual([]);
    expect(await found(space, { asOf: 1 })).toEqual(['a red kite']);
    expect(await found(space, { asOf: first.memory.createdAt })).toEqual(['a red kite']);
    expect(await found(space, { asOf: '2020-01-01T00:00:00Z' })).toEqual([]);
    expect(await found(space, { asOf: '2999-01-01T00:00:00+02:00' })).toEqual(['a blue kite', 'a red kite']);
    const { asOf } = await opened().query(space, { query: 'kite', asOf: first.memory.createdAt });
    expect(asOf).toEqual({ position: 1, at: first.memory.createdAt });
    await expect(found(space, { asOf: 3 })).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      details: [{ field: 'asOf', limit: 2 }],
    });
    expect(await bootstrapOf(space, { asOf: 0 })).toEqual([]);
  });

  test('what is forgotten now and was live then is found; what came later is not; what is erased is not', async () => {
    const space = await opened().newSpace();
    const ids: string[] = [];
    for (const content of ['a red kite', 'a blue kite', 'a green kite']) {
      ids.push((await opened().add(space, { content, category: content.split(' ')[1]! })).memory.id);
    }
    await opened().store.merge(space, [ids[0]!, ids[1]!], 0.96);
    await opened().store.forget(space, [ids[2]!]);
    await opened().add(space, 'a white kite');
    const erased = (await opened().add(space, 'a black kite')).memory.id;
    await opened().store.erase(space, [erased]);
    expect(await found(space, {})).toEqual(['a red kite', 'a white kite']);
    expect(await found(space, { asOf: 3 })).toEqual(['a blue kite', 'a green kite', 'a red kite']);
    expect(await found(space, { asOf: 3, category: 'green' })).toEqual(['a green kite']);
    expect(await found(space, { asOf: 4 })).toEqual(['a green kite', 'a red kite']);
    expect(await found(space, { asOf: 7 })).toEqual(['a red kite', 'a white kite']);
  });

  test('tiers that are asked for are those of then', async () => {
    const space = await opened().newSpace();
    for (const content of ['a red kite', 'a blue kite']) await opened().add(space, content);
    for (let times = 0; times < 5; times += 1) await opened().query(space, 'red kite');
    await opened().fold(space);
    const tiers = ['thread'];
    expect(await found(space, { tiers, asOf: 6 })).toEqual([]);
    expect(await found(space, { tiers, asOf: 7 })).toEqual(await found(space, { tiers, record: false }));
  });

  test('states are copied when they have moved on far enough, those that changed, once whoever tries', async () => {
    const { db } = opened();
    const space = await opened().newSpace();
    const ids: string[] = [];
    for (const content of ['a red kite', 'a blue kite', 'a pond'])
      ids.push((await opened().add(space, content)).memory.id);
    const copied = async () => {
      const { rows } = await sql<{ position: number; ids: string[] }>`
        select position, json_agg(memory_id order by memory_id) as ids from state_snapshots
        where shard = ${space.shard} group by position order by position`.execute(db);
      return rows.map((row) => [row.position, row.ids.toSorted()]);
    };
    expect(await shardsDueForSnapshot(db, 3)).not.toContain(space.shard);
    await opened().fold(space);
    expect(await shardsDueForSnapshot(db, 3)).toContain(space.shard);
    await Promise.all([takeSnapshot(db, space.shard), takeSnapshot(db, space.shard)]);
    expect(await copied()).toEqual([[3, ids.toSorted()]]);
    expect(await shardsDueForSnapshot(db, 3)).not.toContain(space.shard);
    await opened().query(space, 'kite');
    await opened().fold(space);
    // Added, but not folded yet: it has a state, and is not of the moment that is copied.
    await opened().add(space, 'a green kite');
    await takeSnapshot(db, space.shard);
    expect(await copied()).toEqual([
      [3, ids.toSorted()],
      [4, ids.slice(0, 2).toSorted()],
    ]);
    await takeSnapshot(db, space.shard);
    expect(await copied()).toHaveLength(2);
  });

  test('a rebuild that finds states wrong drops their copies; one that does not keeps them', async () => {
    const { db, store } = opened();
    const space = await opened().newSpace();
    const { memory } = await opened().add(space, 'a red kite');
    await opened().query(space, 'kite');
    await opened().fold(space);
    await takeSnapshot(db, space.shard);
    const rebuild = async () => {
      for await (const _ of store.rebuild({ verify: false }));
      const { rows } = await sql`select from state_snapshots where shard = ${space.shard}`.execute(db);
      return rows.length;
    };
    expect(await rebuild()).toBe(1);
    await sql`update memory_state set phi = 3 where memory_id = ${memory.id}`.execute(db);
    expect(await rebuild()).toBe(0);
    expect((await statesAt(db, archive, space, 2)).get(memory.id)).toMatchObject({ phi: 100, accessCount: 1 });
  });
});
