import { type Activity, excerptLength, type Space } from '@anima/core';
import { sql } from 'kysely';
import type { Database } from '../engine/engine.ts';
import { tierFromNumber } from '../reads/memories.ts';
import { turningEvents } from '../schema/search-indexes.ts';

interface ActivityRow {
  readonly position: number;
  readonly at: Date;
  readonly memory_id: string;
  readonly excerpt: string | null;
  readonly from_tier: number | null;
  readonly to_tier: number | null;
  readonly reason: string | null;
  readonly merged: string | null;
  readonly similarity: number | null;
}

/** The newest changes of tiers and the newest merges of a space, together as many as are asked for. */
export async function readActivity(db: Database, { shard, id }: Space, limit: number): Promise<readonly Activity[]> {
  const { rows } = await sql<ActivityRow>`
    select found.*, e.recorded_at as at, left(m.content, ${sql.lit(excerptLength)}) as excerpt
    from (
      (select position, memory_id, from_tier, to_tier, reason, null::uuid as merged, null::float8 as similarity
       from tier_changes where shard = ${shard} and space_id = ${id} order by position desc limit ${sql.lit(limit)})
      union all
      (select position, (payload->>'survivor')::uuid, null, null, null, (payload->>'merged')::uuid,
         (payload->>'similarity')::float8
       from events where shard = ${shard} and space_id = ${id} and ${sql.raw(turningEvents)} and type = 'memory.merged'
       order by position desc limit ${sql.lit(limit)})
      order by position desc limit ${sql.lit(limit)}) found
    join events e on e.shard = ${shard} and e.position = found.position
    left join memories m on m.shard = ${shard} and m.space_id = ${id} and m.memory_id = found.memory_id
      and m.visibility <> 'erased'
    order by found.position desc, found.memory_id`.execute(db);
  return rows.map(toActivity);
}

function toActivity(row: ActivityRow): Activity {
  const { position, at, memory_id: memoryId, excerpt, from_tier, to_tier, reason, merged, similarity } = row;
  const told = { position, at: at.toISOString(), memoryId, excerpt };
  if (merged !== null && similarity !== null) return { type: 'merge', ...told, merged, similarity };
  if (from_tier === null || to_tier === null || reason === null) throw new Error('neither a merge nor a tier change');
  return { type: 'tier', ...told, from: tierFromNumber(from_tier), to: tierFromNumber(to_tier), reason };
}
