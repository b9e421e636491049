import {
  foldMemories,
  type MemoryRecord,
  type OwnState,
  type PastState,
  recordsOf,
  type Space,
  visibilities,
} from '@anima/core';
import { type RawBuilder, sql } from 'kysely';
import type { LogArchive } from '../archive/log-archive.ts';
import type { Database } from '../engine/engine.ts';
import { tierFromNumber } from '../reads/memories.ts';
import { readAsJson } from '../reads/read-as-json.ts';
import { lastSnapshot } from './snapshots.ts';
import { readTail } from './tail.ts';

/** Memories from which on it is cheaper to look at all of the space. */
const rather = 1_000;

/**
 * The states of memories as they were at a position, whether they are live or not: those of the last copy before it,
 * and what the log says since. Who did not exist yet has none.
 */
export async function statesAt(
  db: Database,
  archive: LogArchive,
  space: Space,
  position: number,
  ids?: readonly string[],
): Promise<ReadonlyMap<string, PastState>> {
  if (ids?.length === 0) return new Map();
  const all = ids && ids.length <= rather ? await withMates(db, space, ids, position) : undefined;
  const records = await recordsAt(db, archive, space, position, all);
  const wanted = ids && new Set(ids);
  return new Map(
    [...records].flatMap(([id, { state }]) => (wanted?.has(id) === false ? [] : [[id, pastOf(state)] as const])),
  );
}

export function pastOf({ conversations: _, ...state }: MemoryRecord['state']): PastState {
  return state;
}

/**
 * What is kept of memories at a position; their conversations are not.
 *
 * @param ids with all that they were ever merged with (see {@link withMates}); undefined: all of the space
 */
export async function recordsAt(
  db: Database,
  archive: LogArchive,
  space: Space,
  position: number,
  ids: readonly string[] | undefined,
): Promise<Map<string, MemoryRecord>> {
  let start: number;
  let records: Map<string, MemoryRecord>;
  do {
    start = await lastSnapshot(db, space.shard, position);
    records = start === 0 ? new Map() : await readSnapshot(db, space, start, ids);
    // Old ones are thinned out, and one may have gone while it was read.
  } while ((await lastSnapshot(db, space.shard, position)) !== start);
  for await (const events of readTail(db, archive, space, { after: start, upTo: position }, ids, 'asked')) {
    foldMemories(records, events);
  }
  return records;
}

/** Memories with all that were merged with them until a position, directly or not, even if they were parted again. */
export async function withMates(
  db: Database,
  { shard, id }: Space,
  ids: readonly string[],
  position: number,
): Promise<readonly string[]> {
  const { rows } = await sql<{ ids: readonly string[] }>`
    with recursive mates as (
      select unnest(${ids}::uuid[]) as memory_id
      union
      select merged.memory_id from mates m
      cross join lateral (
        select unnest(e.memory_ids) as memory_id from events e
        where e.shard = ${shard} and e.space_id = ${id} and e.type = 'memory.merged'
          and e.memory_ids @> array[m.memory_id] and e.position <= ${position}) merged)
    select json_agg(memory_id) as ids from mates`.execute(db);
  return rows[0]?.ids ?? [];
}

interface SnapshotRow {
  readonly memory_id: string;
  readonly tier_set: number;
  readonly tier_set_at: number;
  readonly visibility: number;
  readonly survivor: string | null;
  readonly similarity: number | null;
  readonly merged_at: number | null;
  readonly access_count: number;
  readonly phi: number;
  readonly is_catalyst: boolean;
  /** Epoch milliseconds. */
  readonly last_accessed: number;
}

async function readSnapshot(
  db: Database,
  { shard, id }: Space,
  position: number,
  ids: readonly string[] | undefined,
): Promise<Map<string, MemoryRecord>> {
  const wanted: RawBuilder<unknown> = ids
    ? sql`unnest(${ids}::uuid[]) as w(memory_id)`
    : sql`(select memory_id from memory_state where shard = ${shard} and space_id = ${id}) w`;
  const rows = await readAsJson(
    db,
    undefined,
    sql<SnapshotRow>`
      select w.memory_id, s.tier_set, s.tier_set_at, s.visibility, s.survivor, s.similarity, s.merged_at,
        s.access_count, s.phi, s.is_catalyst, (extract(epoch from s.last_accessed) * 1000)::float8 as last_accessed
      from ${wanted} cross join lateral (
        select * from state_snapshots s
        where s.shard = ${shard} and s.space_id = ${id} and s.memory_id = w.memory_id and s.position <= ${position}
        order by s.position desc limit 1) s`,
  );
  return recordsOf(new Map(rows.map((row) => [row.memory_id, ownOf(row)])));
}

function ownOf(row: SnapshotRow): Pick<MemoryRecord, 'own' | 'link'> {
  const visibility = visibilities[row.visibility];
  if (!visibility) throw new Error(`the database has an unknown visibility ${row.visibility}`);
  const own: OwnState = {
    tierSet: tierFromNumber(row.tier_set),
    tierSetAt: row.tier_set_at,
    accessCount: row.access_count,
    phi: row.phi,
    isCatalyst: row.is_catalyst,
    lastAccessed: row.last_accessed,
    conversations: [],
    visibility,
  };
  const { survivor, similarity, merged_at: position } = row;
  const isMerged = survivor !== null && similarity !== null && position !== null;
  return { own, link: isMerged ? { survivor, similarity, position } : undefined };
}
