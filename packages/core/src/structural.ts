import type { Candidate, RankedCandidate } from './candidate.ts';
import { phiFromThousandths, resonance } from './resonance.ts';

/** The reference system's weight of a memory, on a similarity of 0–1 and on φ / 5. */
export const structuralWeights = { similarity: 0.7, resonance: 0.3 } as const;

/** 0.7·similarity + 0.3·φ/5: shown in every breakdown, and what the structural profile orders by. */
export function structuralWeight({ similarity, phi }: Pick<Candidate, 'similarity' | 'phi'>): number {
  return structuralWeights.similarity * (similarity ?? 0) + structuralWeights.resonance * (phi / resonance.max);
}

/** Where the two lists of a structural search end: nothing that is on neither list is better than this. */
export interface Frontier {
  /** Similarity of the last memory that the list of the nearest brought; null when it brought all there are. */
  readonly similarity: number | null;
  /** φ, thousandths, of the last memory that the list of the strongest brought; null when it brought all. */
  readonly phi: number | null;
}

/**
 * Whether a ranking by structural weight is the one of the whole space, though only the nearest and the
 * strongest memories were weighed (R. Fagin, A. Lotem, M. Naor, "Optimal aggregation algorithms for
 * middleware", 2003): what is on neither list has at most the similarity and the φ at which they end.
 *
 * @param lastWeight weight of the last result wanted; undefined while there are fewer
 */
export function isProven(lastWeight: number | undefined, frontier: Frontier, similarityThreshold: number): boolean {
  const { similarity, phi } = frontier;
  if (similarity === null || phi === null) return true;
  // What was not fetched is less similar still, and would not qualify.
  if (similarity < similarityThreshold) return true;
  return lastWeight !== undefined && lastWeight > structuralWeight({ similarity, phi });
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
      };
      return { candidate, breakdown };
    })
    .toSorted((a, b) => b.breakdown.score - a.breakdown.score || (a.candidate.memoryId < b.candidate.memoryId ? -1 : 1))
    .slice(0, options.limit);
}
