import {
  type ListPage,
  type ListPlace,
  type MemoryVersion,
  type Selection,
  type Space,
  type StoredEntry,
  tiers,
  type Visibility,
} from '@anima/core';
import { type RawBuilder, sql } from 'kysely';
import type { Database } from '../engine/engine.ts';
import { selected } from './filters.ts';
import { isoTime, type MemoryRow, memoryColumns, toMemory } from './memories.ts';

interface EntryRow extends MemoryRow {
  readonly visibility: Visibility;
  readonly merged_into: string | null;
  readonly expires_at: string | null;
  readonly embedded: boolean;
}

/** A statement's columns of an entry, from `memories m` and `memory_state s`. */
const entryColumns = ({ shard, id }: Space, vectorsTable: string) => sql`
  ${memoryColumns}, m.visibility, m.merged_into, m.expires_at, exists (
    select from ${sql.table(vectorsTable)} v
    where v.shard = ${shard} and v.space_id = ${id} and v.memory_id = m.memory_id and v.version = m.version
  ) as embedded`;

function toEntry({ visibility, merged_into, expires_at, embedded, ...row }: EntryRow): StoredEntry {
  return {
    ...toMemory(row),
    visibility,
    mergedInto: visibility === 'merged' ? merged_into : null,
    expiresAt: expires_at === null ? null : isoTime(expires_at),
    embedding: embedded ? 'ready' : 'pending',
  };
}

/** Memories whatever became of them, but the erased, in the order of `ids`. */
export async function readEntries(
  db: Database,
  vectorsTable: string,
  space: Space,
  ids: readonly string[],
): Promise<readonly StoredEntry[]> {
  const { shard, id } = space;
  const { rows } = await sql<EntryRow>`
    select ${entryColumns(space, vectorsTable)}
    from unnest(${ids}::uuid[]) with ordinality as wanted(memory_id, place)
    join memories m on m.shard = ${shard} and m.space_id = ${id} and m.memory_id = wanted.memory_id
    join memory_state s on s.shard = ${shard} and s.space_id = ${id} and s.memory_id = wanted.memory_id
    where m.visibility <> 'erased' order by wanted.place`.execute(db);
  return rows.map(toEntry);
}

/** The wordings of a memory, first to current. */
export async function readVersions(
  db: Database,
  { shard, id }: Space,
  memoryId: string,
): Promise<readonly MemoryVersion[]> {
  const { rows } = await sql<{ version: number; content: string; replacedAt: Date | null }>`
    select version, content, replaced_at as "replacedAt" from memory_versions
    where shard = ${shard} and space_id = ${id} and memory_id = ${memoryId}
    union all
    select version, content, null from memories
    where shard = ${shard} and space_id = ${id} and memory_id = ${memoryId} and visibility <> 'erased'
    order by version`.execute(db);
  return rows.map((row) => ({ ...row, replacedAt: row.replacedAt?.toISOString() ?? null }));
}

/** Memories that are merged into one, directly. */
export async function readVariants(db: Database, { shard, id }: Space, memoryId: string): Promise<readonly string[]> {
  const { rows } = await sql<{ memory_id: string }>`
    select memory_id from memories where shard = ${shard} and space_id = ${id} and merged_into = ${memoryId}
      and visibility = 'merged' order by created_at, memory_id`.execute(db);
  return rows.map(({ memory_id }) => memory_id);
}

/** One page of a list. A place is where the page before ended, so that no page costs more than the first. */
export async function readList(
  db: Database,
  vectorsTable: string,
  space: Space,
  page: ListPage,
): Promise<{ readonly memories: readonly StoredEntry[]; readonly next: ListPlace | undefined }> {
  const { order, descending, limit, selection } = page;
  const source = sourceOf(space, page);
  const direction = sql.raw(descending ? 'desc' : 'asc');
  // Of what is equal, as the index has it: those of the state from the lowest id on when they descend.
  const tie = sql.raw((order === 'created') === descending ? 'desc' : 'asc');
  const parts = source.ranges.map(
    ({ column, range }) => sql`(
      select ${entryColumns(space, vectorsTable)}, ${column} as ordered, ${column}::text as place
      from ${source.from}
      where m.shard = ${space.shard} and m.space_id = ${space.id} and s.shard = ${space.shard} and s.space_id = ${space.id}
        and ${selected(space, selection, vectorsTable)} and ${range}
      order by ${column} ${direction}, ${sql.ref(order === 'created' ? 'm.memory_id' : 's.memory_id')} ${tie} limit ${sql.lit(limit + 1)})`,
  );
  const { rows } = await sql<EntryRow & { ordered: unknown; place: string }>`
    select * from (${sql.join(parts, sql` union all `)}) found
    order by ordered ${direction}, id ${tie} limit ${sql.lit(limit + 1)}`.execute(db);
  const found = rows.slice(0, limit);
  const last = found.at(-1);
  const next = last && rows.length > limit ? { value: last.place, memoryId: last.id } : undefined;
  return { memories: found.map(({ place: _, ordered: _ordered, ...row }) => toEntry(row)), next };
}

/** A stretch of an index, to be read in its order. */
interface Range {
  readonly column: RawBuilder<unknown>;
  readonly range: RawBuilder<unknown>;
}

/** What a list is read from, and in which stretches. */
interface Source {
  readonly from: RawBuilder<unknown>;
  readonly ranges: readonly Range[];
}

/**
 * The planner takes the join of two large tables on three columns for one row, and then sees no worth in reading
 * an index in its order until the page is full. Where the side that is ordered decides almost alone, the fence
 * `offset 0` leaves it no other way: 5 ms instead of all of the space. Other conditions are the planner's to weigh.
 */
function sourceOf({ shard, id }: Space, page: ListPage): Source {
  const { order, selection } = page;
  const { visibility, tiers: ofTiers, isCatalyst, ...ofMemory } = selection;
  const isOfState = ofTiers !== undefined || isCatalyst !== undefined;
  const isOfMemory = Object.values(ofMemory).some((value) => value !== undefined);
  const stateOf = sql`lateral (select * from memory_state s where s.shard = ${shard} and s.space_id = ${id}
    and s.memory_id = m.memory_id offset 0) s on true`;
  const memoryOf = sql`lateral (select * from memories m where m.shard = ${shard} and m.space_id = ${id}
    and m.memory_id = s.memory_id offset 0) m on true`;
  const either = sql`memories m
    join memory_state s on s.shard = m.shard and s.space_id = m.space_id and s.memory_id = m.memory_id`;
  if (order === 'created') {
    return { from: isOfState ? either : sql`memories m join ${stateOf}`, ranges: createdRanges(page) };
  }
  if (visibility === 'live') {
    return { from: isOfMemory ? either : sql`memory_state s join ${memoryOf}`, ranges: stateRanges(page) };
  }
  // Few are not live, and no index has the states of those alone: all of them, sorted.
  const few = sql`(select * from memories m where m.shard = ${shard} and m.space_id = ${id}
    and m.visibility = ${visibility} offset 0) m`;
  return { from: sql`${few} join ${stateOf}`, ranges: [wholeRange(page)] };
}

function createdRanges({ after, descending }: ListPage): readonly Range[] {
  const column = sql`m.created_at`;
  const beyond = sql.raw(descending ? '<' : '>');
  return [
    {
      column,
      range: after
        ? sql`(m.created_at, m.memory_id) ${beyond} (${after.value}::timestamptz, ${after.memoryId}::uuid)`
        : sql`true`,
    },
  ];
}

/** What of the state a list is ordered by. */
function stateColumn({ order }: ListPage): readonly [RawBuilder<unknown>, RawBuilder<unknown>] {
  return order === 'accessed' ? [sql`s.last_accessed`, sql`timestamptz`] : [sql`s.phi`, sql`integer`];
}

/** Behind the place, as the index has it: of what is equal, by id the other way round. */
const ways = (descending: boolean) => (descending ? ([sql`<`, sql`>`] as const) : ([sql`>`, sql`<`] as const));

/** Of each tier, which leads in the indexes of the state: what is equal to the place and behind it, and what is beyond. */
function stateRanges(page: ListPage): readonly Range[] {
  const { after, descending, selection } = page;
  const [column, type] = stateColumn(page);
  const [beyond, behind] = ways(descending);
  return (selection.tiers ?? tiers).flatMap((tier) => {
    const ofTier = sql`s.tier = ${sql.lit(tiers.indexOf(tier))}`;
    if (!after) return [{ column, range: ofTier }];
    const value = sql`${after.value}::${type}`;
    return [
      { column, range: sql`${ofTier} and ${column} = ${value} and s.memory_id ${behind} ${after.memoryId}::uuid` },
      { column, range: sql`${ofTier} and ${column} ${beyond} ${value}` },
    ];
  });
}

/** Of all tiers at once. */
function wholeRange(page: ListPage): Range {
  const { after, descending } = page;
  const [column, type] = stateColumn(page);
  if (!after) return { column, range: sql`true` };
  const [beyond, behind] = ways(descending);
  const value = sql`${after.value}::${type}`;
  return {
    column,
    range: sql`(${column} ${beyond} ${value} or (${column} = ${value} and s.memory_id ${behind} ${after.memoryId}::uuid))`,
  };
}

/** How many memories meet the conditions. */
export async function countSelected(
  db: Database,
  vectorsTable: string,
  space: Space,
  selection: Selection,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from memories m
    join memory_state s on s.shard = m.shard and s.space_id = m.space_id and s.memory_id = m.memory_id
    where m.shard = ${space.shard} and m.space_id = ${space.id} and s.shard = ${space.shard} and s.space_id = ${space.id}
      and ${selected(space, selection, vectorsTable)}`.execute(db);
  return rows[0]?.count ?? 0;
}
