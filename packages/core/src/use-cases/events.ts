import type { LogEvent } from '../events.ts';
import type { EventsInput, TailInput } from '../inputs/events.ts';
import { limits } from '../limits.ts';
import type { LoggedEvent, LogReader } from '../ports/log-reader.ts';
import type { MemoryStore } from '../ports.ts';

/** An event as answers show it. */
export interface EventEntry {
  readonly id: string;
  /** Its place in the log; what `asOf` takes. */
  readonly position: number;
  /** When it was recorded, ISO 8601. */
  readonly at: string;
  readonly type: LogEvent['type'];
  /** The client's own id of the conversation that it happened in. */
  readonly conversation: string | null;
  readonly memoryIds: readonly string[];
  /** What else it says, as the log has it. */
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface EventsResult {
  readonly events: readonly EventEntry[];
  /** The `cursor` of the next page, which may be empty where few events meet the conditions; null on the last. */
  readonly next: number | null;
}

/** What came to the log since the step before, oldest first. */
export interface TailStep {
  readonly events: readonly EventEntry[];
  /** Up to here the log was read: `after` of whoever goes on later. */
  readonly position: number;
}

type Store = MemoryStore & LogReader;

/** A page of a space's log. */
export async function listEvents(store: Store, input: EventsInput): Promise<EventsResult> {
  const { space: name, cursor, descending, limit, ...filters } = input;
  const space = await store.openSpace(name);
  const { events, next } = await store.readLog(space, { filters, after: cursor, descending, limit });
  return { events: events.map(entryOf), next: next ?? null };
}

/**
 * Follows a space's log until `rest` ends it: at once what is there, then what comes.
 *
 * @param rest waits until it is worth looking again; false says that nobody listens any more
 */
export async function* tailEvents(
  store: Store,
  { space: name, after, ...filters }: TailInput,
  rest: () => Promise<boolean>,
): AsyncGenerator<TailStep> {
  const space = await store.openSpace(name);
  let position = after ?? (await store.readHead(space));
  yield { events: [], position };
  do {
    const page = { filters, after: position, descending: false, limit: limits.events };
    const head = await store.readHead(space);
    if (head === position) continue;
    const { events, next } = await store.readLog(space, page);
    // Whatever was appended after the head was read may be among the events already.
    position = next ?? Math.max(head, events.at(-1)?.event.position ?? 0);
    if (events.length > 0) yield { events: events.map(entryOf), position };
  } while (await rest());
}

function entryOf({ event, conversation }: LoggedEvent): EventEntry {
  return {
    ...{ id: event.id, position: event.position, type: event.type, conversation },
    // biome-ignore lint/style/noRestrictedGlobals: it writes a time of the log, and reads no clock
    at: new Date(event.recordedAt).toISOString(),
    memoryIds: event.memoryIds,
    payload: event.payload,
  };
}
