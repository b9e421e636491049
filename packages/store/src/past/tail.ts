import { decodeEvent, type LogEvent, type Space } from '@anima/core';
import { type RawBuilder, sql } from 'kysely';
import { decodeArchived, type LogArchive } from '../archive/log-archive.ts';
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
export const eventColumns = columnsWith(sql`e.memory_ids`);

function columnsWith(memoryIds: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`e.shard, e.position, e.space_id as "spaceId", e.id, e.type, e.schema_version as "schemaVersion",
    e.conversation_id as "conversationId", ${memoryIds} as "memoryIds", e.payload,
    (extract(epoch from e.recorded_at) * 1000)::float8 as "recordedAt"`;
}

/** Of the memories that an event names, those that are asked about: most events name twenty, and most of them others. */
function columnsOf(ids: readonly string[]): RawBuilder<unknown> {
  return columnsWith(sql`array(
    select i.memory_id from unnest(e.memory_ids) with ordinality as i(memory_id, place)
    where i.memory_id = any(${ids}::uuid[]) order by i.place)`);
}

/** Reads events of a space by a statement that selects {@link eventColumns}. */
export async function readEventRows(db: Database, statement: RawBuilder<unknown>): Promise<LogEvent[]> {
  const rows = await readAsJson(db, undefined, statement as RawBuilder<EventRow>);
  return rows.map(decodeEvent);
}

/**
 * The events of a space that name some memories, or those that say something of the states of all, in log order, so
 * many at a time; fading concerns every memory.
 *
 * @param names whether the events name all that they do, or of those only the ones that are asked about
 */
export async function* readTail(
  db: Database,
  archive: LogArchive,
  space: Space,
  range: Range,
  ids: readonly string[] | undefined,
  names: 'all' | 'asked',
): AsyncGenerator<readonly LogEvent[]> {
  const floor = await archive.floor(db, space.shard);
  if (range.after < floor) {
    yield* readArchived(db, archive, space, { ...range, upTo: Math.min(range.upTo, floor) }, ids, names);
  }
  if (range.upTo <= floor) return;
  const isWalked = ids === undefined || range.upTo - range.after <= walkedThrough;
  const columns = ids && names === 'asked' ? columnsOf(ids) : eventColumns;
  for (let after = Math.max(range.after, floor); ; ) {
    const rest = { ...range, after };
    const found = isWalked ? walk(space, rest, ids) : lookUp(space, rest, ids);
    const statement = sql`select ${columns} from ${found} order by e.position limit ${atOnce}`;
    const events = await readEventRows(db, statement);
    if (events.length > 0) yield events;
    const last = events.at(-1);
    if (!last || events.length < atOnce) return;
    after = last.position;
  }
}

/** The same from files. */
async function* readArchived(
  db: Database,
  archive: LogArchive,
  { shard, id: spaceId }: Space,
  range: Range,
  ids: readonly string[] | undefined,
  names: 'all' | 'asked',
): AsyncGenerator<readonly LogEvent[]> {
  await archive.requireWhole(db, shard, spaceId, range);
  const wanted = ids ? { spaceId, memoryIds: ids, orType: 'space.decayed' as const } : { spaceId };
  const asked = names === 'asked' && ids ? new Set(ids) : undefined;
  for await (const archived of archive.read(db, shard, range, wanted)) {
    const events = archived.map(decodeArchived);
    yield asked
      ? events.map((event) => ({ ...event, memoryIds: event.memoryIds.filter((id) => asked.has(id)) }))
      : events;
  }
}

const inRange = ({ shard, id }: Space, { after, upTo }: Range) => sql`
  e.shard = ${shard} and e.space_id = ${id} and e.position > ${after} and e.position <= ${upTo}`;

/** By the positions; the fence keeps the planner from the index of memories, however few it takes them to be. */
function walk(space: Space, range: Range, ids: readonly string[] | undefined): RawBuilder<unknown> {
  const isNeeded = ids
    ? sql`(e.memory_ids && ${ids}::uuid[] or e.type = 'space.decayed')`
    : sql`e.type not in ('memory.updated', 'space.configured')`;
  return sql`(select * from events e where ${inRange(space, range)} offset 0) e where ${isNeeded}`;
}

/** By the memories that are named. */
function lookUp(space: Space, range: Range, ids: readonly string[]): RawBuilder<unknown> {
  return sql`(
    select * from events e where ${inRange(space, range)} and e.memory_ids && ${ids}::uuid[]
    union all
    select * from events e where ${inRange(space, range)} and ${sql.raw(turningEvents)} and e.type = 'space.decayed'
    offset 0) e`;
}
