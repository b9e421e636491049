import type { Candidate, RankedCandidate } from './candidate.ts';
import { phiFromThousandths } from './resonance.ts';
import type { SpaceSettings } from './space-settings.ts';
import { structuralWeight } from './structural.ts';

/** Weights of the hybrid profile, each 0–1. */
export interface HybridWeights {
  readonly similarity: number;
  readonly lexical: number;
  /** What the best *other* candidate of the same conversation adds. */
  readonly conversation: number;
  /** What the better of the turns before and after a candidate adds, where it is a candidate too. */
  readonly neighbourTurn: number;
  /**
   * φ is a bounded multiplier, at most 5 %: reinforcement grows with every retrieval, and any weight
   * that lets it decide relevance feeds on itself (recall fell to 1.8 % at the reference's 0.3).
   */
  readonly resonance: number;
}

/**
 * Measured on LoCoMo (ten conversations, 1,986 questions with labelled evidence; recall@10 65.8 %,
 * 57–60 % for reciprocal rank fusion of the same two lists). What each term earns and costs is in
 * `docs/ranking.md`.
 */
export const hybridWeights: HybridWeights = {
  similarity: 0.6,
  lexical: 0.4,
  conversation: 0.1,
  neighbourTurn: 0,
  resonance: 0.05,
};

/** The weights of a space: its own where it has any. */
export function weightsOf(settings: SpaceSettings): HybridWeights {
  return {
    similarity: settings.similarityWeight ?? hybridWeights.similarity,
    lexical: settings.lexicalWeight ?? hybridWeights.lexical,
    conversation: settings.conversationLift ?? hybridWeights.conversation,
    neighbourTurn: settings.neighbourTurnLift ?? hybridWeights.neighbourTurn,
    resonance: settings.resonanceLift ?? hybridWeights.resonance,
  };
}

/** How many candidates each arm of a query brings at least. */
export const armDepth = 50;

/**
 * Orders candidates by the hybrid score and cuts the list at `limit`:
 *
 *     base  = 0.6·similarity + 0.4·lexical / max(lexical)
 *     score = (base + 0.1·best other base of its conversation + neighbourTurn·best base of its neighbours)
 *             · (1 + 0.05·ln(1 + φ) / ln 6)
 *
 * A lexical match always qualifies; a candidate without one needs `similarityThreshold`. Equal scores
 * are ordered by id, so that the same query over the same state gives the same list.
 */
export function rankHybrid(
  candidates: readonly Candidate[],
  options: { readonly similarityThreshold: number; readonly limit: number; readonly weights?: HybridWeights },
): RankedCandidate[] {
  const { weights = hybridWeights } = options;
  const qualified = candidates.filter(
    ({ lexical, similarity }) => lexical > 0 || (similarity !== null && similarity >= options.similarityThreshold),
  );
  const maxLexical = Math.max(0, ...qualified.map(({ lexical }) => lexical));
  const based = qualified.map((candidate) => {
    const lexical = maxLexical > 0 ? candidate.lexical / maxLexical : 0;
    const base = weights.similarity * (candidate.similarity ?? 0) + weights.lexical * lexical;
    return { candidate, lexical, base };
  });
  const bestOther = bestOtherOfConversation(based);
  const bases = new Map(based.map(({ candidate, base }) => [candidate.memoryId, base]));
  const bestNeighbour = ({ neighbours }: Candidate) => Math.max(0, ...neighbours.map((id) => bases.get(id) ?? 0));
  return based
    .map((entry) => {
      const { candidate, lexical, base } = entry;
      const phi = phiFromThousandths(candidate.phi);
      const conversation = weights.conversation * bestOther(entry);
      const neighbourTurn = weights.neighbourTurn * bestNeighbour(candidate);
      const lifted = base + conversation + neighbourTurn;
      const resonance = lifted * weights.resonance * (Math.log1p(phi) / Math.log(6));
      return {
        candidate,
        breakdown: {
          similarity: candidate.similarity,
          lexical,
          phi,
          structuralWeight: structuralWeight(candidate),
          score: lifted + resonance,
          terms: {
            similarity: weights.similarity * (candidate.similarity ?? 0),
            lexical: weights.lexical * lexical,
            ...{ conversation, neighbourTurn, resonance },
          },
        },
      };
    })
    .toSorted((a, b) => b.breakdown.score - a.breakdown.score || (a.candidate.memoryId < b.candidate.memoryId ? -1 : 1))
    .slice(0, options.limit);
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
