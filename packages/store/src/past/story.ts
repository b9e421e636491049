import {
  type CausedTierChange,
  foldMemories,
  type LogEvent,
  type MemoryRecord,
  noSuchMemory,
  type Space,
  type StoryEvent,
  type StoryPage,
} from '@anima/core';
import { type RawBuilder, sql } from 'kysely';
import { decodeArchived, type LogArchive } from '../archive/log-archive.ts';
import type { Database } from '../engine/engine.ts';
import { tierFromNumber } from '../reads/memories.ts';
import { turningEvents } from '../schema/search-indexes.ts';
import { pastOf, recordsAt, withMates } from './states.ts';
import { eventColumns, type Range, readEventRows, readTail } from './tail.ts';

/** Accesses from which on a page is looked for along the log: reading all events of a memory only to sort them costs more. */
const muchAccessed = 2_000;

/** How far along the log it is looked for: the page of one that is named so often is most often within it. */
const walkedThrough = 20_000;

/** What happened to a memory, one more than a page holds, each with the state after it. */
export async function readStory(
  db: Database,
  archive: LogArchive,
  space: Space,
  memoryId: string,
  page: StoryPage,
): Promise<readonly StoryEvent[]> {
  const memory = await describe(db, space, memoryId);
  const begin = await archive.beginOf(db, space.shard, space.id);
  const named = await readNaming(db, archive, space, memoryId, page, {
    ...{ begin, isMuchAccessed: memory.accessCount >= muchAccessed },
  });
  const { after, upTo } = spanOf(named, page);
  const faded = await readDecays(db, space, { after: Math.max(after, begin), upTo });
  const first = Math.min(...[...named, ...faded].map(({ position }) => position));
  const last = Math.max(...[...named, ...faded].map(({ position }) => position));
  if (!Number.isFinite(first)) return [];
  const mates = await withMates(db, space, [memoryId], last);
  const records = await recordsAt(db, archive, space, first - 1, mates);
  const told: Told[] = [];
  if (mates.length === 1) {
    tellOn(records, inOrder([...named, ...faded]), memoryId, mates, told);
  } else {
    for await (const events of readTail(db, archive, space, { after: first - 1, upTo: last }, mates, 'all')) {
      tellOn(records, events, memoryId, mates, told);
    }
  }
  const chosen = (page.descending ? told.toReversed() : told).slice(0, page.limit + 1);
  return withWords(db, space, memoryId, chosen, memory.isErased);
}

type Told = Omit<StoryEvent, 'conversation' | 'reason'>;

/** Folds events and keeps what those among them that are of the memory's story made of it. */
function tellOn(
  records: Map<string, MemoryRecord>,
  events: readonly LogEvent[],
  memoryId: string,
  mates: readonly string[],
  told: Told[],
): void {
  const wanted = new Set(mates);
  for (const event of events) {
    const before = records.get(memoryId)?.state;
    const concerning = { ...event, memoryIds: event.memoryIds.filter((id) => wanted.has(id)) };
    const change = foldMemories(records, [concerning]).find((one) => one.memoryId === memoryId);
    const state = records.get(memoryId)?.state;
    const isOwn = event.memoryIds.includes(memoryId);
    const hasFaded = event.type === 'space.decayed' && state?.phi !== before?.phi;
    if (!state || !(isOwn || hasFaded)) continue;
    const tierChange = change ? { from: change.from, to: change.to, reason: change.reason } : null;
    told.push({ event, tierChange, state: pastOf(state) });
  }
}

function inOrder(events: readonly LogEvent[]): LogEvent[] {
  return events.toSorted((a, b) => a.position - b.position);
}

interface Described {
  readonly isErased: boolean;
  readonly accessCount: number;
}

async function describe(db: Database, { shard, id }: Space, memoryId: string): Promise<Described> {
  const { rows } = await sql<Described>`
    select m.visibility = 'erased' as "isErased", s.access_count as "accessCount"
    from memories m join memory_state s on s.shard = ${shard} and s.space_id = ${id} and s.memory_id = m.memory_id
    where m.shard = ${shard} and m.space_id = ${id} and m.memory_id = ${memoryId}`.execute(db);
  const [row] = rows;
  if (!row) throw noSuchMemory('memoryId', [memoryId], id);
  return row;
}

interface Naming {
  /** Behind which the story begins. */
  readonly begin: number;
  readonly isMuchAccessed: boolean;
}

/** Events that name a memory, from a place on: as many as a page, and one more. */
async function readNaming(
  db: Database,
  archive: LogArchive,
  space: Space,
  memoryId: string,
  page: StoryPage,
  { begin, isMuchAccessed }: Naming,
): Promise<readonly LogEvent[]> {
  const { descending, limit } = page;
  const range = descending
    ? { after: begin, upTo: (page.after ?? Number.MAX_SAFE_INTEGER) - 1 }
    : { after: Math.max(begin, page.after ?? 0), upTo: Number.MAX_SAFE_INTEGER };
  const floor = await archive.floor(db, space.shard);
  const inTable = { ...range, after: Math.max(range.after, floor) };
  const inFiles = { ...range, upTo: Math.min(range.upTo, floor) };
  const parts = [
    () => readTable(db, space, memoryId, inTable, page, isMuchAccessed),
    () => readFiles(db, archive, space, memoryId, inFiles, page),
  ];
  const found: LogEvent[] = [];
  for (const read of descending ? parts : parts.toReversed()) {
    if (found.length <= limit) found.push(...(await read()));
  }
  return found.slice(0, limit + 1);
}

async function readFiles(
  db: Database,
  archive: LogArchive,
  { shard, id: spaceId }: Space,
  memoryId: string,
  range: Range,
  { descending, limit }: StoryPage,
): Promise<readonly LogEvent[]> {
  if (range.after >= range.upTo) return [];
  const found: LogEvent[] = [];
  const wanted = { spaceId, memoryIds: [memoryId] };
  for await (const events of archive.read(db, shard, range, wanted, { descending })) {
    found.push(...events.slice(0, limit + 1).map(decodeArchived));
    if (found.length > limit) break;
  }
  return found;
}

async function readTable(
  db: Database,
  space: Space,
  memoryId: string,
  range: Range,
  page: StoryPage,
  isMuchAccessed: boolean,
): Promise<readonly LogEvent[]> {
  if (range.after >= range.upTo) return [];
  if (isMuchAccessed) {
    const upTo = Math.min(range.upTo, await headOf(db, space));
    const near = page.descending
      ? { after: Math.max(range.after, upTo - walkedThrough), upTo }
      : { after: range.after, upTo: range.after + walkedThrough };
    const found = await readEventRows(db, namingStatement(space, memoryId, near, page, 'walk'));
    if (found.length > page.limit) return found;
  }
  return readEventRows(db, namingStatement(space, memoryId, range, page, 'look up'));
}

/** Along the positions until there are enough, or all by the index of memories and then the first of them. */
export function namingStatement(
  { shard, id }: Space,
  memoryId: string,
  { after, upTo }: Range,
  { descending, limit }: StoryPage,
  way: 'walk' | 'look up',
): RawBuilder<unknown> {
  const order = sql.raw(descending ? 'desc' : 'asc');
  const range = sql`e.shard = ${shard} and e.position > ${after} and e.position <= ${upTo}`;
  const isNamed = sql`e.space_id = ${id} and e.memory_ids @> array[${memoryId}::uuid]`;
  // A fence in either keeps the planner from the other, which it would choose by what memories are named on average.
  const naming =
    way === 'walk'
      ? sql`(select * from events e where ${range} order by e.position ${order} offset 0) e where ${isNamed}`
      : sql`(select * from events e where ${range} and ${isNamed} offset 0) e`;
  return sql`select ${eventColumns} from ${naming} order by e.position ${order} limit ${limit + 1}`;
}

async function headOf(db: Database, { shard }: Space): Promise<number> {
  const { rows } = await sql<{ position: number }>`select position from shard_heads where shard = ${shard}`.execute(db);
  return rows[0]?.position ?? 0;
}

/** From where the page begins to where the events that name the memory end it, or to the end of the story. */
function spanOf(named: readonly LogEvent[], { after, descending, limit }: StoryPage): Range {
  const last = named.length > limit ? named.at(-1)?.position : undefined;
  return descending
    ? { after: last ?? 0, upTo: (after ?? Number.MAX_SAFE_INTEGER) - 1 }
    : { after: after ?? 0, upTo: last ?? Number.MAX_SAFE_INTEGER };
}

async function readDecays(db: Database, { shard, id }: Space, { after, upTo }: Range): Promise<readonly LogEvent[]> {
  return readEventRows(
    db,
    sql`select ${eventColumns} from events e
      where e.shard = ${shard} and e.space_id = ${id} and e.position > ${after} and e.position <= ${upTo}
        and ${sql.raw(turningEvents)} and e.type = 'space.decayed'`,
  );
}

/** Adds what clients called the conversations, and why tiers were set: words, which are gone with an erasure. */
async function withWords(
  db: Database,
  { shard, id }: Space,
  memoryId: string,
  told: readonly Told[],
  isErased: boolean,
): Promise<readonly StoryEvent[]> {
  const interned = [...new Set(told.flatMap(({ event }) => event.conversationId ?? []))];
  const positions = told.flatMap(({ event }) => (event.type === 'memory.tiered' ? [event.position] : []));
  const names = isErased
    ? []
    : (
        await sql<{ id: string; name: string }>`
          select conversation_id as id, name from conversations
          where shard = ${shard} and space_id = ${id} and conversation_id = any(${interned}::uuid[])`.execute(db)
      ).rows;
  const reasons = await sql<{ position: number; reason: string }>`
    select position, reason from tier_reasons where shard = ${shard} and space_id = ${id} and memory_id = ${memoryId}
      and position = any(${positions}::bigint[])`.execute(db);
  const nameOf = new Map(names.map((row) => [row.id, row.name]));
  const reasonAt = new Map(reasons.rows.map(({ position, reason }) => [position, reason]));
  return told.map((one) => ({
    ...one,
    conversation: one.event.conversationId === null ? null : (nameOf.get(one.event.conversationId) ?? null),
    reason: reasonAt.get(one.event.position) ?? null,
  }));
}

/** The changes of a memory's tier, one more than a page holds. */
export async function readTierChanges(
  db: Database,
  space: Space,
  memoryId: string,
  { after, descending, limit }: StoryPage,
): Promise<readonly CausedTierChange[]> {
  await describe(db, space, memoryId);
  const { shard, id } = space;
  const order = sql.raw(descending ? 'desc' : 'asc');
  const isBehind = sql`c.position ${sql.raw(descending ? '<' : '>')} ${after ?? 0}`;
  const { rows } = await sql<{
    position: number;
    from_tier: number;
    to_tier: number;
    reason: CausedTierChange['reason'];
    at: Date;
    event_id: string;
    event_type: CausedTierChange['eventType'];
    note: string | null;
  }>`
    select c.position, c.from_tier, c.to_tier, c.reason, e.recorded_at as at, e.id as event_id, e.type as event_type, (
      select r.reason from tier_reasons r
      where r.shard = ${shard} and r.space_id = ${id} and r.memory_id = c.memory_id and r.position = c.position) as note
    from tier_changes c join events e on e.shard = ${shard} and e.position = c.position
    where c.shard = ${shard} and c.space_id = ${id} and c.memory_id = ${memoryId}
      and ${after === undefined ? sql`true` : isBehind}
    order by c.position ${order} limit ${limit + 1}`.execute(db);
  return rows.map(({ from_tier, to_tier, at, event_id, event_type, ...row }) => ({
    ...row,
    from: tierFromNumber(from_tier),
    to: tierFromNumber(to_tier),
    at: at.toISOString(),
    eventId: event_id,
    eventType: event_type,
  }));
}
