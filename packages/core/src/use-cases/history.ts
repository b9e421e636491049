import { refusal } from '../errors.ts';
import type { LogEvent } from '../events.ts';
import type { HistoryInput, ReceiptInput } from '../inputs/history.ts';
import type { Visibility } from '../memory-state.ts';
import type { CausedTierChange, HistoryStore, Receipt, StoryEvent, StoryPage } from '../ports/history.ts';
import type { MemoryStore } from '../ports.ts';
import { phiFromThousandths } from '../resonance.ts';
import { tell } from '../story.ts';
import type { Tier } from '../tiers.ts';

/** One event of a memory's life. */
export interface HistoryEntry {
  readonly eventId: string;
  /** Its place in the log; what `asOf` takes. */
  readonly position: number;
  /** When it was recorded, ISO 8601. */
  readonly at: string;
  readonly type: LogEvent['type'];
  /** What happened, in words. */
  readonly summary: string;
  /** The client's own id of the conversation that it happened in. */
  readonly conversation: string | null;
  /** The other memories that it happened to, or with. */
  readonly others: readonly string[];
  /** What else the event says, as the log has it. */
  readonly details: Readonly<Record<string, unknown>>;
  /** `note` is why it was set by hand, as it was said then. */
  readonly tierChange: (NonNullable<StoryEvent['tierChange']> & { readonly note: string | null }) | null;
  /** The memory after it. */
  readonly state: {
    readonly tier: Tier;
    readonly accessCount: number;
    /** Resonance φ, 0–5. */
    readonly resonancePhi: number;
    readonly isCatalyst: boolean;
    readonly visibility: Visibility;
  };
}

export interface HistoryResult {
  readonly memoryId: string;
  readonly events: readonly HistoryEntry[];
  /** The `cursor` of the next page; null on the last. */
  readonly next: string | null;
}

export interface TierHistoryResult {
  readonly memoryId: string;
  readonly changes: readonly CausedTierChange[];
  /** The `cursor` of the next page; null on the last. */
  readonly next: string | null;
}

type Store = MemoryStore & HistoryStore;

/**
 * What happened to a memory, from the log, oldest first or newest first. Of an erased one ids and numbers are left.
 *
 * @throws AnimaError `NOT_FOUND` when the space never had it
 */
export async function historyOf(store: Store, input: HistoryInput): Promise<HistoryResult> {
  const { memoryId } = input;
  const space = await store.openSpace(input.space);
  const found = await store.readStory(space, memoryId, pageOf(input));
  const events = found.slice(0, input.limit).map((one) => entryOf(one, memoryId));
  return { memoryId, events, next: found.length > input.limit ? writeCursor(input, events) : null };
}

/** The changes of a memory's tier, each with the event that caused it. @throws AnimaError as {@link historyOf} */
export async function tierHistoryOf(store: Store, input: HistoryInput): Promise<TierHistoryResult> {
  const { memoryId } = input;
  const space = await store.openSpace(input.space);
  const found = await store.readTierChanges(space, memoryId, pageOf(input));
  const changes = found.slice(0, input.limit);
  return { memoryId, changes, next: found.length > input.limit ? writeCursor(input, changes) : null };
}

/** What a recall returned and why. @throws AnimaError `NOT_FOUND` for a recall that the space does not have */
export async function receiptOf(store: Store, { recallId, space }: ReceiptInput): Promise<Receipt> {
  return store.readReceipt(await store.openSpace(space), recallId);
}

function entryOf(one: StoryEvent, memoryId: string): HistoryEntry {
  const { event, conversation, reason, tierChange, state } = one;
  const { tier, accessCount, phi, isCatalyst, visibility } = state;
  return {
    eventId: event.id,
    position: event.position,
    at: isoTime(event.recordedAt),
    type: event.type,
    summary: tell(one, memoryId),
    conversation,
    others: event.memoryIds.filter((id) => id !== memoryId),
    details: event.payload,
    tierChange: tierChange && { ...tierChange, note: reason },
    state: { tier, accessCount, resonancePhi: phiFromThousandths(phi), isCatalyst, visibility },
  };
}

function isoTime(recordedAt: number): string {
  // biome-ignore lint/style/noRestrictedGlobals: it writes a time of the log, and reads no clock
  return new Date(recordedAt).toISOString();
}

/** A cursor names its direction, so that it is not taken for a place on the way back. */
function writeCursor({ descending }: HistoryInput, page: readonly { readonly position: number }[]): string {
  return `${descending ? 'before' : 'after'}-${page.at(-1)?.position ?? 0}`;
}

function pageOf({ cursor, descending, limit }: HistoryInput): StoryPage {
  if (cursor === undefined) return { after: undefined, descending, limit };
  const [, direction, position] = /^(before|after)-(\d{1,15})$/.exec(cursor) ?? [];
  if (direction === (descending ? 'before' : 'after')) return { after: Number(position), descending, limit };
  throw refusal('cursor', 'is not the next of a page in this direction');
}
