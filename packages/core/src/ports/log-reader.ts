import type { LogEvent } from '../events.ts';
import type { Space } from '../ports.ts';

/** An event of the log, with what the client called its conversation; null without one. */
export interface LoggedEvent {
  readonly event: LogEvent;
  readonly conversation: string | null;
}

/** Which events of a space are meant: those that meet every condition given. */
export interface EventFilters {
  readonly types?: readonly LogEvent['type'][] | undefined;
  readonly memoryId?: string | undefined;
  /** The client's own id. */
  readonly conversationId?: string | undefined;
}

export interface LogPage {
  readonly filters: EventFilters;
  /** From behind this position on; undefined: from the end of the log, or its begin. */
  readonly after: number | undefined;
  /** Newest first. */
  readonly descending: boolean;
  readonly limit: number;
}

export interface LogStretch {
  readonly events: readonly LoggedEvent[];
  /** Up to where the log was looked through, from where on there may be more; undefined at its end. */
  readonly next: number | undefined;
}

export interface LogReader {
  /** A page of a space's log. It may hold less than `limit` and yet not be the last: one look is bounded. */
  readLog(space: Space, page: LogPage): Promise<LogStretch>;
  /** The last position of the space's shard. */
  readHead(space: Space): Promise<number>;
}
