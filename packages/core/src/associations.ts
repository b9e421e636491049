import type { LogEvent } from './events.ts';

/** Only a query's first results are paired: 20 make 190 pairs, the heaviest thing that is stored. */
export const pairedResults = 20;

/** Two memories that were recalled together; `a < b`, so that a pair has one spelling. */
export type Pair = readonly [a: string, b: string];

/** What the log says about a pair. */
export interface AssociationState {
  readonly count: number;
  /** Recording time of the last co-occurrence, epoch milliseconds. */
  readonly lastAt: number;
}

/** The pairs that an event associates: those of a query inside a conversation, else none. */
export function pairsOf(event: LogEvent): Pair[] {
  if (event.type !== 'memory.accessed' || event.payload.via !== 'query' || event.conversationId === null) return [];
  const ids = event.memoryIds.slice(0, pairedResults).toSorted();
  return ids.flatMap((a, index) => ids.slice(index + 1).map((b): Pair => [a, b]));
}

/** One more co-occurrence of a pair. */
export function foldAssociation(state: AssociationState | undefined, event: LogEvent): AssociationState {
  return { count: (state?.count ?? 0) + 1, lastAt: event.recordedAt };
}

/** Strength of an association from its count: log10(1 + count) / 10, so it only ever grows. */
export function associationStrength(count: number): number {
  return Math.log10(1 + count) / 10;
}

/** The least count whose association is at least this strong: what a bound of strength means for counts. */
export function leastCount(minStrength: number): number {
  const count = Math.max(1, Math.round(10 ** (10 * minStrength) - 1));
  // Powers and logarithms are rounded: the neighbours decide.
  const around = [count - 1, count, count + 1].filter((each) => each >= 1);
  return around.find((each) => associationStrength(each) >= minStrength) ?? count + 2;
}

/** An association as a line between two memories. */
export interface AssociationEdge {
  /** Where it was followed from one end to the other, the end that came first. */
  readonly from: string;
  readonly to: string;
  readonly strength: number;
  readonly count: number;
}

/** The lines that have both their ends among the memories that are shown, in the order of the pairs. */
export function edgesAmong(
  memories: readonly { readonly id: string }[],
  pairs: readonly Pick<AssociationEdge, 'from' | 'to' | 'count'>[],
): AssociationEdge[] {
  const shown = new Set(memories.map(({ id }) => id));
  return pairs
    .filter(({ from, to }) => shown.has(from) && shown.has(to))
    .map(({ from, to, count }) => ({ from, to, strength: associationStrength(count), count }));
}

/** How many pairs occurred this often. */
export interface PairCount {
  readonly count: number;
  readonly pairs: number;
}

/** How strong a set of associations is. */
export interface StrengthSummary {
  readonly pairs: number;
  /** 0 where there is no pair, as the other. */
  readonly meanStrength: number;
  readonly maxStrength: number;
  /** How many pairs are at least `from` and less than `to` strong. */
  readonly distribution: readonly { readonly from: number; readonly to: number; readonly pairs: number }[];
}

/** Bounds of the distribution: by them 1–2, 3–8, 9–30, 31–98, 99–315, 316–998 and more co-occurrences are told apart. */
const strengthBounds = [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 1] as const;

export function summariseStrengths(counts: readonly PairCount[]): StrengthSummary {
  const strengths = counts.map(({ count, pairs }) => ({ strength: associationStrength(count), pairs }));
  const pairs = sum(strengths.map((each) => each.pairs));
  const total = sum(strengths.map((each) => each.strength * each.pairs));
  return {
    pairs,
    meanStrength: pairs === 0 ? 0 : total / pairs,
    maxStrength: strengths.reduce((max, { strength }) => Math.max(max, strength), 0),
    distribution: strengthBounds.slice(1).map((to, index) => {
      const from = strengthBounds[index] ?? 0;
      const within = strengths.filter(({ strength }) => strength >= from && (strength < to || to === 1));
      return { from, to, pairs: sum(within.map((each) => each.pairs)) };
    }),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
