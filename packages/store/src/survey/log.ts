import {
  AnimaError,
  type EventEffect,
  excerptLength,
  foldMemories,
  type LoggedEvent,
  type LogPage,
  type LogPart,
  type Space,
} from '@anima/core';
import { type RawBuilder, sql } from 'kysely';
import { type ArchivedEvent, asRows, decodeArchived, type LogArchive } from '../archive/log-archive.ts';
import type { Database } from '../engine/engine.ts';
import { pastOf, recordsAt, withMates } from '../past/states.ts';
import { eventColumns, readEventRows } from '../past/tail.ts';
import { isoTime } from '../reads/memories.ts';
import { readAsJson } from '../reads/read-as-json.ts';
import { turningEvents, turningTypes } from '../schema/search-indexes.ts';
import { internConversation, type OpenSpace } from '../spaces.ts';

/** So far along the log one request looks for what no index leads to. */
const walked = 50_000;
/** Accesses from which on a memory is named so often that its events are looked for along the log. */
const muchAccessed = 2_000;

interface EventRow {
  readonly position: number;
  readonly id: string;
  readonly type: string;
  readonly at: string;
  readonly memory_ids: readonly string[];
  readonly payload: Readonly<Record<string, unknown>>;
  readonly conversation: string | null;
  readonly excerpt: string | null;
}

/**
 * Events of a space from behind: by an index where one leads to them, else along the log for a bounded stretch. A part
 * is from the table or from files; what turned a memory is all in the table.
 */
export async function readLog(db: Database, archive: LogArchive, space: OpenSpace, page: LogPage): Promise<LogPart> {
  const before = page.before ?? (await endOfLog(db, space)) + 1;
  const archived = areTurning(page.types) ? 0 : await archive.floor(db, space.shard);
  const isArchived = before <= archived + 1;
  const isFound = !isArchived && (await hasIndex(db, space, page));
  const lowest = isArchived ? page.after : Math.max(page.after, archived);
  const range = { after: isFound ? lowest : Math.max(lowest, before - 1 - walked), before };
  const statement = isArchived
    ? shownStatement(space, asRows(await readArchived(db, archive, space, page, range)))
    : logStatement(space, page, range, isFound);
  const rows = await readAsJson(db, undefined, statement);
  const events = rows.slice(0, page.limit).map(toLogged);
  const last = rows.length > page.limit ? events.at(-1) : undefined;
  return { events, reached: last ? last.position : range.after + 1 };
}

interface Stretch {
  readonly after: number;
  readonly before: number;
}

/** One more than a page holds. */
async function readArchived(
  db: Database,
  archive: LogArchive,
  space: OpenSpace,
  { types, memoryId, conversationId, limit }: LogPage,
  { after, before }: Stretch,
): Promise<readonly ArchivedEvent[]> {
  const wanted = { spaceId: space.id, ...(memoryId === undefined ? {} : { memoryIds: [memoryId] }) };
  const conversation = conversationId === undefined ? undefined : internConversation(space, conversationId);
  const isMeant = ({ text }: ArchivedEvent) =>
    (types?.some((type) => text.includes(`"type":"${type}"`)) ?? true) &&
    (conversation === undefined || text.includes(`"conversation_id":"${conversation}"`));
  const found: ArchivedEvent[] = [];
  const range = { after, upTo: before - 1 };
  for await (const events of archive.read(db, space.shard, range, wanted, { descending: true })) {
    found.push(...events.filter(isMeant));
    if (found.length > limit) break;
  }
  return found.slice(0, limit + 1);
}

/** Whether an index has all events of these types. */
function areTurning(types: LogPage['types']): boolean {
  return types?.every((type) => turningTypes.includes(type)) ?? false;
}

async function hasIndex(db: Database, { shard, id }: OpenSpace, { types, memoryId }: LogPage): Promise<boolean> {
  if (areTurning(types)) return true;
  if (memoryId === undefined) return false;
  const { rows } = await sql<{ count: number }>`
    select access_count as count from memory_state
    where shard = ${shard} and space_id = ${id} and memory_id = ${memoryId}`.execute(db);
  return (rows[0]?.count ?? 0) < muchAccessed;
}

/** One more than a page holds. The fence keeps the planner to the way that was chosen. */
function logStatement(
  space: OpenSpace,
  { types, memoryId, conversationId, limit }: LogPage,
  { after, before }: Stretch,
  isFound: boolean,
): RawBuilder<EventRow> {
  const { shard, id } = space;
  const inRange = sql`e.shard = ${shard} and e.position > ${after} and e.position < ${before}`;
  const isMeant = [
    sql`e.space_id = ${id}`,
    ...(types ? [sql`e.type = any(${types}::text[])`] : []),
    ...(areTurning(types) ? [sql.raw(turningEvents)] : []),
    ...(memoryId === undefined ? [] : [sql`e.memory_ids @> array[${memoryId}::uuid]`]),
    ...(conversationId === undefined
      ? []
      : [sql`e.conversation_id = ${internConversation(space, conversationId)}::uuid`]),
  ];
  const meant = sql.join(isMeant, sql` and `);
  const found = isFound
    ? sql`(select * from events e where ${inRange} and ${meant} offset 0) e`
    : sql`(select * from events e where ${inRange} order by e.position desc offset 0) e where ${meant}`;
  return shownStatement(space, sql`(select e.* from ${found} order by e.position desc limit ${limit + 1})`);
}

function shownStatement(space: Pick<Space, 'shard' | 'id'>, events: RawBuilder<unknown>): RawBuilder<EventRow> {
  return sql<EventRow>`select ${shownColumns(space)} from ${events} e order by e.position desc`;
}

/** What a client called a conversation is gone with all that the event named. */
function shownColumns({ shard, id }: Pick<Space, 'shard' | 'id'>): RawBuilder<unknown> {
  const named = (what: RawBuilder<unknown>) => sql`
    select ${what} from memories m where m.shard = ${shard} and m.space_id = ${id} and m.visibility <> 'erased'`;
  return sql`e.position, e.id, e.type, e.recorded_at as at, e.memory_ids, e.payload,
    (${named(sql`left(m.content, ${sql.lit(excerptLength)})`)} and m.memory_id = e.memory_ids[1]) as excerpt,
    (select c.name from conversations c
     where c.shard = ${shard} and c.space_id = ${id} and c.conversation_id = e.conversation_id
       and exists (${named(sql``)} and m.memory_id = any(e.memory_ids))) as conversation`;
}

function toLogged({ id, at, memory_ids, ...row }: EventRow): LoggedEvent {
  return { ...row, eventId: id, at: isoTime(at), memoryIds: memory_ids };
}

export async function endOfLog(db: Database, { shard }: Space): Promise<number> {
  const { rows } = await sql<{ position: number }>`select position from shard_heads where shard = ${shard}`.execute(db);
  return rows[0]?.position ?? 0;
}

/** An event, and the states of the memories that it names before it and after it. */
export async function readEffects(
  db: Database,
  archive: LogArchive,
  space: Space,
  position: number,
): Promise<{ readonly event: LoggedEvent; readonly effects: readonly EventEffect[] }> {
  const { shard, id } = space;
  const isArchived = position <= (await archive.floor(db, shard));
  const archived = isArchived ? await readOneArchived(db, archive, space, position) : [];
  const place = sql`(select * from events where shard = ${shard} and position = ${position} and space_id = ${id})`;
  const [row] = await readAsJson(db, undefined, shownStatement(space, isArchived ? asRows(archived) : place));
  if (!row) throw new AnimaError('NOT_FOUND', `position: space "${id}" has no event at ${position}`);
  const event = toLogged(row);
  if (event.memoryIds.length === 0) return { event, effects: [] };
  const mates = await withMates(db, space, event.memoryIds, position);
  const records = await recordsAt(db, archive, space, position - 1, mates);
  const before = new Map([...records].map(([memoryId, { state }]) => [memoryId, pastOf(state)]));
  const logged = isArchived
    ? archived.map(decodeArchived)
    : await readEventRows(db, sql`select ${eventColumns} from ${place} e`);
  foldMemories(records, logged);
  const excerpts = await readExcerpts(db, space, event.memoryIds);
  const effects = event.memoryIds.flatMap((memoryId): EventEffect[] => {
    const record = records.get(memoryId);
    if (!record) return [];
    const excerpt = excerpts.get(memoryId) ?? null;
    return [{ memoryId, excerpt, before: before.get(memoryId) ?? null, after: pastOf(record.state) }];
  });
  return { event, effects };
}

async function readOneArchived(
  db: Database,
  archive: LogArchive,
  { shard, id: spaceId }: Space,
  position: number,
): Promise<readonly ArchivedEvent[]> {
  const range = { after: position - 1, upTo: position };
  for await (const events of archive.read(db, shard, range, { spaceId })) return events;
  await archive.requireWhole(db, shard, spaceId, range);
  return [];
}

async function readExcerpts(db: Database, { shard, id }: Space, ids: readonly string[]) {
  const { rows } = await sql<{ memory_id: string; excerpt: string }>`
    select memory_id, left(content, ${sql.lit(excerptLength)}) as excerpt from memories
    where shard = ${shard} and space_id = ${id} and memory_id = any(${ids}::uuid[]) and visibility <> 'erased'`.execute(
    db,
  );
  return new Map(rows.map(({ memory_id, excerpt }) => [memory_id, excerpt]));
}
