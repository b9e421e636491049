import { describe, expect, test } from 'vitest';
import { promote } from '../src/tiers.ts';

describe('promotion by access count', () => {
  test.each([
    ['active', 4, 5, 'thread'],
    ['active', 3, 4, 'active'],
    ['thread', 19, 20, 'stable'],
    ['thread', 18, 19, 'thread'],
    ['active', 0, 20, 'stable'],
    ['active', 0, 7, 'thread'],
  ] as const)('%s with %i accesses, then %i, becomes %s', (tier, before, after, expected) => {
    expect(promote(tier, before, after)).toBe(expected);
  });

  test.each([
    ['active', 12, 13, 'active'],
    ['active', 19, 20, 'stable'],
    ['thread', 4, 5, 'thread'],
  ] as const)(
    'a tier set by hand (%s at %i accesses) stays until its next threshold is crossed',
    (tier, before, after, expected) => {
      expect(promote(tier, before, after)).toBe(expected);
    },
  );

  test.each([
    ['stable', 4, 5],
    ['network', 4, 5],
    ['network', 19, 20],
  ] as const)('never lowers a tier that was set higher by hand (%s at %i accesses)', (tier, before, after) => {
    expect(promote(tier, before, after)).toBe(tier);
  });
});
