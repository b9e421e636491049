import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AssociationState,
  associationStrength,
  foldAssociation,
  leastCount,
  pairsOf,
  summariseStrengths,
} from '../src/index.ts';
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

describe('a bound of strength', () => {
  test.each([
    [0, 1],
    [0.1, 9],
    [0.2, 99],
    [0.3, 999],
    [1, 9_999_999_999],
  ])('of %f is one of at least %i co-occurrences', (strength, count) => {
    expect(leastCount(strength)).toBe(count);
  });

  test('divides the counts just as strength does', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (strength) => {
        const least = leastCount(strength);
        expect(associationStrength(least)).toBeGreaterThanOrEqual(strength);
        if (least > 1) expect(associationStrength(least - 1)).toBeLessThan(strength);
      }),
    );
  });
});

describe('a summary of strengths', () => {
  test('weighs each strength by its pairs, and sorts every pair into one place', () => {
    const counts = [
      { count: 1, pairs: 6 },
      { count: 9, pairs: 2 },
      { count: 999, pairs: 1 },
      { count: 1_000_000, pairs: 1 },
    ];
    const { pairs, meanStrength, maxStrength, distribution } = summariseStrengths(counts);
    expect(pairs).toBe(10);
    expect(meanStrength).toBeCloseTo(
      (6 * associationStrength(1) + 2 * 0.1 + 0.3 + associationStrength(1_000_000)) / 10,
    );
    expect(maxStrength).toBe(associationStrength(1_000_000));
    expect(distribution.map((place) => place.pairs)).toEqual([6, 0, 2, 0, 0, 0, 2]);
    expect(distribution.map(({ from, to }) => [from, to])).toEqual([
      [0, 0.05],
      [0.05, 0.1],
      [0.1, 0.15],
      [0.15, 0.2],
      [0.2, 0.25],
      [0.25, 0.3],
      [0.3, 1],
    ]);
  });

  test('of no pair at all is zero', () => {
    expect(summariseStrengths([])).toMatchObject({ pairs: 0, meanStrength: 0, maxStrength: 0 });
  });
});
