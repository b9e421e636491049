import type { Candidate } from '../candidate.ts';
import type { LogEvent } from '../events.ts';
import type { TierChange } from '../fold.ts';
import type { Memory, ScoreBreakdown } from '../memory.ts';
import type { MemoryState } from '../memory-state.ts';
import type { Bootstrap, BootstrapSelection, Search, Space, StructuralSearch } from '../ports.ts';
import type { RankingProfile } from '../space-settings.ts';

/** A place in the log of a space's shard: a position, or when the last event before it was recorded (ISO 8601). */
export type AsOf = number | string;

/** A place in the log of a space's shard. */
export interface Moment {
  readonly position: number;
  /** When the event there was recorded, ISO 8601; null before the first. */
  readonly at: string | null;
}

/** What of a memory's state its past has: all but the conversations. */
export type PastState = Omit<MemoryState, 'conversations'>;

/** A candidate with the state that it had then. */
export interface PastCandidate extends Candidate {
  readonly past: PastState;
}

/**
 * A space as it was: visibility and state of then, over the text, the model and the index of now. What was erased
 * since is in no answer.
 */
export interface PastStore {
  /**
   * The moment of a position, or of the last event that was recorded until a time.
   *
   * @throws AnimaError `VALIDATION_ERROR` for a position beyond the end of the log
   */
  findMoment(space: Space, asOf: AsOf): Promise<Moment>;
  /** Candidates of both arms among what was live then, in no order. */
  searchThen(space: Space, search: Search, moment: Moment): Promise<readonly PastCandidate[]>;
  /** All that was live then and is similar enough, in no order; their `lexical` is 0. */
  searchStructuralThen(space: Space, search: StructuralSearch, moment: Moment): Promise<readonly PastCandidate[]>;
  /** What these memories say, but the erased, with the states given for them, in their order. */
  readThen(space: Space, states: ReadonlyMap<string, PastState>): Promise<readonly Memory[]>;
  bootstrapThen(space: Space, selection: BootstrapSelection, moment: Moment): Promise<Bootstrap>;
}

/** What happened to a memory, with what it made of it. */
export interface StoryEvent {
  readonly event: LogEvent;
  /** The client's own id of the conversation; null without one, and when the memory was erased. */
  readonly conversation: string | null;
  /** Why its tier was set by hand, as it was said then. */
  readonly reason: string | null;
  readonly tierChange: Pick<TierChange, 'from' | 'to' | 'reason'> | null;
  /** The state after it. */
  readonly state: PastState;
}

/** A change of a memory's tier, and what caused it. */
export interface CausedTierChange extends Pick<TierChange, 'position' | 'from' | 'to' | 'reason'> {
  /** When it was recorded, ISO 8601. */
  readonly at: string;
  /** Of the event that caused it. */
  readonly eventId: string;
  readonly eventType: LogEvent['type'];
  /** Why it was set by hand, as it was said then. */
  readonly note: string | null;
}

/** Part of what happened, in the order of the log or the other way round, from behind a position on. */
export interface StoryPage {
  readonly after: number | undefined;
  readonly descending: boolean;
  readonly limit: number;
}

/** One result of a recall; only its id is known where the receipt is gone. */
export interface ReceiptHit {
  readonly memoryId: string;
  readonly version: number | null;
  readonly breakdown: ScoreBreakdown | null;
}

/** What one recall returned and why; best first. Memories that were erased since are left out. */
export interface Receipt {
  readonly recallId: string;
  /** Position of its event. */
  readonly position: number;
  /** When it was recorded, ISO 8601. */
  readonly at: string;
  readonly profile: RankingProfile;
  /** Up to where the states that it saw were folded; null where its receipt is gone. */
  readonly statePosition: number | null;
  /** `log`: its receipt is gone, or was never kept; what its event says is left. */
  readonly source: 'receipt' | 'log';
  readonly hits: readonly ReceiptHit[];
}

export interface HistoryStore extends PastStore {
  /**
   * What happened to one memory. One more than `limit` where there is more.
   *
   * @throws AnimaError `NOT_FOUND` when the space never had it
   */
  readStory(space: Space, memoryId: string, page: StoryPage): Promise<readonly StoryEvent[]>;
  /** As {@link readStory}, the changes of its tier only. */
  readTierChanges(space: Space, memoryId: string, page: StoryPage): Promise<readonly CausedTierChange[]>;
  /** @throws AnimaError `NOT_FOUND` for a recall that the space does not have */
  readReceipt(space: Space, recallId: string): Promise<Receipt>;
}
