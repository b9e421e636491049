import {
  type Candidate,
  isProven,
  type Space,
  type StructuralSearch,
  structuralWeight,
  structuralWeights,
  tiers,
} from '@anima/core';
import { type RawBuilder, sql } from 'kysely';
import { type Database, inTransaction } from '../engine/engine.ts';
import { vectorLiteral } from '../vectors.ts';
import { allowed, spaceCondition } from './filters.ts';
import { readAsJson } from './read-as-json.ts';
import { type CandidateRow, type SearchTarget, toCandidate } from './search.ts';

/** Vectors and memories on the lists at first, and how much longer the lists get while the ranking is not proven. */
const firstDepth = 128;
const growth = 4;

/** From here on the whole space is weighed: both lists together would be no shorter. */
const lastDepth = 4_096;

/** How much wider than its list the index is searched: the list's end is what the proof stands on. */
const efAllowance = 2;

/** pgvector's own limit of `hnsw.ef_search`. */
const maxEfSearch = 1_000;

interface StructuralRow extends CandidateRow {
  readonly last_similarity: number | null;
  readonly last_phi: number | null;
}

/**
 * The memories of the highest structural weight. "Take the nearest, then weigh them" misses most of them,
 * so this is a threshold algorithm: the nearest and the strongest are weighed, ever more of both, until
 * nothing that is on neither list can be among the results (see core's `isProven`). Exact where the list of
 * the nearest is; on the HNSW index as good as its recall.
 */
export async function searchStructural(
  db: Database,
  target: SearchTarget,
  space: Space,
  wanted: StructuralSearch,
): Promise<readonly Candidate[]> {
  for (let depth = Math.max(firstDepth, 2 * wanted.limit); ; depth *= growth) {
    const isLast = target.exhaustive === true || depth > lastDepth;
    const rows = await searchTo(db, isLast ? { ...target, exact: true } : target, space, wanted, isLast ? null : depth);
    const found = rows.filter(({ memory_id }) => memory_id !== null).map(toCandidate);
    const last = found.length < wanted.limit ? undefined : found.at(-1);
    const [frontier] = rows;
    if (isLast || !frontier) return found;
    const { last_similarity: similarity, last_phi: phi } = frontier;
    if (isProven(last && structuralWeight(last), { similarity, phi }, wanted.similarityThreshold)) return found;
  }
}

/** Both lists down to `depth` (null: all there is), weighed: the best first, and where the lists end. */
function searchTo(
  db: Database,
  target: SearchTarget,
  space: Space,
  wanted: StructuralSearch,
  depth: number | null,
): Promise<readonly StructuralRow[]> {
  const read = (handle: Database) =>
    readAsJson(handle, 'structural search', structuralStatement(target, space, wanted, depth));
  if (target.exact || depth === null) return read(db);
  return inTransaction(db, async (trx) => {
    const efSearch = Math.min(maxEfSearch, efAllowance * depth);
    await sql`/* widen */ select set_config('hnsw.ef_search', ${String(efSearch)}, true)`.execute(trx);
    return read(trx);
  });
}

/** The statement of {@link searchStructural}. */
export function structuralStatement(
  target: SearchTarget,
  space: Space,
  wanted: StructuralSearch,
  depth: number | null,
): RawBuilder<StructuralRow> {
  const inSpace = spaceCondition(space, target.exact);
  const vectors = sql.table(target.vectorsTable);
  const isAllowed = sql`m.visibility = 'live'${allowed(space, wanted.filters)}`;
  const vector = sql`(select vector from probe)`;
  // As in `search.ts`.
  const distance = target.exact ? sql`(v.embedding <=> ${vector}) + 0` : sql`v.embedding <=> ${vector}`;
  const upTo = (limit: number | null) => (limit === null ? sql`` : sql`limit ${sql.lit(limit)}`);
  const strongest = (tier: number) => sql`(
    select s.memory_id, s.phi from memory_state s
    join memories m on m.shard = s.shard and m.space_id = s.space_id and m.memory_id = s.memory_id
    where ${inSpace('s')} and s.tier = ${sql.lit(tier)} and ${isAllowed}
    order by s.phi desc ${upTo(depth)})`;
  const similarityOf = sql`(select 1 - min(v.embedding <=> ${vector}) from ${vectors} v
    join memories m on m.shard = v.shard and m.space_id = v.space_id and m.memory_id = v.memory_id and m.version = v.version
    where ${inSpace('v')} and v.memory_id = s.memory_id)`;
  const end = (list: RawBuilder<unknown>, limit: number | null, value: RawBuilder<unknown>) =>
    limit === null ? sql`null` : sql`(select case when count(*) = ${sql.lit(limit)} then ${value} end from ${list})`;

  return sql<StructuralRow>`
    with probe as materialized (
      select ${vectorLiteral(wanted.vector)}::${sql.raw(target.vectorColumn)} as vector),
    chunks as materialized (
      select m.memory_id, ${distance} as distance from ${vectors} v
      join memories m on m.shard = v.shard and m.space_id = v.space_id and m.memory_id = v.memory_id and m.version = v.version
      where ${inSpace('v')} and ${isAllowed}
      order by ${distance} ${upTo(depth)}),
    nearest as materialized (select memory_id, 1 - min(distance) as similarity from chunks group by memory_id),
    strongest as materialized (
      select * from (${sql.join(
        tiers.map((_, tier) => strongest(tier)),
        sql` union all `,
      )}) s order by phi desc ${upTo(depth)}),
    found as materialized (
      select memory_id, similarity from nearest
      union all
      select s.memory_id, ${similarityOf} from strongest s
      where s.memory_id not in (select memory_id from nearest)),
    best as materialized (
      select f.memory_id, f.similarity, s.phi, s.access_count, s.tier,
        ${sql.lit(structuralWeights.similarity)} * f.similarity
          + ${sql.lit(structuralWeights.resonance)} * (s.phi / 1000.0::float8 / 5) as weight
      from found f
      join lateral (select * from memory_state s where ${inSpace('s')} and s.memory_id = f.memory_id limit 1) s on true
      where f.similarity >= ${wanted.similarityThreshold}::float8
      order by weight desc, f.memory_id limit ${wanted.limit}::integer),
    frontier as (
      select ${end(sql`chunks`, depth, sql`1 - max(distance)`)}::float8 as last_similarity,
        ${end(sql`strongest`, depth, sql`min(phi)`)}::int as last_phi)
    select b.memory_id, m.version, m.conversation_id, null as neighbours, b.similarity, 0 as lexical,
      b.phi, b.access_count, b.tier, frontier.last_similarity, frontier.last_phi
    from frontier left join best b on true
    left join lateral (
      select * from memories m where ${inSpace('m')} and m.memory_id = b.memory_id limit 1) m on true
    order by b.weight desc, b.memory_id`;
}
