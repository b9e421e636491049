import type {
  Space,
  SpaceFileConversation,
  SpaceFileEvent,
  SpaceFileHeader,
  SpaceFileMemory,
  SpaceFileVersion,
} from '@anima/core';
import { type RawBuilder, sql } from 'kysely';
import type { Database } from '../engine/engine.ts';

/** Rows that are read at once. */
const pageRows = 200;

type Header = Pick<SpaceFileHeader, 'position' | 'settings' | 'conversationSalt' | 'counts'> & {
  readonly exportedAt: string;
};

/** What the header of a space's file says, as of this transaction. */
export async function readHeader(trx: Database, { shard, id }: Space): Promise<Header> {
  const ofSpace = sql`where shard = ${shard} and space_id = ${id}`;
  const { rows } = await sql<Header>`
    select h.position, s.settings, encode(s.conversation_salt, 'hex') as "conversationSalt", ${moment(sql`now()`)} as "exportedAt",
      json_build_object(
        'conversations', (select count(*) from conversations ${ofSpace}),
        'memories', (select count(*) from memories ${ofSpace}),
        'versions', (select count(*) from memory_versions ${ofSpace}),
        'events', (select count(*) from events ${ofSpace})) as counts
    from spaces s join shard_heads h on h.shard = s.shard where s.space_id = ${id}`.execute(trx);
  const [header] = rows;
  if (!header) throw new Error(`space ${id} was not found`);
  return header;
}

export async function* readConversations(
  trx: Database,
  { shard, id }: Space,
): AsyncGenerator<readonly SpaceFileConversation[]> {
  yield* pages<SpaceFileConversation, string>(
    (after) =>
      sql`select 'conversation' as kind, conversation_id as id, name from conversations
        where shard = ${shard} and space_id = ${id} and conversation_id > ${after}::uuid
        order by conversation_id limit ${pageRows}`,
    { trx, from: leastId, placeOf: (row) => row.id },
  );
}

export async function* readExportedMemories(
  trx: Database,
  { shard, id }: Space,
): AsyncGenerator<readonly SpaceFileMemory[]> {
  yield* pages<SpaceFileMemory, string>(
    (after) =>
      sql`select 'memory' as kind, memory_id as id, version, content, content_hash is not null as "claimsContent", category,
          tags, source, conversation_id as "conversationId", ${anyTime(sql`occurred_at`)} as "occurredAt",
          ${anyTime(sql`expires_at`)} as "expiresAt", visibility, merged_into as "mergedInto",
          ${moment(sql`created_at`)} as "createdAt", ${moment(sql`updated_at`)} as "updatedAt"
        from memories where shard = ${shard} and space_id = ${id} and memory_id > ${after}::uuid
        order by memory_id limit ${pageRows}`,
    { trx, from: leastId, placeOf: (row) => row.id },
  );
}

export async function* readReplacedVersions(
  trx: Database,
  { shard, id }: Space,
): AsyncGenerator<readonly SpaceFileVersion[]> {
  yield* pages<SpaceFileVersion, { readonly memoryId: string; readonly version: number }>(
    (after) =>
      sql`select 'version' as kind, memory_id as "memoryId", version, content, ${moment(sql`replaced_at`)} as "replacedAt"
        from memory_versions where shard = ${shard} and space_id = ${id}
          and (memory_id, version) > (${after.memoryId}::uuid, ${after.version}::integer)
        order by memory_id, version limit ${pageRows}`,
    { trx, from: { memoryId: leastId, version: 0 }, placeOf: (row) => row },
  );
}

/** In the order of the log. A turn and the reason of a tier hang on the event that they came with. */
export async function* readExportedEvents(
  trx: Database,
  { shard, id }: Space,
): AsyncGenerator<readonly SpaceFileEvent[]> {
  type Row = SpaceFileEvent & { readonly position: number };
  const read = (after: number) =>
    sql`select 'event' as kind, e.position, e.id, e.type, e.schema_version as "schemaVersion",
        e.conversation_id as "conversationId", e.memory_ids as "memoryIds", e.payload,
        ${anyTime(sql`e.occurred_at`)} as "occurredAt", ${moment(sql`e.recorded_at`)} as "recordedAt",
        case when exists (
          select from conversation_turns t where t.shard = e.shard and t.space_id = e.space_id
            and t.conversation_id = e.conversation_id and t.ordinal = e.position) then true end as turn,
        case when e.type = 'memory.tiered' then (
          select r.reason from tier_reasons r where r.shard = e.shard and r.space_id = e.space_id
            and r.memory_id = any(e.memory_ids) and r.position = e.position limit 1) end as reason
      from events e where e.shard = ${shard} and e.space_id = ${id} and e.position > ${after}
      order by e.position limit ${pageRows}`;
  for await (const rows of pages<Row, number>(read, { trx, from: 0, placeOf: (row) => row.position })) {
    yield rows.map(({ position: _, ...event }) => withoutNulls(event, ['turn', 'reason']));
  }
}

const leastId = '00000000-0000-0000-0000-000000000000';

/** Pages of a table in the order of a key, each behind the last row of the one before. */
async function* pages<Row, Place>(
  read: (after: Place) => RawBuilder<unknown>,
  { trx, from, placeOf }: { readonly trx: Database; readonly from: Place; readonly placeOf: (row: Row) => Place },
): AsyncGenerator<readonly Row[]> {
  let after = from;
  for (;;) {
    const { rows } = (await read(after).execute(trx)) as { rows: Row[] };
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows;
    if (rows.length < pageRows) return;
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
