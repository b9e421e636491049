import type { LogEventInput, LogInput, TailInput } from '../inputs/log.ts';
import { limits } from '../limits.ts';
import type { PastState } from '../ports/history.ts';
import type { EventEffect, LoggedEvent, LogStore } from '../ports/log.ts';
import type { MemoryStore } from '../ports.ts';
import { phiFromThousandths } from '../resonance.ts';

export interface LogResult {
  /** The newest first. */
  readonly events: readonly LoggedEvent[];
  /** The `cursor` of the next page; null on the last. A page may be empty and not the last: it looked so far back. */
  readonly next: number | null;
}

/** What a memory was before an event, or is after it. */
export interface StateView extends Pick<PastState, 'tier' | 'accessCount' | 'isCatalyst' | 'visibility'> {
  /** Resonance φ, 0–5. */
  readonly resonancePhi: number;
}

export interface LogEventResult {
  readonly event: LoggedEvent;
  /** What it made of the memories that it names, in their order. */
  readonly effects: readonly (Pick<EventEffect, 'memoryId' | 'excerpt'> & {
    readonly before: StateView | null;
    readonly after: StateView;
  })[];
}

/** What is new in a log. */
export interface TailStep extends Pick<LogResult, 'events'> {
  /** Up to where it was read: what `after` takes. */
  readonly position: number;
  /** Whether more came than one step shows, and the older of them are left out. */
  readonly skipped: boolean;
}

type Store = MemoryStore & LogStore;

/** Events of a space, the newest first. */
export async function readLog(store: Store, { space: name, cursor, ...page }: LogInput): Promise<LogResult> {
  const { types, memoryId, conversationId, limit } = page;
  const space = await store.openSpace(name);
  const found = await store.readLog(space, { types, memoryId, conversationId, after: 0, before: cursor, limit });
  return { events: found.events, next: found.reached > 1 ? found.reached : null };
}

/**
 * One event, and what it changed.
 *
 * @throws AnimaError `NOT_FOUND` when the space has no event at this position
 */
export async function readLogEvent(store: Store, { space, position }: LogEventInput): Promise<LogEventResult> {
  const { event, effects } = await store.readEffects(await store.openSpace(space), position);
  return {
    event,
    effects: effects.map(({ before, after, ...memory }) => ({
      ...memory,
      before: before && viewOf(before),
      after: viewOf(after),
    })),
  };
}

/** What came to a log since a position; undefined while nothing did. Without a position it begins at the end. */
export async function readTail(
  store: Store,
  { space: name, after, ...selection }: TailInput,
): Promise<TailStep | undefined> {
  const { types, memoryId, conversationId } = selection;
  const space = await store.openSpace(name);
  const position = await store.endOfLog(space);
  if (after === undefined) return { events: [], position, skipped: false };
  if (position <= after) return undefined;
  const page = { types, memoryId, conversationId, after, before: position + 1, limit: limits.events };
  const { events, reached } = await store.readLog(space, page);
  return { events, position, skipped: reached > after + 1 };
}

function viewOf({ tier, accessCount, phi, isCatalyst, visibility }: PastState): StateView {
  return { tier, accessCount, resonancePhi: phiFromThousandths(phi), isCatalyst, visibility };
}
