import type { ListPage, ListPlace, MemoryVersion, Selection, Space, StoredEntry, Visibility } from '@anima/core';
import { sql } from 'kysely';
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
const entryColumns = (vectorsTable: string) => sql`
  ${memoryColumns}, m.visibility, m.merged_into, m.expires_at, exists (
    select from ${sql.table(vectorsTable)} v
    where v.shard = m.shard and v.space_id = m.space_id and v.memory_id = m.memory_id and v.version = m.version
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
  { shard, id }: Space,
  ids: readonly string[],
): Promise<readonly StoredEntry[]> {
  const { rows } = await sql<EntryRow>`
    select ${entryColumns(vectorsTable)}
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

/** What a list may be ordered by, and how it is read back from a place. */
const orders = {
  created: { column: sql`m.created_at`, type: sql`timestamptz` },
  accessed: { column: sql`s.last_accessed`, type: sql`timestamptz` },
  resonance: { column: sql`s.phi`, type: sql`integer` },
} as const;

/** One page of a list. A place is where the page before ended, so that no page costs more than the first. */
export async function readList(
  db: Database,
  vectorsTable: string,
  space: Space,
  { selection, order, descending, after, limit }: ListPage,
): Promise<{ readonly memories: readonly StoredEntry[]; readonly next: ListPlace | undefined }> {
  const { column, type } = orders[order];
  const direction = sql.raw(descending ? 'desc' : 'asc');
  const isBehind = sql`(${column}, m.memory_id) ${sql.raw(descending ? '<' : '>')} (${after?.value}::${type}, ${after?.memoryId}::uuid)`;
  const { rows } = await sql<EntryRow & { place: string }>`
    select ${entryColumns(vectorsTable)}, ${column}::text as place
    from memories m
    join memory_state s on s.shard = m.shard and s.space_id = m.space_id and s.memory_id = m.memory_id
    where m.shard = ${space.shard} and m.space_id = ${space.id} and s.shard = ${space.shard} and s.space_id = ${space.id}
      and ${selected(space, selection)} and ${after ? isBehind : sql`true`}
    order by ${column} ${direction}, m.memory_id ${direction} limit ${limit + 1}`.execute(db);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const next = last && rows.length > limit ? { value: last.place, memoryId: last.id } : undefined;
  return { memories: page.map(({ place: _, ...row }) => toEntry(row)), next };
}

/** How many memories meet the conditions. */
export async function countSelected(db: Database, space: Space, selection: Selection): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from memories m
    join memory_state s on s.shard = m.shard and s.space_id = m.space_id and s.memory_id = m.memory_id
    where m.shard = ${space.shard} and m.space_id = ${space.id} and s.shard = ${space.shard} and s.space_id = ${space.id}
      and ${selected(space, selection)}`.execute(db);
  return rows[0]?.count ?? 0;
}
