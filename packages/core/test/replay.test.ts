import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldMemories, type LogEvent, type MemoryState, type TierChange } from '../src/index.ts';
import { newLog } from './history.ts';

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
  const states = new Map<string, MemoryState>();
  const changes: TierChange[] = [];
  for (let from = 0, batch = 0; from < events.length; batch += 1) {
    const to = from + sizes[batch % sizes.length]!;
    changes.push(...foldMemories(states, events.slice(from, to)));
    from = to;
  }
  return { states, changes };
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
        });
        expect(changes.filter(({ memoryId }) => memoryId === id).map(({ position }) => position)).toEqual(
          [accesses[4], accesses[19]].flatMap((event) => (event ? [event.position] : [])),
        );
      }
    }),
  );
});
