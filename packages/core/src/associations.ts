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
