import { type LogEvent, projections, type Space } from '@anima/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldNextBatch } from '../../src/projections/fold-shard.ts';
import { projectionRules } from '../../src/projections/rules.ts';
import { atMost, onEveryEngine } from '../engines.ts';
import { newMemory } from '../new-memory.ts';
import { logOf, replayed, stored } from '../replay.ts';

const topics = ['oak', 'ash', 'elm'];
const contents = Array.from({ length: 8 }, (_, n) => `${topics[n % 3]} ${topics[(n + 1) % 3]} ${n}`);

const which = fc.integer({ min: 0, max: 1 });
const content = fc.constantFrom(...contents);
const conversationId = fc.option(fc.constantFrom('c1', 'c2', 'c3'), { nil: null });

/** What a client does; steps that stand together happen at once. */
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('add' as const),
      which,
      contents: fc.array(content, { minLength: 1, maxLength: 4 }),
      conversationId,
      isCatalyst: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('query' as const),
      which,
      topic: fc.constantFrom(...topics),
      conversationId,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('cite' as const),
      which,
      back: fc.nat(5),
      count: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('fold' as const), which, batchSize: fc.integer({ min: 1, max: 9 }) }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const histories = fc.record({
  besideEachOther: fc.boolean(),
  bursts: fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { minLength: 5, maxLength: 25 }),
});

/** A space as its clients know it, without looking into any table. */
interface Known {
  readonly space: Space;
  readonly ids: Map<string, string>;
  readonly accesses: Map<string, number>;
  readonly recalls: { readonly recallId: string; readonly ids: readonly string[] }[];
  readonly cited: Set<string>;
}

onEveryEngine('random histories', (opened) => {
  test('two spaces, bursts of everything at once, folds of any size: the tables hold what core makes of the log', async () => {
    await fc.assert(
      fc.asyncProperty(histories, async ({ besideEachOther, bursts }) => {
        const first = await opened().newSpace();
        const second = await opened().newSpace(besideEachOther ? { beside: first } : {});
        const known = [first, second].map(
          (space): Known => ({ space, ids: new Map(), accesses: new Map(), recalls: [], cited: new Set() }),
        );
        for (const burst of bursts) await Promise.all(burst.map((one) => perform(known[one.which]!, one)));
        for (const { space } of known) await opened().fold(space, 4);

        for (const shard of new Set(known.map(({ space }) => space.shard))) {
          expect(await stored(opened().db, shard)).toEqual(await replayed(opened().db, shard));
        }
        for (const one of known) await expectWhatClientsSaw(one);
      }),
      { numRuns: 12 },
    );
    for await (const step of opened().store.rebuild({ verify: true })) {
      if (step.type === 'report') expect(step.report.differences).toEqual([]);
    }
  });

  const perform = async (known: Known, one: Step): Promise<void> => {
    const { space } = known;
    const { store } = opened();
    switch (one.kind) {
      case 'add': {
        const { isCatalyst, conversationId: talk } = one;
        const memories = one.contents.map((text) => newMemory(text, { isCatalyst, conversationId: talk }));
        const outcomes = await store.add(space, memories);
        for (const [index, { memoryId, isNew }] of outcomes.entries()) {
          const text = one.contents[index]!;
          if (isNew) expect(known.ids.has(text) && known.ids.get(text) !== memoryId).toBe(false);
          expect(known.ids.get(text) ?? memoryId).toBe(memoryId);
          known.ids.set(text, memoryId);
          if (!isNew) count(known.accesses, memoryId);
        }
        return;
      }
      case 'query': {
        const request = { query: one.topic, ...(one.conversationId ? { conversationId: one.conversationId } : {}) };
        const { recallId, memories } = await opened().query(space, request);
        const ids = memories.map(({ id }) => id);
        for (const id of ids) count(known.accesses, id);
        known.recalls.push({ recallId: recallId!, ids });
        return;
      }
      case 'cite': {
        const recall = known.recalls.at(-1 - one.back);
        const ids = recall?.ids.slice(0, one.count) ?? [];
        if (!recall || ids.length === 0) return;
        for (const id of (await store.cite(space, recall.recallId, ids)).cited) {
          const citation = `${recall.recallId} ${id}`;
          expect(known.cited.has(citation)).toBe(false);
          known.cited.add(citation);
        }
        return;
      }
      case 'fold':
        for (const name of projections) {
          await foldNextBatch(opened().db, projectionRules[name], space.shard, atMost(one.batchSize));
        }
    }
  };

  /** Counted at the client, apart from the log: nothing was lost on the way into it, and nothing doubled. */
  const expectWhatClientsSaw = async ({ space, ids, accesses, recalls, cited }: Known) => {
    const log = (await logOf(opened().db, space.shard)).filter(({ spaceId }) => spaceId === space.id);
    const ofType = (type: LogEvent['type']) => log.filter((event) => event.type === type);
    expect(
      ofType('memory.added')
        .flatMap(({ memoryIds }) => memoryIds)
        .toSorted(),
    ).toEqual([...ids.values()].toSorted());
    expect(ofType('memory.cited').flatMap(({ memoryIds }) => memoryIds)).toHaveLength(cited.size);
    const recallIds = new Set(recalls.map(({ recallId }) => recallId));
    expect(ofType('memory.accessed').filter(({ id }) => recallIds.has(id))).toHaveLength(recalls.length);
    const { states } = await stored(opened().db, space.shard);
    for (const id of ids.values()) {
      expect(states[`${space.id}/${id}`]!.accessCount).toBe(accesses.get(id) ?? 0);
    }
  };
});

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
