import type { Candidate, RankedCandidate } from './candidate.ts';
import { phiFromThousandths, resonance } from './resonance.ts';

/** The reference system's weight of a memory, on a similarity of 0–1 and on φ / 5. */
export const structuralWeights = { similarity: 0.7, resonance: 0.3 } as const;

/** 0.7·similarity + 0.3·φ/5: shown in every breakdown, and what the structural profile orders by. */
export function structuralWeight({ similarity, phi }: Pick<Candidate, 'similarity' | 'phi'>): number {
  return structuralWeights.similarity * (similarity ?? 0) + structuralWeights.resonance * (phi / resonance.max);
}

/**
 * The φ, thousandths, that a memory needs to be among the results though it is less similar than all that
 * were weighed: what has less of both cannot weigh as much as the last result (R. Fagin, A. Lotem, M. Naor,
 * "Optimal aggregation algorithms for middleware", 2003). Who has this much is weighed too, and the ranking
 * is the one of the whole space.
 *
 * @param lastWeight weight of the last result wanted
 * @param lastSimilarity similarity of the last memory on the list of the nearest
 */
export function resonanceNeeded(lastWeight: number, lastSimilarity: number): number {
  return ((lastWeight - structuralWeights.similarity * lastSimilarity) / structuralWeights.resonance) * resonance.max;
}

/** Orders candidates by structural weight, equal ones by id; words count for nothing. */
export function rankStructural(
  candidates: readonly Candidate[],
  options: { readonly similarityThreshold: number; readonly limit: number },
): RankedCandidate[] {
  return candidates
    .filter(({ similarity }) => similarity !== null && similarity >= options.similarityThreshold)
    .map((candidate) => {
      const weight = structuralWeight(candidate);
      const { similarity, phi } = candidate;
      const breakdown = {
        similarity,
        lexical: 0,
        phi: phiFromThousandths(phi),
        structuralWeight: weight,
        score: weight,
        terms: {
          similarity: structuralWeights.similarity * (similarity ?? 0),
          ...{ lexical: 0, conversation: 0, neighbourTurn: 0 },
          resonance: structuralWeights.resonance * (phi / resonance.max),
        },
      };
      return { candidate, breakdown };
    })
    .toSorted((a, b) => b.breakdown.score - a.breakdown.score || (a.candidate.memoryId < b.candidate.memoryId ? -1 : 1))
    .slice(0, options.limit);
}
