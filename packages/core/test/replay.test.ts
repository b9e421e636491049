import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldMemories, type LogEvent, type MemoryRecord, type TierChange } from '../src/index.ts';
import { newLog, statesOf } from './history.ts';

const memoryIds = ['a', 'b', 'c', 'd'];

const step = fc.record({
  kind: fc.constantFrom('recalled', 'recalled', 'recalled', 'addedAgain', 'cited'),
  ids: fc.shuffledSubarray(memoryIds, { minLength: 1 }),
  conversation: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
  catalyst: fc.boolean(),
});

/** A log that adds up: every memory is added before anything else happens to it. */
const history = fc
  .record({ catalysts: fc.subarray(memoryIds), steps: fc.array(step, { maxLength: 120 }) })
  .map(({ catalysts, steps }): LogEvent[] => {
    const log = newLog();
    const events = memoryIds.map((id) => log.added(id, { catalyst: catalysts.includes(id) }));
    for (const { kind, ids, conversation, catalyst } of steps) {
      const circumstances = { catalyst, ...(conversation === undefined ? {} : { conversationId: `c${conversation}` }) };
      if (kind === 'recalled') events.push(log.recalled(ids, circumstances));
      else if (kind === 'addedAgain') events.push(log.addedAgain(ids[0]!, circumstances));
      else events.push(log.cited(ids));
    }
    return events;
  });

function foldInBatches(events: readonly LogEvent[], sizes: readonly number[]) {
  const records = new Map<string, MemoryRecord>();
  const changes: TierChange[] = [];
  for (let from = 0, batch = 0; from < events.length; batch += 1) {
    const to = from + sizes[batch % sizes.length]!;
    changes.push(...foldMemories(records, events.slice(from, to)));
    from = to;
  }
  return { records, states: statesOf(records), changes };
}

test('a history folds to the same states and tier changes in batches of any size', () => {
  fc.assert(
    fc.property(history, fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (events, sizes) => {
      expect(foldInBatches(events, sizes)).toEqual(foldInBatches(events, [events.length]));
    }),
  );
});

test('the fold of a history is what counting through its log gives', () => {
  fc.assert(
    fc.property(history, (events) => {
      const { states, changes } = foldInBatches(events, [7]);
      for (const id of memoryIds) {
        const own = events.filter((event) => event.memoryIds.includes(id));
        const accesses = own.filter((event) => event.type === 'memory.accessed');
        const citations = own.filter((event) => event.type === 'memory.cited').length;
        const isCatalyst = own.some((event) => 'catalyst' in event.payload && event.payload.catalyst);
        const conversations = own.flatMap(({ conversationId }) => (conversationId === null ? [] : [conversationId]));
        expect(states.get(id)).toEqual({
          tier: accesses.length >= 20 ? 'stable' : accesses.length >= 5 ? 'thread' : 'active',
          accessCount: accesses.length,
          phi: Math.min(5_000, 100 * accesses.length + 1_000 * citations + (isCatalyst ? 1_000 : 0)),
          isCatalyst,
          lastAccessed: (accesses.at(-1) ?? own[0]!).recordedAt,
          conversations: conversations
            .filter((conversation, index) => conversations.lastIndexOf(conversation) === index)
            .slice(-16),
          visibility: 'live',
        });
        expect(changes.filter(({ memoryId }) => memoryId === id).map(({ position }) => position)).toEqual(
          [accesses[4], accesses[19]].flatMap((event) => (event ? [event.position] : [])),
        );
      }
    }),
  );
});

const life = fc
  .array(
    fc.record({
      kind: fc.constantFrom('recalled', 'recalled', 'addedAgain', 'cited', 'marked', 'unmarked', 'decayed', 'merged'),
      ids: fc.shuffledSubarray(memoryIds, { minLength: 2 }),
      conversation: fc.integer({ min: 0, max: 20 }),
      back: fc.integer({ min: 0, max: 60 }),
      similarity: fc.constantFrom(0.95, 0.99),
    }),
    { maxLength: 100 },
  )
  .map((steps) => {
    const log = newLog();
    const events = memoryIds.map((id) => log.added(id));
    const links = new Map<string, string>();
    const rootOf = (id: string): string => (links.has(id) ? rootOf(links.get(id)!) : id);
    for (const [index, { kind, ids, conversation, back, similarity }] of steps.entries()) {
      const [first = '', second = ''] = ids;
      const talk = { conversationId: `c${conversation}` };
      if (kind === 'recalled') events.push(log.recalled(ids, talk));
      else if (kind === 'addedAgain') events.push(log.addedAgain(first, talk));
      else if (kind === 'cited') events.push(log.cited(ids));
      else if (kind === 'marked' || kind === 'unmarked') events.push(log.marked(first, kind === 'marked'));
      else if (kind === 'decayed') events.push(log.decayed((index + 5 - back) * 1_000));
      else if (links.has(first)) {
        events.push(log.unmerged(links.get(first)!, first));
        links.delete(first);
      } else if (rootOf(second) !== first) {
        events.push(log.merged(second, first, similarity));
        links.set(first, second);
      }
    }
    const undone = [...links].map(([merged, survivor]) => log.unmerged(survivor, merged));
    return { merging: events, undone: [...events, ...undone] };
  });

test('whatever was merged into what and parted again, every memory is as if nothing had been merged', () => {
  fc.assert(
    fc.property(life, fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), ({ undone }, sizes) => {
      const plain = undone.filter(({ type }) => type !== 'memory.merged' && type !== 'memory.unmerged');
      expect(foldInBatches(undone, sizes).states).toEqual(foldInBatches(plain, [plain.length]).states);
    }),
  );
});

test('a history with merges folds to the same states and tier changes in batches of any size', () => {
  fc.assert(
    fc.property(life, fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), ({ merging }, sizes) => {
      expect(foldInBatches(merging, sizes)).toEqual(foldInBatches(merging, [merging.length]));
    }),
  );
});

test('a survivor counts the accesses of all that are merged into it, directly or not', () => {
  fc.assert(
    fc.property(life, ({ merging }) => {
      const { records } = foldInBatches(merging, [9]);
      for (const [id, { state }] of records) {
        const rootOf = (one: string): string => {
          const { link } = records.get(one)!;
          return one === id || !link ? one : rootOf(link.survivor);
        };
        const group = [...records.keys()].filter((one) => rootOf(one) === id);
        const own = group.map((one) => records.get(one)!.own);
        expect(state.accessCount).toBe(own.reduce((sum, { accessCount }) => sum + accessCount, 0));
        expect(state.isCatalyst).toBe(own.some(({ isCatalyst }) => isCatalyst));
        expect(state.lastAccessed).toBe(Math.max(...own.map(({ lastAccessed }) => lastAccessed)));
      }
    }),
  );
});
