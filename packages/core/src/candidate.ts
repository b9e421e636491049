import type { ScoreBreakdown } from './memory.ts';
import type { Tier } from './tiers.ts';

/** A memory that the vector arm or the lexical arm of a query found, with both scores exact. */
export interface Candidate {
  readonly memoryId: string;
  readonly version: number;
  readonly conversationId: string | null;
  /** The memories said right before and after it; none unless the search was asked for them. */
  readonly neighbours: readonly string[];
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
