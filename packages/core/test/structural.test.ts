import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Candidate, isProven, rankStructural, structuralWeight } from '../src/index.ts';
import { candidate } from './in-memory-store.ts';

const memories = fc
  .array(
    fc.record({ similarity: fc.double({ min: -1, max: 1, noNaN: true }), phi: fc.integer({ min: 0, max: 5_000 }) }),
    { maxLength: 60 },
  )
  .map((list) => list.map((known, index) => candidate(`m${String(index).padStart(2, '0')}`, known)));

describe('the structural weight', () => {
  test('is 0.7 of the similarity and 0.3 of φ / 5', () => {
    expect(structuralWeight({ similarity: 0.5, phi: 2_500 })).toBeCloseTo(0.35 + 0.15);
    expect(structuralWeight({ similarity: null, phi: 5_000 })).toBeCloseTo(0.3);
  });
});

describe('a ranking by structural weight', () => {
  test('is by weight, then by id; words count for nothing, and what is not similar enough is left out', () => {
    const ranked = rankStructural(
      [
        candidate('b', { similarity: 0.5 }),
        candidate('a', { similarity: 0.5, lexical: 1 }),
        candidate('strong', { similarity: 0.3, phi: 5_000 }),
        candidate('far', { similarity: 0.2, phi: 5_000, lexical: 1 }),
        candidate('pending', { phi: 5_000 }),
      ],
      { similarityThreshold: 0.25, limit: 10 },
    );
    expect(ranked.map(({ candidate: { memoryId } }) => memoryId)).toEqual(['strong', 'a', 'b']);
    expect(ranked[0]!.breakdown).toEqual({
      similarity: 0.3,
      lexical: 0,
      phi: 5,
      structuralWeight: expect.closeTo(0.51),
      score: expect.closeTo(0.51),
    });
  });

  test('of the nearest and the strongest alone, once proven, is the ranking of all', () => {
    fc.assert(
      fc.property(
        ...([memories, fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 30 })] as const),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (all, limit, depth, similarityThreshold) => {
          const options = { similarityThreshold, limit };
          const nearest = top(all, depth, ({ similarity }) => similarity ?? -1);
          const strongest = top(all, depth, ({ phi }) => phi);
          const seen = rankStructural([...new Set([...nearest, ...strongest])], options);
          const frontier = {
            similarity: nearest.length < depth ? null : nearest.at(-1)!.similarity,
            phi: strongest.length < depth ? null : strongest.at(-1)!.phi,
          };
          const last = seen.length < limit ? undefined : seen.at(-1)!.breakdown.structuralWeight;
          fc.pre(isProven(last, frontier, similarityThreshold));
          expect(seen).toEqual(rankStructural(all, options));
        },
      ),
    );
  });

  test('is not proven while something unseen could be as good as the last result, or results are missing', () => {
    const frontier = { similarity: 0.5, phi: 1_000 };
    expect(isProven(0.7 * 0.5 + 0.06, frontier, 0)).toBe(false);
    expect(isProven(undefined, frontier, 0)).toBe(false);
    expect(isProven(0.42, frontier, 0)).toBe(true);
    expect(isProven(undefined, frontier, 0.51)).toBe(true);
    expect(isProven(undefined, { similarity: null, phi: 1_000 }, 0)).toBe(true);
    expect(isProven(undefined, { similarity: 0.5, phi: null }, 0)).toBe(true);
  });
});

function top(all: readonly Candidate[], count: number, by: (one: Candidate) => number): readonly Candidate[] {
  return all.toSorted((a, b) => by(b) - by(a)).slice(0, count);
}
