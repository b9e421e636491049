import { type Found, resonance, type Space, type StructuralSearch, structuralWeights, tiers } from '@anima/core';
import { type RawBuilder, sql } from 'kysely';
import type { Database } from '../engine/engine.ts';
import { vectorLiteral } from '../vectors.ts';
import { type Allowed, allowed, spaceCondition } from './filters.ts';
import { type CandidateRow, readFound, toCandidate } from './search.ts';
import { distanceTo, type SearchTarget } from './search-target.ts';

/** Vectors on the list of the nearest: at first, how much longer each time, and from when on it is all of them. */
const firstDepth = 384;
const growth = 4;
const lastDepth = firstDepth * growth;

/** Memories of each tier that may be looked at for their φ; where more could matter, the list of the nearest grows. */
const maxStrong = 2_000;

/** How much wider than the list the index is searched: the list's end is what the proof stands on. */
const efAllowance = 1.25;

/** pgvector's own limit of `hnsw.ef_search`. */
const maxEfSearch = 1_000;

interface StructuralRow extends CandidateRow {
  readonly is_proven: boolean;
}

/**
 * The memories of the highest structural weight. "Take the nearest, then weigh them" misses most of them,
 * so this is a threshold algorithm: the nearest are weighed; a memory that is less similar than all of them
 * needs a φ that follows from the last result's weight (core's `resonanceNeeded`), and all that have it are
 * weighed too. Exact where the list of the nearest is; on the HNSW index as good as its recall.
 */
export async function searchStructural(
  db: Database,
  target: SearchTarget,
  space: Space,
  wanted: StructuralSearch,
): Promise<Found> {
  const among = allowed(space, wanted.filters);
  const name = among.isFiltered ? undefined : 'structural search';
  for (let depth = firstDepth; depth <= lastDepth && !target.exhaustive; depth *= growth) {
    const statement = structuralStatement(target, space, wanted, depth, among);
    const { rows, statePosition } = await readFound(db, name, space, statement);
    if (rows[0]?.is_proven) {
      return { candidates: rows.filter(({ memory_id }) => memory_id !== null).map(toCandidate), statePosition };
    }
  }
  const { rows, statePosition } = await readFound(
    db,
    undefined,
    space,
    weighAllStatement(target, space, wanted, among),
  );
  return { candidates: rows.map(toCandidate), statePosition };
}

/** The nearest to `depth` and the strong ones that could be better, weighed. */
export function structuralStatement(
  target: SearchTarget,
  space: Space,
  wanted: StructuralSearch,
  depth: number,
  { condition: isAllowed }: Allowed = allowed(space, wanted.filters),
): RawBuilder<StructuralRow> {
  const inSpace = spaceCondition(space, target.isSmall);
  const vectors = sql.table(target.vectorsTable);
  const vector = sql`(select vector from probe)`;
  const threshold = sql`${wanted.similarityThreshold}::float8`;
  const distance = distanceTo(target, vector);
  const strong = (tier: number) => sql`(
    select s.memory_id, s.tier, s.phi from memory_state s
    where ${inSpace('s')} and s.tier = ${sql.lit(tier)} and s.phi >= (select phi from needed)
    order by s.phi desc limit ${sql.lit(maxStrong)})`;

  return sql<StructuralRow>`
    with probe as materialized (
      select ${vectorLiteral(wanted.vector)}::${sql.raw(target.vectorColumn)} as vector,
        -- Before the index is asked, which waits for the vector; until the statement ends.
        set_config('hnsw.ef_search', ${sql.lit(String(Math.min(maxEfSearch, efAllowance * depth)))}, true)),
    chunks as materialized (
      select m.memory_id, ${distance} as distance from ${vectors} v
      join memories m on m.shard = v.shard and m.space_id = v.space_id and m.memory_id = v.memory_id and m.version = v.version
      where ${inSpace('v')} and ${isAllowed}
      order by ${distance} limit ${sql.lit(depth)}),
    nearest as materialized (select memory_id, 1 - min(distance) as similarity from chunks group by memory_id),
    weighed as materialized (
      select n.memory_id, n.similarity, ${weight(sql`n.similarity`)} as weight from nearest n
      join lateral (select phi from memory_state s where ${inSpace('s')} and s.memory_id = n.memory_id limit 1) s on true
      where n.similarity >= ${threshold}),
    frontier as materialized (
      select (select case when count(*) = ${sql.lit(depth)} then 1 - max(distance) end from chunks) as similarity,
        (select weight from weighed order by weight desc offset ${wanted.limit}::integer - 1 limit 1) as weight),
    -- Null, so that nobody is strong enough, where nothing less similar is left or would qualify.
    needed as materialized (
      select case when similarity is null or similarity < ${threshold} then null
        else floor(coalesce((weight - ${sql.lit(structuralWeights.similarity)} * similarity)
          / ${sql.lit(structuralWeights.resonance)} * ${sql.lit(resonance.max)} - 1, 0))::integer end as phi
      from frontier),
    strong as materialized (${sql.join(
      tiers.map((_, tier) => strong(tier)),
      sql` union all `,
    )}),
    -- Of the strong, only those that would be results are looked up.
    stronger as materialized (
      select s.memory_id, v.version, v.similarity, ${weight(sql`v.similarity`)} as weight
      from strong s cross join lateral (
        select v.version, 1 - min(v.embedding <=> ${vector}) as similarity from ${vectors} v
        where ${inSpace('v')} and v.memory_id = s.memory_id group by v.version) v
      where s.memory_id not in (select memory_id from nearest) and v.similarity >= ${threshold}
        and ${weight(sql`v.similarity`)} >= coalesce((select weight from frontier), 0)),
    best as materialized (
      select * from (
        select * from weighed
        union all
        select s.memory_id, s.similarity, s.weight from stronger s
        join memories m on ${inSpace('m')} and m.memory_id = s.memory_id and m.version = s.version
        where ${isAllowed}) found
      order by weight desc, memory_id limit ${wanted.limit}::integer)
    select b.memory_id, m.version, m.conversation_id, null as neighbours, b.similarity, 0 as lexical,
      s.phi, s.access_count, s.tier, proof.is_proven
    from (
      select coalesce(bool_and(strong_ones < ${sql.lit(maxStrong)}), true) as is_proven
      from (select count(*) as strong_ones from strong group by tier) t) proof
    left join best b on true
    left join lateral (
      select * from memories m where ${inSpace('m')} and m.memory_id = b.memory_id limit 1) m on true
    left join lateral (
      select * from memory_state s where ${inSpace('s')} and s.memory_id = b.memory_id limit 1) s on true
    order by b.weight desc, b.memory_id`;
}

/** Every memory that has a vector, weighed. */
function weighAllStatement(
  target: SearchTarget,
  space: Space,
  wanted: StructuralSearch,
  { condition: isAllowed }: Allowed,
): RawBuilder<CandidateRow> {
  const inSpace = spaceCondition(space, target.isSmall);
  return sql<CandidateRow>`
    select *, null as neighbours, 0 as lexical from (
      select m.memory_id, m.version, m.conversation_id, s.phi, s.access_count, s.tier,
        1 - min(v.embedding <=> ${vectorLiteral(wanted.vector)}::${sql.raw(target.vectorColumn)}) as similarity
      from ${sql.table(target.vectorsTable)} v
      join memories m on m.shard = v.shard and m.space_id = v.space_id and m.memory_id = v.memory_id and m.version = v.version
      join memory_state s on s.shard = m.shard and s.space_id = m.space_id and s.memory_id = m.memory_id
      where ${inSpace('v')} and ${inSpace('m')} and ${inSpace('s')} and ${isAllowed}
      group by m.memory_id, m.version, m.conversation_id, s.phi, s.access_count, s.tier) s
    where similarity >= ${wanted.similarityThreshold}::float8
    order by ${weight(sql`similarity`)} desc, memory_id limit ${wanted.limit}::integer`;
}

function weight(similarity: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`${sql.lit(structuralWeights.similarity)} * ${similarity}
    + ${sql.lit(structuralWeights.resonance)} * (s.phi / ${sql.lit(resonance.max)}::float8)`;
}
