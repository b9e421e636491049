import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Candidate, rankHybrid, rankStructural } from '../src/index.ts';
import { candidate } from './in-memory-store.ts';

const generous = { similarityThreshold: 0, limit: 100 };

const candidates = fc.uniqueArray(
  fc.record({
    memoryId: fc.uuid(),
    version: fc.constant(1),
    conversationId: fc.option(fc.constantFrom('c1', 'c2', 'c3')),
    neighbours: fc.constant([]),
    similarity: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    lexical: fc.double({ min: 0, max: 1, noNaN: true }),
    phi: fc.integer({ min: 0, max: 5_000 }),
    accessCount: fc.nat(100),
    tier: fc.constantFrom('active' as const, 'thread' as const, 'stable' as const),
  }),
  { selector: ({ memoryId }) => memoryId, maxLength: 40 },
);

const ids = (list: readonly Candidate[], options = generous) =>
  rankHybrid(list, options).map((ranked) => ranked.candidate.memoryId);

const scoreOf = (list: readonly Candidate[], memoryId: string) =>
  rankHybrid(list, generous).find((ranked) => ranked.candidate.memoryId === memoryId)!.breakdown.score;

describe('the hybrid score', () => {
  test('is 0.6 of the cosine and 0.4 of the share in the best lexical score', () => {
    const ranked = rankHybrid(
      [candidate('a', { similarity: 0.8, lexical: 0.1 }), candidate('b', { similarity: 0.4, lexical: 0.2 })],
      generous,
    );
    expect(ranked.map(({ breakdown }) => breakdown)).toEqual([
      {
        ...{
          similarity: 0.8,
          lexical: 0.5,
          phi: 0,
          structuralWeight: expect.closeTo(0.56),
          score: expect.closeTo(0.68),
        },
        terms: { similarity: 0.48, lexical: 0.2, conversation: 0, neighbourTurn: 0, resonance: 0 },
      },
      {
        ...{ similarity: 0.4, lexical: 1, phi: 0, structuralWeight: expect.closeTo(0.28), score: expect.closeTo(0.64) },
        terms: { similarity: 0.24, lexical: 0.4, conversation: 0, neighbourTurn: 0, resonance: 0 },
      },
    ]);
  });

  test('is the sum of its terms, whichever of them count', () => {
    const weights = { similarity: 0.6, lexical: 0.4, conversation: 0.1, neighbourTurn: 0.3, resonance: 0.05 };
    fc.assert(
      fc.property(candidates, (list) => {
        const besideEachOther = list.map((one, index) => ({ ...one, neighbours: [list[index - 1]?.memoryId ?? ''] }));
        const ranked = [
          ...rankHybrid(besideEachOther, { ...generous, weights }),
          ...rankStructural(besideEachOther, generous),
        ];
        for (const { breakdown } of ranked) {
          const sum = Object.values(breakdown.terms).reduce((total, term) => total + term, 0);
          expect(breakdown.score).toBeCloseTo(sum, 12);
        }
      }),
    );
  });

  test('is lexical alone where the model did not answer', () => {
    const [best] = rankHybrid([candidate('a', { lexical: 0.3 }), candidate('b', { lexical: 0.1 })], generous);
    expect(best!.breakdown).toMatchObject({ similarity: null, lexical: 1, score: expect.closeTo(0.4) });
  });

  test('has a breakdown that it can be computed from, outside any conversation', () => {
    fc.assert(
      fc.property(candidates, (list) => {
        const alone = list.map((one) => ({ ...one, conversationId: null }));
        for (const { candidate: ranked, breakdown } of rankHybrid(alone, generous)) {
          const { similarity, lexical, phi, structuralWeight, score } = breakdown;
          const base = 0.6 * (similarity ?? 0) + 0.4 * lexical;
          expect(score).toBeCloseTo(base * (1 + (0.05 * Math.log(1 + phi)) / Math.log(6)), 10);
          expect(structuralWeight).toBeCloseTo(0.7 * (similarity ?? 0) + 0.3 * (phi / 5), 10);
          expect(phi).toBe(ranked.phi / 1_000);
        }
      }),
    );
  });
});

describe('what qualifies', () => {
  const list = [
    candidate('word', { similarity: 0.01, lexical: 0.001 }),
    candidate('far', { similarity: 0.2499 }),
    candidate('near', { similarity: 0.25 }),
    candidate('neither', { similarity: null, lexical: 0 }),
  ];

  test('a lexical match always, a candidate without one from the threshold on', () => {
    expect(ids(list, { similarityThreshold: 0.25, limit: 10 }).toSorted()).toEqual(['near', 'word']);
  });

  test('a memory that has neither a word nor a vector in common never', () => {
    expect(ids(list, { similarityThreshold: 0, limit: 10 })).not.toContain('neither');
  });

  test('the limit cuts the end of the list', () => {
    fc.assert(
      fc.property(candidates, fc.integer({ min: 1, max: 50 }), (all, limit) => {
        expect(ids(all, { similarityThreshold: 0, limit })).toEqual(ids(all).slice(0, limit));
      }),
    );
  });
});

describe('reinforcement never decides relevance (fault 12)', () => {
  test('φ raises a score by 5 % at its cap, and by nothing at 0', () => {
    const plain = scoreOf([candidate('a', { similarity: 0.5 })], 'a');
    expect(scoreOf([candidate('a', { similarity: 0.5, phi: 5_000 })], 'a') / plain).toBeCloseTo(1.05, 10);
    expect(plain).toBeCloseTo(0.3, 10);
  });

  test('φ raises a score by at most 5 %, and more φ never lowers it', () => {
    fc.assert(
      fc.property(candidates, fc.nat(5_000), fc.nat(5_000), (list, one, other) => {
        const [less, more] = [Math.min(one, other), Math.max(one, other)];
        for (const { memoryId } of rankHybrid(list, generous).map((ranked) => ranked.candidate)) {
          const at = (phi: number) =>
            scoreOf(
              list.map((entry) => (entry.memoryId === memoryId ? { ...entry, phi } : entry)),
              memoryId,
            );
          expect(at(more)).toBeGreaterThanOrEqual(at(less));
          expect(at(more)).toBeLessThanOrEqual(at(0) * 1.05 + 1e-12);
        }
      }),
      { numRuns: 25 },
    );
  });

  test('a memory that is more than 5 % more relevant stays first, however often the other was recalled', () => {
    const relevance = fc.double({ min: 0.01, max: 0.9, noNaN: true });
    fc.assert(
      fc.property(relevance, fc.nat(5_000), fc.nat(5_000), (similarity, phi, otherPhi) => {
        const relevant = candidate('relevant', { similarity: similarity * 1.0501, phi });
        const popular = candidate('popular', { similarity, phi: otherPhi });
        expect(ids([popular, relevant])).toEqual(['relevant', 'popular']);
      }),
    );
  });
});

describe('the lift of a conversation', () => {
  test('is 0.1 of the best other candidate of the same conversation', () => {
    const list = [
      candidate('best', { similarity: 0.9, conversationId: 'c' }),
      candidate('second', { similarity: 0.5, conversationId: 'c' }),
      candidate('third', { similarity: 0.4, conversationId: 'c' }),
      candidate('elsewhere', { similarity: 0.45, conversationId: 'd' }),
      candidate('nowhere', { similarity: 0.42 }),
    ];
    const scores = new Map(rankHybrid(list, generous).map((ranked) => [ranked.candidate.memoryId, ranked.breakdown]));
    expect(scores.get('best')!.score).toBeCloseTo(0.54 + 0.1 * 0.3, 10);
    expect(scores.get('second')!.score).toBeCloseTo(0.3 + 0.1 * 0.54, 10);
    expect(scores.get('third')!.score).toBeCloseTo(0.24 + 0.1 * 0.54, 10);
    expect(scores.get('elsewhere')!.score).toBeCloseTo(0.27, 10);
    expect(scores.get('nowhere')!.score).toBeCloseTo(0.252, 10);
    expect(ids(list)).toEqual(['best', 'second', 'third', 'elsewhere', 'nowhere']);
  });

  test('comes from the same candidate that looking through all of them finds', () => {
    fc.assert(
      fc.property(candidates, (list) => {
        const flat = list.map((entry) => ({ ...entry, phi: 0 }));
        const ranked = rankHybrid(flat, generous);
        const bases = ranked.map(({ candidate: { memoryId, conversationId }, breakdown }) => ({
          memoryId,
          conversationId,
          base: 0.6 * (breakdown.similarity ?? 0) + 0.4 * breakdown.lexical,
        }));
        for (const [index, { memoryId, conversationId, base }] of bases.entries()) {
          const others = bases.filter(
            (other) =>
              conversationId !== null && other.conversationId === conversationId && other.memoryId !== memoryId,
          );
          const lift = 0.1 * Math.max(0, ...others.map((other) => other.base));
          expect(ranked[index]!.breakdown.score).toBeCloseTo(base + lift, 10);
        }
      }),
    );
  });

  test('is never taken from a candidate that did not qualify', () => {
    const list = [
      candidate('a', { similarity: 0.5, conversationId: 'c' }),
      candidate('unqualified', { similarity: 0.3, conversationId: 'c' }),
    ];
    const [only, ...rest] = rankHybrid(list, { similarityThreshold: 0.4, limit: 10 });
    expect(rest).toEqual([]);
    expect(only!.breakdown.score).toBeCloseTo(0.3, 10);
  });
});

describe('the order', () => {
  test('falls by score, and of equal scores the smaller id comes first', () => {
    fc.assert(
      fc.property(candidates, (list) => {
        const ranked = rankHybrid(list, generous);
        for (const [index, next] of ranked.slice(1).entries()) {
          const previous = ranked[index]!;
          const difference = previous.breakdown.score - next.breakdown.score;
          expect(difference > 0 || (difference === 0 && previous.candidate.memoryId < next.candidate.memoryId)).toBe(
            true,
          );
        }
      }),
    );
  });

  test('does not depend on the order in which the candidates were found', () => {
    const coarse = candidates.map((list) =>
      list.map((entry) => ({ ...entry, similarity: Math.round(4 * (entry.similarity ?? 0)) / 4, lexical: 0, phi: 0 })),
    );
    fc.assert(
      fc.property(
        coarse.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        ([list, shuffled]) => {
          expect(ids(shuffled)).toEqual(ids(list));
        },
      ),
    );
  });

  test('leaves the list of candidates as it was', () => {
    const list = Object.freeze([candidate('b', { similarity: 0.1 }), candidate('a', { similarity: 0.9 })]);
    expect(ids(list)).toEqual(['a', 'b']);
    expect(list.map(({ memoryId }) => memoryId)).toEqual(['b', 'a']);
  });

  test('of nothing is nothing', () => {
    expect(rankHybrid([], generous)).toEqual([]);
  });
});
