import { decodeEvent, type LogEvent, type Space } from '@anima/core';
import { type RawBuilder, sql } from 'kysely';
import type { Database } from '../engine/engine.ts';
import { readAsJson } from '../reads/read-as-json.ts';
import { turningEvents } from '../schema/search-indexes.ts';

/** Positions after `after`, up to `upTo`. */
export interface Range {
  readonly after: number;
  readonly upTo: number;
}

/** Events that are read at once: they and what is made of them must fit into memory. */
const atOnce = 5_000;

/** A part of the log that is rather read through than looked up by the memories that are named. */
const walkedThrough = 20_000;

interface EventRow {
  readonly position: number;
}

/** An event as {@link decodeEvent} takes it; read as JSON, in which times are texts. */
export const eventColumns = sql`e.shard, e.position, e.space_id as "spaceId", e.id, e.type,
  e.schema_version as "schemaVersion", e.conversation_id as "conversationId", e.memory_ids as "memoryIds", e.payload,
  (extract(epoch from e.recorded_at) * 1000)::float8 as "recordedAt"`;

/** Reads events of a space by a statement that selects {@link eventColumns}. */
export async function readEventRows(db: Database, statement: RawBuilder<unknown>): Promise<LogEvent[]> {
  const rows = await readAsJson(db, undefined, statement as RawBuilder<EventRow>);
  return rows.map(decodeEvent);
}

/**
 * The events of a space that name some memories, or those that say something of the states of all, in log order, so
 * many at a time; fading concerns every memory.
 */
export async function* readTail(
  db: Database,
  space: Space,
  range: Range,
  ids: readonly string[] | undefined,
): AsyncGenerator<readonly LogEvent[]> {
  const isWalked = ids === undefined || range.upTo - range.after <= walkedThrough;
  for (let { after } = range; ; ) {
    const events = await readEventRows(
      db,
      isWalked ? walk(space, { ...range, after }, ids) : lookUp(space, { ...range, after }, ids),
    );
    if (events.length > 0) yield events;
    const last = events.at(-1);
    if (!last || events.length < atOnce) return;
    after = last.position;
  }
}

const inRange = ({ shard, id }: Space, { after, upTo }: Range) => sql`
  e.shard = ${shard} and e.space_id = ${id} and e.position > ${after} and e.position <= ${upTo}`;

/** By the positions; the fence keeps the planner from the index of memories, however few it takes them to be. */
function walk(space: Space, range: Range, ids: readonly string[] | undefined) {
  const isNeeded = ids
    ? sql`(e.memory_ids && ${ids}::uuid[] or e.type = 'space.decayed')`
    : sql`e.type not in ('memory.updated', 'space.configured')`;
  return sql`
    select ${eventColumns} from (select * from events e where ${inRange(space, range)} offset 0) e where ${isNeeded}
    order by e.position limit ${atOnce}`;
}

/** By the memories that are named. */
function lookUp(space: Space, range: Range, ids: readonly string[]) {
  return sql`
    select ${eventColumns} from (
      select * from events e where ${inRange(space, range)} and e.memory_ids && ${ids}::uuid[]
      union all
      select * from events e where ${inRange(space, range)} and ${sql.raw(turningEvents)} and e.type = 'space.decayed'
      offset 0) e
    order by e.position limit ${atOnce}`;
}
