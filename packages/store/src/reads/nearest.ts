import type { SimilarMemory, Space } from '@anima/core';
import { sql } from 'kysely';
import type { Database } from '../engine/engine.ts';
import { spaceCondition } from './filters.ts';
import { distanceTo, type SearchTarget } from './search-target.ts';

/** Near memories that are looked at: near-misses crowd around a duplicate. */
const lookedAt = 10;

/**
 * The live memories nearest to one of them, of as many chunks. The first chunks find each other; what two
 * texts have in common is the cosine of those chunks, place by place, that are furthest apart.
 */
export async function readNearest(
  db: Database,
  target: SearchTarget,
  space: Space,
  memoryId: string,
  least: number,
): Promise<{ readonly content: string; readonly neighbours: readonly SimilarMemory[] } | undefined> {
  const inSpace = spaceCondition(space, target.isSmall);
  const vectors = sql.table(target.vectorsTable);
  const { rows } = await sql<{ own: string } & { [Field in keyof SimilarMemory]: SimilarMemory[Field] | null }>`
    with own as materialized (
      select m.memory_id, m.version, m.content, m.created_at, v.embedding,
        (select count(*) from ${vectors} c where ${inSpace('c')} and c.memory_id = m.memory_id and c.version = m.version) as chunks
      from memories m join ${vectors} v on ${inSpace('v')} and v.memory_id = m.memory_id and v.version = m.version and v.chunk = 0
      where ${inSpace('m')} and m.memory_id = ${memoryId} and m.visibility = 'live'),
    nearest as materialized (
      select v.memory_id, v.version from ${vectors} v
      where ${inSpace('v')} and v.memory_id <> ${memoryId}
      order by ${distanceTo(target, sql`(select embedding from own)`)} limit ${sql.lit(lookedAt)}),
    near as (
      select distinct m.memory_id, m.content, (m.created_at, m.memory_id) < (o.created_at, o.memory_id) as is_earlier,
        (select min(1 - (a.embedding <=> b.embedding)) from ${vectors} a join ${vectors} b
           on ${inSpace('b')} and b.memory_id = o.memory_id and b.version = o.version and b.chunk = a.chunk
         where ${inSpace('a')} and a.memory_id = m.memory_id and a.version = m.version) as similarity
      from nearest n cross join own o
      join memories m on ${inSpace('m')} and m.memory_id = n.memory_id and m.version = n.version and m.visibility = 'live'
      where o.chunks = (
        select count(*) from ${vectors} c where ${inSpace('c')} and c.memory_id = m.memory_id and c.version = m.version))
    select o.content as own, n.memory_id as "memoryId", n.content, n.similarity, n.is_earlier as "isEarlier"
    from own o left join near n on n.similarity >= ${least}::float8
    order by n.similarity desc, n.memory_id`.execute(db);
  const [first] = rows;
  if (!first) return undefined;
  const neighbours = rows.flatMap(({ memoryId: id, content, similarity, isEarlier }) =>
    id === null || content === null || similarity === null || isEarlier === null
      ? []
      : [{ memoryId: id, content, similarity, isEarlier }],
  );
  return { content: first.own, neighbours };
}
