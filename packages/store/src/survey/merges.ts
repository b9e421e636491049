import type { Merge, MergedMemory, Space, Visibility } from '@anima/core';
import { sql } from 'kysely';
import type { Database } from '../engine/engine.ts';
import { turningEvents } from '../schema/search-indexes.ts';

interface MergeRow {
  readonly position: number;
  readonly at: Date;
  readonly similarity: number;
  readonly survivor: string;
  readonly survivor_content: string | null;
  readonly survivor_visibility: Visibility;
  readonly merged: string;
  readonly merged_content: string | null;
  readonly merged_visibility: Visibility;
  readonly merged_into: string | null;
}

/** Merges of a space, the newest first, one more than a page holds. What was erased since says nothing. */
export async function readMerges(
  db: Database,
  { shard, id }: Space,
  { before, limit }: { readonly before: number | undefined; readonly limit: number },
): Promise<readonly Merge[]> {
  const isBehind = before === undefined ? sql`true` : sql`position < ${before}`;
  const { rows } = await sql<MergeRow>`
    select e.position, e.recorded_at as at, (e.payload->>'similarity')::float8 as similarity,
      e.survivor, s.content as survivor_content, s.visibility as survivor_visibility,
      e.merged, m.content as merged_content, m.visibility as merged_visibility, m.merged_into
    from (
      select *, (payload->>'survivor')::uuid as survivor, (payload->>'merged')::uuid as merged from events
      where shard = ${shard} and space_id = ${id} and ${sql.raw(turningEvents)} and type = 'memory.merged' and ${isBehind}
      order by position desc limit ${sql.lit(limit + 1)}) e
    join memories s on s.shard = ${shard} and s.space_id = ${id} and s.memory_id = e.survivor
    join memories m on m.shard = ${shard} and m.space_id = ${id} and m.memory_id = e.merged
    order by e.position desc`.execute(db);
  return rows.map((row) => ({
    position: row.position,
    at: row.at.toISOString(),
    similarity: row.similarity,
    survivor: side(row.survivor, row.survivor_content, row.survivor_visibility),
    merged: side(row.merged, row.merged_content, row.merged_visibility),
    isMerged: row.merged_visibility === 'merged' && row.merged_into === row.survivor,
  }));
}

function side(memoryId: string, content: string | null, visibility: Visibility): MergedMemory {
  return { memoryId, content: visibility === 'erased' ? null : content, visibility };
}
