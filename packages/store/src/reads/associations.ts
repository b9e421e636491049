import type { Connections, Neighbour, NeighbourSearch, PairCount, Space } from '@anima/core';
import { sql } from 'kysely';
import type { Database } from '../engine/engine.ts';
import { neighbourhood, standing } from './association-groups.ts';
import { isoTime } from './memories.ts';
import { readAsJson } from './read-as-json.ts';

interface NeighbourRow {
  readonly of: string;
  readonly memory_id: string;
  readonly count: number;
  readonly last_at: string;
}

/** Neighbours of live memories: for each the most often recalled together first, then by id. */
export async function readNeighbours(
  db: Database,
  space: Space,
  memoryIds: readonly string[],
  { leastCount, perMemory, except = [] }: NeighbourSearch,
): Promise<readonly Neighbour[]> {
  if (memoryIds.length === 0) return [];
  const rows = await readAsJson(
    db,
    undefined,
    sql<NeighbourRow>`
      with recursive ${neighbourhood(space, memoryIds)}
      select n.of, n.memory_id, n.count, n.last_at from (
        select *, row_number() over (partition by n.of order by n.count desc, n.memory_id) as place from neighbours n
        where n.count >= ${leastCount}::bigint and n.memory_id <> all (${except}::uuid[])) n
      where n.place <= ${perMemory}::int
      order by n.of, n.place`,
  );
  return rows.map((row) => ({
    of: row.of,
    memoryId: row.memory_id,
    count: row.count,
    lastAt: isoTime(row.last_at),
  }));
}

/** How often each of these live memories was recalled with how many others. */
export async function readConnections(
  db: Database,
  space: Space,
  memoryIds: readonly string[],
): Promise<readonly Connections[]> {
  if (memoryIds.length === 0) return [];
  const rows = await readAsJson(
    db,
    undefined,
    sql<PairCount & { of: string }>`
      with recursive ${neighbourhood(space, memoryIds)}
      select n.of, n.count, count(*) as pairs from neighbours n group by n.of, n.count order by n.of, n.count`,
  );
  const ofMemory = Map.groupBy(rows, ({ of }) => of);
  return memoryIds.flatMap((memoryId) => {
    const counts = ofMemory.get(memoryId)?.map(({ count, pairs }) => ({ count, pairs }));
    return counts ? [{ memoryId, counts }] : [];
  });
}

/** The live memory that a merged one is part of by now; undefined when it was not merged. */
export async function readSurvivor(db: Database, space: Space, memoryId: string): Promise<string | undefined> {
  const { rows } = await sql<{ root: string | null }>`
    with recursive ${standing(space, sql`select ${memoryId}::uuid as id`)}
    select root from standing`.execute(db);
  return rows[0]?.root ?? undefined;
}
