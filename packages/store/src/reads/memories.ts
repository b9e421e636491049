import { phiFromThousandths, type Space, type StoredMemory, type Tier, tiers } from '@anima/core';
import { type RawBuilder, sql } from 'kysely';
import type { Database } from '../engine/engine.ts';
import { readAsJson } from './read-as-json.ts';

/** A memory as a statement selects it by {@link memoryColumns}. */
export interface MemoryRow {
  readonly id: string;
  readonly content: string;
  readonly content_hash: string;
  readonly version: number;
  readonly tier: number;
  readonly category: string | null;
  readonly tags: string[];
  readonly source: string | null;
  readonly access_count: number;
  readonly last_accessed: string;
  readonly phi: number;
  readonly is_catalyst: boolean;
  readonly occurred_at: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

/** What an answer shows of a memory, from `memories m` and `memory_state s`. What has expired left its hash to others. */
export const memoryColumns: RawBuilder<unknown> = sql`
  m.memory_id as id, m.content, encode(coalesce(m.content_hash, sha256(convert_to(m.content, 'UTF8'))), 'hex') as content_hash, m.version, s.tier, m.category, m.tags,
  m.source, s.access_count, s.last_accessed, s.phi, s.is_catalyst, m.occurred_at, m.created_at, m.updated_at`;

/** The stored number of a tier as its name. */
export function tierFromNumber(number: number): Tier {
  const tier = tiers[number];
  if (!tier) throw new Error(`the database has an unknown tier ${number}`);
  return tier;
}

export function toMemory(row: MemoryRow): Omit<StoredMemory, 'embedded'> {
  return {
    id: row.id,
    content: row.content,
    contentHash: row.content_hash,
    version: row.version,
    tier: tierFromNumber(row.tier),
    category: row.category,
    tags: row.tags,
    source: row.source,
    accessCount: row.access_count,
    lastAccessed: isoTime(row.last_accessed),
    resonancePhi: phiFromThousandths(row.phi),
    isCatalyst: row.is_catalyst,
    occurredAt: row.occurred_at === null ? null : isoTime(row.occurred_at),
    createdAt: isoTime(row.created_at),
    updatedAt: isoTime(row.updated_at),
  };
}

/** A time as answers show it, whichever way the database wrote it. */
export function isoTime(time: string): string {
  return new Date(time).toISOString();
}

/** The live memories among `ids`, in the order of `ids`. */
export async function readMemories(
  db: Database,
  vectorsTable: string,
  space: Space,
  ids: readonly string[],
): Promise<readonly StoredMemory[]> {
  if (ids.length === 0) return [];
  const statement = sql<MemoryRow & { embedded: boolean }>`
    select ${memoryColumns}, exists (
        select from ${sql.table(vectorsTable)} v
        where v.shard = ${space.shard} and v.space_id = ${space.id} and v.memory_id = m.memory_id and v.version = m.version
      ) as embedded
    from unnest(${ids}::uuid[]) with ordinality as wanted(memory_id, place)
    join lateral (
      select * from memories where shard = ${space.shard} and space_id = ${space.id}
        and memory_id = wanted.memory_id and visibility = 'live' limit 1) m on true
    join lateral (
      select * from memory_state where shard = ${space.shard} and space_id = ${space.id}
        and memory_id = wanted.memory_id limit 1) s on true
    order by wanted.place`;
  const rows = await readAsJson(db, 'read memories', statement);
  return rows.map((row) => ({ ...toMemory(row), embedded: row.embedded }));
}
