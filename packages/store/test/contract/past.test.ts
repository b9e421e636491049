import { foldMemories, type LogEvent, type MemoryRecord, type PastState, type Space } from '@anima/core';
import fc from 'fast-check';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { inTransaction } from '../../src/engine/engine.ts';
import { ChangeLog } from '../../src/log/change.ts';
import { expire } from '../../src/lifecycle/visibility.ts';
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
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('forget', 'restore', 'expire', 'mark', 'unmark', 'edit'), one }) },
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
        await sql`update memories set expires_at = created_at where shard = ${space.shard} and memory_id = ${id}`.execute(db);
        return changes().change(space, undefined, (scope) => expire(scope, space, [id]));
    }
    return undefined;
  };

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
        for (const given of steps) await perform(space, known, given);
        const log = (await logOf(opened().db, space.shard)).filter(({ spaceId }) => spaceId === space.id);
        const erased = new Set(log.flatMap(({ type, memoryIds }) => (type === 'memory.erased' ? memoryIds : [])));
        for (const share of shares) {
          const position = Math.round(share * (log.at(-1)?.position ?? 0));
          const expected = replayedTo(log, position);
          expect(sorted(await statesAt(opened().db, space, position))).toEqual(sorted(expected));
          for (const [id, state] of expected) {
            expect([...(await statesAt(opened().db, space, position, [id]))]).toEqual([[id, state]]);
          }
          const live = [...expected].filter(([id, { visibility }]) => visibility === 'live' && !erased.has(id));
          const asked = { query: 'leaf', asOf: position, limit: 50, similarityThreshold: 0 };
          for (const ranking of ['hybrid', 'structural'] as const) {
            const { memories, recallId } = await opened().query(space, { ...asked, ranking });
            expect(recallId).toBeNull();
            const shown = memories.map(({ id, tier, accessCount, resonancePhi, isCatalyst }) => [
              id,
              { tier, accessCount, phi: Math.round(resonancePhi * 1_000), isCatalyst },
            ]);
            const wanted = live.map(([id, { tier, accessCount, phi, isCatalyst }]) => [
              id,
              { tier, accessCount, phi, isCatalyst },
            ]);
            expect(shown.toSorted()).toEqual(wanted.toSorted());
          }
        }
      }),
      { numRuns: 15 },
    );
  });

});
