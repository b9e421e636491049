import { setImmediate as nextTurn } from 'node:timers/promises';
import type {
  Space,
  SpaceFileConversation,
  SpaceFileEvent,
  SpaceFileHeader,
  SpaceFileMemory,
  SpaceFileVersion,
} from '@anima/core';
import { type RawBuilder, sql } from 'kysely';
import { asRows, type LogArchive } from '../archive/log-archive.ts';
import type { Database } from '../engine/engine.ts';

/** Rows that are read at once. */
const pageRows = 200;

/** A place in a log, behind which nothing of it is read. */
export interface Moment {
  readonly position: number;
  /** When its last event was recorded, as the file writes it. */
  readonly recordedAt: string;
  /** Whether what comes next will have been recorded later than that. */
  readonly isPast: boolean;
}

export async function readMoment(db: Database, { shard }: Space): Promise<Moment> {
  const { rows } = await sql<Moment>`
    select position, ${moment(sql`recorded_at`)} as "recordedAt",
      date_trunc('milliseconds', clock_timestamp()) > recorded_at as "isPast"
    from shard_heads where shard = ${shard}`.execute(db);
  const [found] = rows;
  if (!found) throw new Error(`shard ${shard} has no head`);
  return found;
}

/**
 * Whether rows that were read since then are those of that moment: nothing happened to the space but what adds rows
 * that are known by their times.
 */
export async function isUnchanged(db: Database, { shard, id }: Space, since: Moment): Promise<boolean> {
  const { rows } = await sql`
    select 1 from events
    where shard = ${shard} and space_id = ${id} and position > ${since.position} and not (
      actor is null and (
        type = 'memory.added' and recorded_at > ${since.recordedAt}::timestamptz
        or type = 'memory.accessed' and not payload @> '{"revived": true}'
        or type = 'memory.cited'))
    limit 1`.execute(db);
  return rows.length === 0;
}

type Header = Pick<SpaceFileHeader, 'settings' | 'conversationSalt' | 'exportedAt'>;

/** What the header of a space's file says. */
export async function readHeader(db: Database, { id }: Space): Promise<Header> {
  const { rows } = await sql<Header>`
    select settings, encode(conversation_salt, 'hex') as "conversationSalt", ${moment(sql`clock_timestamp()`)} as "exportedAt"
    from spaces where space_id = ${id}`.execute(db);
  const [header] = rows;
  if (!header) throw new Error(`space ${id} was not found`);
  return header;
}

export async function* readConversations(
  db: Database,
  { shard, id }: Space,
): AsyncGenerator<readonly SpaceFileConversation[]> {
  yield* pages<SpaceFileConversation, string>(
    (after) =>
      sql`select 'conversation' as kind, conversation_id as id, name from conversations
        where shard = ${shard} and space_id = ${id} and conversation_id > ${after}::uuid
        order by conversation_id limit ${pageRows}`,
    { db, from: leastId, placeOf: (row) => row.id },
  );
}

export async function* readExportedMemories(
  db: Database,
  { shard, id }: Space,
  asOf: Moment,
): AsyncGenerator<readonly SpaceFileMemory[]> {
  yield* pages<SpaceFileMemory, string>(
    (after) =>
      sql`select 'memory' as kind, memory_id as id, version, content, content_hash is not null as "claimsContent", category,
          tags, source, conversation_id as "conversationId", ${anyTime(sql`occurred_at`)} as "occurredAt",
          ${anyTime(sql`expires_at`)} as "expiresAt", visibility, merged_into as "mergedInto",
          ${moment(sql`created_at`)} as "createdAt", ${moment(sql`updated_at`)} as "updatedAt"
        from memories where shard = ${shard} and space_id = ${id} and memory_id > ${after}::uuid
          and created_at <= ${asOf.recordedAt}::timestamptz
        order by memory_id limit ${pageRows}`,
    { db, from: leastId, placeOf: (row) => row.id },
  );
}

export async function* readReplacedVersions(
  db: Database,
  { shard, id }: Space,
): AsyncGenerator<readonly SpaceFileVersion[]> {
  yield* pages<SpaceFileVersion, { readonly memoryId: string; readonly version: number }>(
    (after) =>
      sql`select 'version' as kind, memory_id as "memoryId", version, content, ${moment(sql`replaced_at`)} as "replacedAt"
        from memory_versions where shard = ${shard} and space_id = ${id}
          and (memory_id, version) > (${after.memoryId}::uuid, ${after.version}::integer)
        order by memory_id, version limit ${pageRows}`,
    { db, from: { memoryId: leastId, version: 0 }, placeOf: (row) => row },
  );
}

type EventRow = SpaceFileEvent & { readonly position: number };

/**
 * In the order of the log: those in files, then those of the table.
 *
 * @throws AnimaError `ARCHIVED` where the space does not keep all of them
 */
export async function* readExportedEvents(
  db: Database,
  { shard, id }: Space,
  asOf: Moment,
  archive: LogArchive,
): AsyncGenerator<readonly SpaceFileEvent[]> {
  const floor = await archive.floor(db, shard);
  const archived = { after: 0, upTo: Math.min(floor, asOf.position) };
  await archive.requireWhole(db, shard, id, archived);
  for await (const events of archive.read(db, shard, archived, { spaceId: id })) {
    for (let from = 0; from < events.length; from += pageRows) {
      const page = exportedColumns(shard, asRows(events.slice(from, from + pageRows)));
      const { rows } = (await page.execute(db)) as { rows: EventRow[] };
      yield rows.map(exported);
    }
  }
  const read = (after: number) =>
    exportedColumns(
      shard,
      sql`(
    select * from events where shard = ${shard} and space_id = ${id} and position > ${after} and position <= ${asOf.position}
    order by position limit ${pageRows})`,
    );
  for await (const rows of pages<EventRow, number>(read, { db, from: floor, placeOf: (row) => row.position })) {
    yield rows.map(exported);
  }
}

function exported({ position: _, ...event }: EventRow): SpaceFileEvent {
  return withoutNulls(event, ['turn', 'reason']);
}

/** A turn and the reason of a tier hang on the event that they came with. */
function exportedColumns(shard: number, events: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`select 'event' as kind, e.position, e.id, e.type, e.schema_version as "schemaVersion",
        e.conversation_id as "conversationId", e.memory_ids as "memoryIds", e.payload,
        ${anyTime(sql`e.occurred_at`)} as "occurredAt", ${moment(sql`e.recorded_at`)} as "recordedAt",
        case when exists (
          select from conversation_turns t where t.shard = ${shard} and t.space_id = e.space_id
            and t.conversation_id = e.conversation_id and t.ordinal = e.position) then true end as turn,
        case when e.type = 'memory.tiered' then (
          select r.reason from tier_reasons r where r.shard = ${shard} and r.space_id = e.space_id
            and r.memory_id = any(e.memory_ids) and r.position = e.position limit 1) end as reason
      from ${events} e order by e.position`;
}

const leastId = '00000000-0000-0000-0000-000000000000';

/** Pages of a table in the order of a key, each behind the last row of the one before. */
async function* pages<Row, Place>(
  read: (after: Place) => RawBuilder<unknown>,
  { db, from, placeOf }: { readonly db: Database; readonly from: Place; readonly placeOf: (row: Row) => Place },
): AsyncGenerator<readonly Row[]> {
  let after = from;
  for (;;) {
    const { rows } = (await read(after).execute(db)) as { rows: Row[] };
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows;
    if (rows.length < pageRows) return;
    // The embedded engine answers within one turn of the event loop, which others need too.
    await nextTurn();
    after = placeOf(last);
  }
}

function withoutNulls<Row extends object>(row: Row, optional: readonly (keyof Row)[]): Row {
  const given = Object.entries(row).filter(([key, value]) => value !== null || !optional.includes(key as keyof Row));
  return Object.fromEntries(given) as Row;
}

/** A time of the log, which has milliseconds. */
function moment(column: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

/** A time that a client gave, to the microsecond. */
function anyTime(column: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}
