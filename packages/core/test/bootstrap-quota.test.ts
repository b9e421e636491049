import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bootstrapQuota, type TierCounts } from '../src/index.ts';

const counts = fc.record({ active: fc.nat(300), thread: fc.nat(300), stable: fc.nat(300) });
const limits = fc.integer({ min: 1, max: 200 });
const total = ({ active, thread, stable }: TierCounts) => active + thread + stable;

describe('what a bootstrap takes of each tier (fault 2: the limit is the total)', () => {
  test('given plenty of each, half is active and the rest 70:30 thread and stable', () => {
    const plenty = { active: 1_000, thread: 1_000, stable: 1_000 };
    expect(bootstrapQuota(plenty, 50)).toEqual({ active: 25, thread: 18, stable: 7 });
    expect(bootstrapQuota(plenty, 200)).toEqual({ active: 100, thread: 70, stable: 30 });
    expect(bootstrapQuota(plenty, 1)).toEqual({ active: 0, thread: 1, stable: 0 });
  });

  test('given too few of some tiers, their room goes to the others', () => {
    expect(bootstrapQuota({ active: 1_000, thread: 0, stable: 0 }, 50)).toEqual({ active: 50, thread: 0, stable: 0 });
    expect(bootstrapQuota({ active: 0, thread: 3, stable: 1_000 }, 50)).toEqual({ active: 0, thread: 3, stable: 47 });
    expect(bootstrapQuota({ active: 1_000, thread: 1_000, stable: 2 }, 50)).toEqual({
      active: 25,
      thread: 23,
      stable: 2,
    });
  });

  test('is never more than the limit, and never more than there is', () => {
    fc.assert(
      fc.property(counts, limits, (available, limit) => {
        const quota = bootstrapQuota(available, limit);
        expect(total(quota)).toBeLessThanOrEqual(limit);
        for (const tier of ['active', 'thread', 'stable'] as const) {
          expect(quota[tier]).toBeGreaterThanOrEqual(0);
          expect(quota[tier]).toBeLessThanOrEqual(available[tier]);
        }
      }),
    );
  });

  test('fills the limit whenever there is enough to fill it', () => {
    fc.assert(
      fc.property(counts, limits, (available, limit) => {
        expect(total(bootstrapQuota(available, limit))).toBe(Math.min(limit, total(available)));
      }),
    );
  });

  test('is at most half active when thread and stable can fill the rest', () => {
    fc.assert(
      fc.property(counts, limits, (available, limit) => {
        fc.pre(available.thread + available.stable >= Math.ceil(limit / 2));
        expect(bootstrapQuota(available, limit).active).toBeLessThanOrEqual(limit / 2);
      }),
    );
  });
});

describe('with an activeLimit, each tier has a bound of its own', () => {
  test('thread takes 70 % of the limit, rounded up, stable the rest, and active its own', () => {
    const plenty = { active: 1_000, thread: 1_000, stable: 1_000 };
    expect(bootstrapQuota(plenty, 10, 3)).toEqual({ active: 3, thread: 7, stable: 3 });
    expect(bootstrapQuota(plenty, 11, 1_000)).toEqual({ active: 1_000, thread: 8, stable: 3 });
    expect(bootstrapQuota(plenty, 50, 0)).toEqual({ active: 0, thread: 35, stable: 15 });
  });

  test('every tier takes what there is, up to its bound, and no room flows', () => {
    fc.assert(
      fc.property(counts, limits, fc.nat(1_000), (available, limit, activeLimit) => {
        expect(bootstrapQuota(available, limit, activeLimit)).toEqual({
          active: Math.min(available.active, activeLimit),
          thread: Math.min(available.thread, Math.ceil((limit * 7) / 10)),
          stable: Math.min(available.stable, Math.floor((limit * 3) / 10)),
        });
      }),
    );
  });
});
