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

/** Events of a space from behind: by an index where one leads to them, else along the log for a bounded stretch. */
export async function readLog(db: Database, space: OpenSpace, page: LogPage): Promise<LogPart> {
  const before = page.before ?? (await endOfLog(db, space)) + 1;
  const isFound = await hasIndex(db, space, page);
  const floor = isFound ? page.after : Math.max(page.after, before - 1 - walked);
  const rows = await readAsJson(db, undefined, logStatement(space, page, { after: floor, before }, isFound));
  const events = rows.slice(0, page.limit).map(toLogged);
  const last = rows.length > page.limit ? events.at(-1) : undefined;
  return { events, reached: last ? last.position : floor + 1 };
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
  { after, before }: { readonly after: number; readonly before: number },
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
  return sql<EventRow>`select ${shownColumns(space)} from (
      select e.* from ${found} order by e.position desc limit ${limit + 1}) e
    order by e.position desc`;
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
  space: Space,
  position: number,
): Promise<{ readonly event: LoggedEvent; readonly effects: readonly EventEffect[] }> {
  const { shard, id } = space;
  const place = sql`from events e where e.shard = ${shard} and e.position = ${position} and e.space_id = ${id}`;
  const [row] = await readAsJson(db, undefined, sql<EventRow>`select ${shownColumns(space)} ${place}`);
  if (!row) throw new AnimaError('NOT_FOUND', `position: space "${id}" has no event at ${position}`);
  const event = toLogged(row);
  if (event.memoryIds.length === 0) return { event, effects: [] };
  const mates = await withMates(db, space, event.memoryIds, position);
  const records = await recordsAt(db, space, position - 1, mates);
  const before = new Map([...records].map(([memoryId, { state }]) => [memoryId, pastOf(state)]));
  foldMemories(records, await readEventRows(db, sql`select ${eventColumns} ${place}`));
  const excerpts = await readExcerpts(db, space, event.memoryIds);
  const effects = event.memoryIds.flatMap((memoryId): EventEffect[] => {
    const record = records.get(memoryId);
    if (!record) return [];
    const excerpt = excerpts.get(memoryId) ?? null;
    return [{ memoryId, excerpt, before: before.get(memoryId) ?? null, after: pastOf(record.state) }];
  });
  return { event, effects };
}

async function readExcerpts(db: Database, { shard, id }: Space, ids: readonly string[]) {
  const { rows } = await sql<{ memory_id: string; excerpt: string }>`
    select memory_id, left(content, ${sql.lit(excerptLength)}) as excerpt from memories
    where shard = ${shard} and space_id = ${id} and memory_id = any(${ids}::uuid[]) and visibility <> 'erased'`.execute(
    db,
  );
  return new Map(rows.map(({ memory_id, excerpt }) => [memory_id, excerpt]));
}
