import type { LogEvent } from '../events.ts';
import type { Space } from '../ports.ts';
import type { PastState } from './history.ts';

/** An event as it stands in the log, whether this version can decode it or not. */
export interface LoggedEvent {
  readonly position: number;
  readonly eventId: string;
  readonly type: string;
  /** When it was recorded, ISO 8601. */
  readonly at: string;
  readonly memoryIds: readonly string[];
  readonly payload: Readonly<Record<string, unknown>>;
  /** The client's own id of the conversation; null without one. */
  readonly conversation: string | null;
  /** How the first memory that it names begins by now; null without one, and when that was erased. */
  readonly excerpt: string | null;
}

/** Which events of a space are meant: those that meet every condition given. */
export interface LogSelection {
  readonly types: readonly LogEvent['type'][] | undefined;
  readonly memoryId: string | undefined;
  readonly conversationId: string | undefined;
}

export interface LogPage extends LogSelection {
  readonly after: number;
  /** Undefined: to the end. */
  readonly before: number | undefined;
  readonly limit: number;
}

export interface LogPart {
  /** The newest first, at most `limit`. */
  readonly events: readonly LoggedEvent[];
  /** Down to here nothing was left out; what is before may have more. */
  readonly reached: number;
}

/** What an event made of a memory that it names. */
export interface EventEffect {
  readonly memoryId: string;
  /** How it begins by now; null when it was erased. */
  readonly excerpt: string | null;
  /** Null when the event added it. */
  readonly before: PastState | null;
  readonly after: PastState;
}

export interface LogStore {
  /** Events of a space, from behind: as many as are asked for, or as a bounded look along the log found. */
  readLog(space: Space, page: LogPage): Promise<LogPart>;
  /** Where the log of the space's shard ends. */
  endOfLog(space: Space): Promise<number>;
  /**
   * One event and what it made of the memories that it names.
   *
   * @throws AnimaError `NOT_FOUND` when the space has no event there
   */
  readEffects(
    space: Space,
    position: number,
  ): Promise<{ readonly event: LoggedEvent; readonly effects: readonly EventEffect[] }>;
}
