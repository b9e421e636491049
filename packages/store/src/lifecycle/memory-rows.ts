import {
  AnimaError,
  type ChangedMemories,
  type NotChanged,
  noSuchMemory,
  type Space,
  type Visibility,
} from '@anima/core';
import { sql } from 'kysely';
import type { Database } from '../engine/engine.ts';
import type { ChangeScope, Fact } from '../log/change.ts';

/** What a change looks at before it is decided. */
export interface MemoryRow {
  readonly memory_id: string;
  readonly version: number;
  readonly visibility: Visibility;
  readonly merged_into: string | null;
  readonly content: string;
  readonly created_at: Date;
}

/** Locks memories until the transaction ends, those that the space has. */
export async function lockThoseThere(
  trx: Database,
  space: Space,
  ids: readonly string[],
): Promise<ReadonlyMap<string, MemoryRow>> {
  const { rows } = await sql<MemoryRow>`
    select memory_id, version, visibility, merged_into, content, created_at from memories
    where shard = ${space.shard} and space_id = ${space.id} and memory_id = any(${ids}::uuid[])
    order by memory_id for update`.execute(trx);
  return new Map(rows.filter(({ visibility }) => visibility !== 'erased').map((row) => [row.memory_id, row]));
}

/**
 * Locks memories until the transaction ends.
 *
 * @throws AnimaError `NOT_FOUND` naming those that the space does not have, or no more
 */
export async function lockMemories(
  trx: Database,
  space: Space,
  ids: readonly string[],
): Promise<ReadonlyMap<string, MemoryRow>> {
  const found = await lockThoseThere(trx, space, ids);
  const missing = ids.filter((id) => !found.has(id));
  if (missing.length > 0) throw noSuchMemory('memoryIds', missing, space.id);
  return found;
}

/** Locks one memory, which must be live. @throws AnimaError `NOT_FOUND`, `CONFLICT` saying what it is instead */
export async function lockLive(trx: Database, space: Space, id: string): Promise<MemoryRow> {
  const row = (await lockMemories(trx, space, [id])).get(id);
  if (row?.visibility === 'live') return row;
  const state =
    row?.visibility === 'merged'
      ? `a variant of ${row.merged_into}: change that one, or unmerge it`
      : `${row?.visibility === 'hidden' ? 'forgotten' : row?.visibility}: restore it first`;
  throw new AnimaError('CONFLICT', `memory ${id} is ${state}`);
}

/** Splits what a change concerns from what it does not. */
export function decide(
  ids: readonly string[],
  rows: ReadonlyMap<string, MemoryRow>,
  because: (row: MemoryRow) => NotChanged | undefined,
): ChangedMemories {
  const reasons = [...new Set(ids)].map((memoryId) => {
    const row = rows.get(memoryId);
    return { memoryId, because: row && because(row) };
  });
  return {
    changed: reasons.filter((one) => one.because === undefined).map(({ memoryId }) => memoryId),
    unchanged: reasons.flatMap(({ memoryId, because }) => (because === undefined ? [] : [{ memoryId, because }])),
  };
}

/** The one fact of a change, where it changed anything. */
export function factOf(type: Fact['type'], { changed }: ChangedMemories, payload: object = {}): Fact[] {
  return changed.length > 0 ? [{ type, memoryIds: changed, payload }] : [];
}

/** Shows or hides memories. */
export async function setVisibility(
  { trx, now }: ChangeScope,
  { shard, id }: Space,
  ids: readonly string[],
  visibility: Visibility,
  mergedInto: string | null = null,
): Promise<void> {
  await sql`
    update memories set visibility = ${visibility}, merged_into = ${mergedInto}::uuid, updated_at = ${now}::timestamptz
    where shard = ${shard} and space_id = ${id} and memory_id = any(${ids}::uuid[])`.execute(trx);
}

/** Memories and all that are merged into them, directly or not, but what is erased. */
export async function withMerged(trx: Database, { shard, id }: Space, ids: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ memory_id: string }>`
    with recursive below as (
      select unnest(${ids}::uuid[]) as memory_id
      union
      select m.memory_id from below b
      join memories m on m.shard = ${shard} and m.space_id = ${id} and m.merged_into = b.memory_id
        and m.visibility <> 'erased')
    select memory_id from below order by memory_id`.execute(trx);
  return rows.map(({ memory_id }) => memory_id);
}

/** All that are merged into a memory, directly or not. */
export async function mergedBelow(trx: Database, space: Space, memoryId: string): Promise<string[]> {
  return (await withMerged(trx, space, [memoryId])).filter((id) => id !== memoryId);
}
