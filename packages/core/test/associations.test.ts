import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AssociationState, associationStrength, foldAssociation, pairsOf } from '../src/index.ts';
import { newLog, times } from './history.ts';

const inConversation = { conversationId: 'c' };

describe('co-occurrence', () => {
  test('associates every pair of a query’s results inside a conversation', () => {
    const log = newLog();
    expect(pairsOf(log.recalled(['b', 'c', 'a'], inConversation))).toEqual([
      ['a', 'b'],
      ['a', 'c'],
      ['b', 'c'],
    ]);
  });

  test('of 20 results is 190 pairs, and results past the twentieth add none', () => {
    const log = newLog();
    const ids = times(30, (index) => `m${index}`);
    const of20 = pairsOf(log.recalled(ids.slice(0, 20), inConversation));
    expect(of20).toHaveLength(190);
    expect(pairsOf(log.recalled(ids, inConversation))).toEqual(of20);
  });

  test('has one spelling of a pair, whatever the order of the results', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.uuid(), { minLength: 1, maxLength: 20 }), (ids) => {
        const log = newLog();
        const pairs = pairsOf(log.recalled(ids, inConversation));
        expect(pairs.every(([a, b]) => a < b)).toBe(true);
        expect(new Set(pairs.map(String)).size).toBe((ids.length * (ids.length - 1)) / 2);
        expect(pairsOf(log.recalled(ids.toReversed(), inConversation))).toEqual(pairs);
      }),
    );
  });

  test.each([
    ['a query outside any conversation', (log: ReturnType<typeof newLog>) => log.recalled(['a', 'b'])],
    ['a query with one result', (log: ReturnType<typeof newLog>) => log.recalled(['a'], inConversation)],
    ['a query with no result', (log: ReturnType<typeof newLog>) => log.recalled([], inConversation)],
    ['an add', (log: ReturnType<typeof newLog>) => log.added('a', inConversation)],
    ['content that was added again', (log: ReturnType<typeof newLog>) => log.addedAgain('a', inConversation)],
    ['a citation', (log: ReturnType<typeof newLog>) => log.cited(['a', 'b'])],
  ])('associates nothing after %s', (_, event) => {
    expect(pairsOf(event(newLog()))).toEqual([]);
  });
});

describe('an association', () => {
  test('counts its co-occurrences and remembers the last', () => {
    const log = newLog();
    const events = times(3, () => log.recalled(['a', 'b'], inConversation));
    let state: AssociationState | undefined;
    for (const event of events) state = foldAssociation(state, event);
    expect(state).toEqual({ count: 3, lastAt: events[2]!.recordedAt });
  });

  test.each([
    [1, 0.0301],
    [9, 0.1],
    [99, 0.2],
    [999, 0.3],
  ])('that occurred %i times has strength %f', (count, strength) => {
    expect(associationStrength(count)).toBeCloseTo(strength, 4);
  });

  test('never loses strength by occurring again (fault 6)', () => {
    fc.assert(
      fc.property(fc.nat({ max: 10_000_000 }), (count) => {
        expect(associationStrength(count + 1)).toBeGreaterThan(associationStrength(count));
      }),
    );
  });
});
