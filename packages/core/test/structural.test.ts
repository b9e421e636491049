import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Candidate, rankStructural, resonanceNeeded, structuralWeight } from '../src/index.ts';
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
      terms: {
        ...{ similarity: expect.closeTo(0.21), lexical: 0, conversation: 0, neighbourTurn: 0 },
        resonance: expect.closeTo(0.3),
      },
    });
  });

  test('of the nearest, and of those that have the resonance needed, is the ranking of all', () => {
    fc.assert(
      fc.property(
        ...([memories, fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 30 })] as const),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (all, limit, depth, similarityThreshold) => {
          const options = { similarityThreshold, limit };
          const nearest = top(all, depth, ({ similarity }) => similarity ?? -1);
          const frontier = nearest.length < depth ? undefined : nearest.at(-1)!.similarity!;
          const last = rankStructural(nearest, options)[limit - 1]?.breakdown.structuralWeight;
          const needed = last === undefined || frontier === undefined ? 0 : resonanceNeeded(last, frontier);
          const strong = all.filter(({ phi }) => phi >= needed - 1);
          expect(rankStructural([...new Set([...nearest, ...strong])], options)).toEqual(rankStructural(all, options));
        },
      ),
    );
  });

  test('leaves out nobody who could weigh as much as the last result', () => {
    const phi = resonanceNeeded(0.5, 0.4);
    expect(structuralWeight({ similarity: 0.4, phi })).toBeCloseTo(0.5);
    expect(structuralWeight({ similarity: 0.4, phi: phi - 1 })).toBeLessThan(0.5);
  });
});

function top(all: readonly Candidate[], count: number, by: (one: Candidate) => number): readonly Candidate[] {
  return all.toSorted((a, b) => by(b) - by(a)).slice(0, count);
}
