import type { Tier } from './tiers.ts';

/**
 * A memory as answers show it: current content and the state that its accesses have given it.
 * The state is the one folded so far; an access that was just recorded shows in a later answer.
 */
export interface Memory {
  readonly id: string;
  readonly content: string;
  /** SHA-256 of the content, hex. */
  readonly contentHash: string;
  readonly version: number;
  readonly tier: Tier;
  readonly category: string | null;
  readonly tags: readonly string[];
  readonly source: string | null;
  readonly accessCount: number;
  /** ISO 8601, UTC, like every time here. */
  readonly lastAccessed: string;
  /** Resonance φ, 0–5. */
  readonly resonancePhi: number;
  readonly isCatalyst: boolean;
  /** When it happened, as the client said it; null when it did not say. */
  readonly occurredAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** What each term gave a score: together they are the score, but for the rounding of floating point. */
export interface ScoreTerms {
  readonly similarity: number;
  readonly lexical: number;
  /** By the best other result of its conversation. */
  readonly conversation: number;
  /** By the better of the turns before and after it. */
  readonly neighbourTurn: number;
  /** By its φ. */
  readonly resonance: number;
}

/** Why a result stands where it stands. Every term is what the final score was computed from. */
export interface ScoreBreakdown {
  /** Cosine to the query, −1–1; null when no vector was there to compare. */
  readonly similarity: number | null;
  /** `ts_rank` as a share of the best candidate's, 0–1. */
  readonly lexical: number;
  /** φ at the position that the query saw, 0–5. */
  readonly phi: number;
  /** The reference weight, 0.7·similarity + 0.3·φ/5: informative under the hybrid profile. */
  readonly structuralWeight: number;
  /** What the results are ordered by. */
  readonly score: number;
  readonly terms: ScoreTerms;
}

/** How much of a content is enough to know a memory by, in characters: what an excerpt holds. */
export const excerptLength = 160;

/** A content as part of a list: further lines are indented, so that they stay its own. */
export function indented(content: string): string {
  return content.trim().replaceAll(/\s*\n/g, '\n  ');
}
