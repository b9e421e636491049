import { describe, expect, test } from 'vitest';
import { decodeEvent, type LogEvent, tell } from '../src/index.ts';

const base = { shard: 0, position: 1, spaceId: 's', id: 'e', schemaVersion: 1, conversationId: null, recordedAt: 0 };
const event = (type: LogEvent['type'], payload: object, memoryIds: readonly string[] = ['m']) =>
  decodeEvent({ ...base, type, payload, memoryIds });
const untold = { conversation: null, reason: null, tierChange: null };
const query = { via: 'query', profile: 'hybrid' };

describe('every event is told in words', () => {
  const told: readonly (readonly [LogEvent, string])[] = [
    [event('memory.added', { catalyst: false }), 'added'],
    [event('memory.added', { catalyst: true }), 'added as a catalyst'],
    [event('memory.accessed', query), 'recalled alone'],
    [event('memory.accessed', query, ['a', 'm']), 'recalled with 1 other'],
    [event('memory.accessed', query, ['a', 'm', 'b']), 'recalled with 2 others'],
    [event('memory.accessed', { via: 'duplicate', catalyst: false, revived: false }), 'added again'],
    [
      event('memory.accessed', { via: 'duplicate', catalyst: true, revived: true }),
      'added again, which brought it back, as a catalyst',
    ],
    [event('memory.cited', { recallId: 'r' }), 'used: the agent cited it'],
    [event('memory.updated', { version: 2 }), 'changed: its content is version 2'],
    [event('memory.forgotten', {}), 'forgotten'],
    [event('memory.restored', {}), 'restored'],
    [event('memory.expired', {}), 'expired'],
    [event('memory.erased', {}), 'erased: what it said is gone'],
    [event('memory.tiered', { tier: 'network' }), 'set to network by hand'],
    [event('memory.marked', { catalyst: true }), 'marked as a catalyst'],
    [event('memory.marked', { catalyst: false }), 'no longer a catalyst'],
    [
      event('memory.merged', { survivor: 'm', merged: 'b', similarity: 0.96 }, ['m', 'b']),
      'took in b as a variant (similarity 0.960)',
    ],
    [
      event('memory.merged', { survivor: 'a', merged: 'm', similarity: 1 }, ['a', 'm']),
      'became a variant of a (similarity 1.000)',
    ],
    [event('memory.unmerged', { survivor: 'm', merged: 'b' }, ['m', 'b']), 'let go of its variant b'],
    [event('memory.unmerged', { survivor: 'a', merged: 'm' }, ['a', 'm']), 'no longer a variant of a'],
    [event('space.decayed', { cutoff: 1, factor: 950 }, []), 'faded by 5 %: not accessed for long'],
    [event('space.configured', { changes: {} }, []), 'its space was configured'],
    [event('space.reembedded', { modelId: 2 }, []), 'its space changed its model'],
  ];

  test.each(told)('%#: $type', (one, words) => {
    expect(tell({ event: one, ...untold }, 'm')).toBe(words);
  });

  test('there is no type of event that is not among these', () => {
    const every: Record<LogEvent['type'], true> = {
      ...{ 'memory.added': true, 'memory.accessed': true, 'memory.cited': true, 'memory.updated': true },
      ...{ 'memory.forgotten': true, 'memory.restored': true, 'memory.expired': true, 'memory.erased': true },
      ...{ 'memory.tiered': true, 'memory.marked': true, 'memory.merged': true, 'memory.unmerged': true },
      ...{ 'space.configured': true, 'space.reembedded': true, 'space.decayed': true },
    };
    expect([...new Set(told.map(([{ type }]) => type))].toSorted()).toEqual(Object.keys(every).toSorted());
  });
});

test('where it happened, why, and what came of it stand behind what happened', () => {
  expect(
    tell(
      {
        event: event('memory.accessed', query),
        conversation: 'monday',
        reason: null,
        tierChange: { from: 'active', to: 'thread', reason: 'access_count' },
      },
      'm',
    ),
  ).toBe('recalled alone in conversation "monday"; from active to thread');
  expect(
    tell(
      {
        event: event('memory.tiered', { tier: 'network' }),
        conversation: null,
        reason: 'a founding decision',
        tierChange: { from: 'active', to: 'network', reason: 'manual' },
      },
      'm',
    ),
  ).toBe('set to network by hand: a founding decision');
});
