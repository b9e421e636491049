import type { LoggedEvent, LogPage, LogStretch } from '@anima/core';
import { sql } from 'kysely';
import type { Database } from '../engine/engine.ts';
import { eventColumns, readEventRows } from '../past/tail.ts';
import { internConversation, type OpenSpace } from '../spaces.ts';

/** How far along the log one look goes, positions: what meets conditions may be rare, or not be there at all. */
const walkedThrough = 20_000;

/** A page of a space's log, walked along the positions; events of one memory are looked up by it. */
export async function readLog(db: Database, space: OpenSpace, page: LogPage): Promise<LogStretch> {
  const { filters, after, descending, limit } = page;
  const head = await readHead(db, space);
  const isLookedUp = filters.memoryId !== undefined;
  const begin = after ?? (descending ? head + 1 : 0);
  const end = descending ? Math.max(0, begin - 1 - walkedThrough) : Math.min(head, begin + walkedThrough);
  const [from, upTo] = descending ? [isLookedUp ? 0 : end, begin - 1] : [begin, isLookedUp ? head : end];
  const order = sql.raw(descending ? 'desc' : 'asc');
  const range = sql`e.shard = ${space.shard} and e.space_id = ${space.id} and e.position > ${from} and e.position <= ${upTo}`;
  const conditions = [
    range,
    ...(filters.types ? [sql`e.type = any(${filters.types}::text[])`] : []),
    ...(filters.conversationId === undefined
      ? []
      : [sql`e.conversation_id = ${internConversation(space, filters.conversationId)}::uuid`]),
  ];
  const isNamed = filters.memoryId === undefined ? sql`` : sql`and e.memory_ids @> array[${filters.memoryId}::uuid]`;
  // A fence: the few that name a memory are found by it, and then put in order.
  const naming = isLookedUp
    ? sql`(select * from events e where ${sql.join(conditions, sql` and `)} ${isNamed} offset 0)`
    : sql`(select * from events e where ${sql.join(conditions, sql` and `)})`;
  const statement = sql`select ${eventColumns} from ${naming} e order by e.position ${order} limit ${sql.lit(limit + 1)}`;
  const found = await readEventRows(db, statement);
  const events = found.slice(0, limit);
  const names = await namesOf(
    db,
    space,
    events.flatMap(({ conversationId }) => conversationId ?? []),
  );
  const logged = events.map(
    (event): LoggedEvent => ({
      event,
      conversation: event.conversationId === null ? null : (names.get(event.conversationId) ?? null),
    }),
  );
  if (found.length > limit) return { events: logged, next: events.at(-1)?.position };
  const isEnd = isLookedUp || (descending ? end === 0 : end === head);
  // Descending, `next` is itself not looked at again; ascending neither.
  return { events: logged, next: isEnd ? undefined : descending ? end + 1 : end };
}

export async function readHead(db: Database, { shard }: Pick<OpenSpace, 'shard'>): Promise<number> {
  const { rows } = await sql<{ position: number }>`select position from shard_heads where shard = ${shard}`.execute(db);
  return rows[0]?.position ?? 0;
}

async function namesOf(
  db: Database,
  { shard, id }: OpenSpace,
  interned: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (interned.length === 0) return new Map();
  const { rows } = await sql<{ id: string; name: string }>`
    select conversation_id as id, name from conversations
    where shard = ${shard} and space_id = ${id} and conversation_id = any(${[...new Set(interned)]}::uuid[])`.execute(
    db,
  );
  return new Map(rows.map((row) => [row.id, row.name]));
}
