import type { ScoreBreakdown } from './memory.ts';
import { phiFromThousandths, resonance } from './resonance.ts';
import type { Tier } from './tiers.ts';

/**
 * Weights of the hybrid profile, measured on LoCoMo (ten conversations, 1,986 questions with labelled
 * evidence; recall@10 65.8 %, 57–60 % for reciprocal rank fusion of the same two lists).
 */
export const hybridWeights = {
  similarity: 0.6,
  lexical: 0.4,
  /** What the best *other* candidate of the same conversation adds. */
  conversation: 0.1,
  /**
   * φ is a bounded multiplier, at most 5 %: reinforcement grows with every retrieval, and any weight
   * that lets it decide relevance feeds on itself (recall fell to 1.8 % at the reference's 0.3).
   */
  resonance: 0.05,
} as const;

/** The reference system's weight of a memory, shown in every breakdown. */
const structuralWeights = { similarity: 0.7, resonance: 0.3 } as const;

/** How many candidates each arm of a query brings at least. */
export const armDepth = 50;

/** A memory that the vector arm or the lexical arm of a query found, with both scores exact. */
export interface Candidate {
  readonly memoryId: string;
  readonly version: number;
  readonly conversationId: string | null;
  /** Cosine to the query; null while the memory (or the query) has no vector. */
  readonly similarity: number | null;
  /** `ts_rank` of the whole query; 0 when no word matches. */
  readonly lexical: number;
  /** Thousandths. */
  readonly phi: number;
  readonly accessCount: number;
  readonly tier: Tier;
}

export interface RankedCandidate {
  readonly candidate: Candidate;
  readonly breakdown: ScoreBreakdown;
}

/**
 * Orders candidates by the hybrid score and cuts the list at `limit`:
 *
 *     base  = 0.6·similarity + 0.4·lexical / max(lexical)
 *     score = (base + 0.1·best other base of its conversation) · (1 + 0.05·ln(1 + φ) / ln 6)
 *
 * A lexical match always qualifies; a candidate without one needs `similarityThreshold`. Equal scores
 * are ordered by id, so that the same query over the same state gives the same list.
 */
export function rankHybrid(
  candidates: readonly Candidate[],
  options: { readonly similarityThreshold: number; readonly limit: number },
): RankedCandidate[] {
  const qualified = candidates.filter(
    ({ lexical, similarity }) => lexical > 0 || (similarity !== null && similarity >= options.similarityThreshold),
  );
  const maxLexical = Math.max(0, ...qualified.map(({ lexical }) => lexical));
  const based = qualified.map((candidate) => {
    const lexical = maxLexical > 0 ? candidate.lexical / maxLexical : 0;
    const base = hybridWeights.similarity * (candidate.similarity ?? 0) + hybridWeights.lexical * lexical;
    return { candidate, lexical, base };
  });
  const bestOther = bestOtherOfConversation(based);
  return based
    .map((entry) => {
      const { candidate, lexical, base } = entry;
      const phi = phiFromThousandths(candidate.phi);
      const lifted = base + hybridWeights.conversation * bestOther(entry);
      return {
        candidate,
        breakdown: {
          similarity: candidate.similarity,
          lexical,
          phi,
          structuralWeight: structuralWeight(candidate),
          score: lifted * (1 + hybridWeights.resonance * (Math.log1p(phi) / Math.log(6))),
        },
      };
    })
    .toSorted((a, b) => b.breakdown.score - a.breakdown.score || (a.candidate.memoryId < b.candidate.memoryId ? -1 : 1))
    .slice(0, options.limit);
}

function structuralWeight({ similarity, phi }: Candidate): number {
  return structuralWeights.similarity * (similarity ?? 0) + structuralWeights.resonance * (phi / resonance.max);
}

interface Based {
  readonly candidate: Candidate;
  readonly base: number;
}

/** For each candidate, the best base among the others of its conversation (0 when it stands alone). */
function bestOtherOfConversation(based: readonly Based[]): (entry: Based) => number {
  const best = new Map<string, { first: Based; second: number }>();
  for (const entry of based) {
    const conversation = entry.candidate.conversationId;
    if (conversation === null) continue;
    const known = best.get(conversation);
    if (!known) best.set(conversation, { first: entry, second: 0 });
    else if (entry.base > known.first.base) best.set(conversation, { first: entry, second: known.first.base });
    else known.second = Math.max(known.second, entry.base);
  }
  return (entry) => {
    const known = entry.candidate.conversationId === null ? undefined : best.get(entry.candidate.conversationId);
    if (!known) return 0;
    return Math.max(0, known.first === entry ? known.second : known.first.base);
  };
}
