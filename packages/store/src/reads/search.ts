import type { Candidate, Found, Search, Space } from '@anima/core';
import { type RawBuilder, sql } from 'kysely';
import type { Database } from '../engine/engine.ts';
import { vectorLiteral } from '../vectors.ts';
import { type Allowed, allowed, spaceCondition } from './filters.ts';
import { tierFromNumber } from './memories.ts';
import { readWithJson } from './read-as-json.ts';
import { distanceTo, type SearchTarget } from './search-target.ts';

/**
 * Postings that the lexical arm looks at: the query's lexemes are taken rarest first until theirs add up to this. The
 * arm's cost is linear in them, and beyond 1,000 they bring no recall.
 *
 * Where the rarest alone has more, as in a large space, one of the others has to stand beside it: again rarest first,
 * until as many are expected. They are expected beside it as often as elsewhere, in a space as large as the postings of
 * the most frequent: it is larger, so in truth they are fewer.
 */
const maxPostings = 1_000;

/** Memories that are ranked by words at most, for a lone word that stands in very many. */
const maxRanked = 4 * maxPostings;

/** How widely the index is searched where filters thin out what it finds. */
const filteredEfSearch = '400';

/** A candidate as a statement answers it. */
export interface CandidateRow {
  readonly memory_id: string;
  readonly version: number;
  readonly conversation_id: string | null;
  readonly neighbours: readonly string[] | null;
  readonly similarity: number | null;
  readonly lexical: number;
  readonly phi: number;
  readonly access_count: number;
  readonly tier: number;
}

/** Vectors that a list of the nearest reads for each memory wanted: chunks of one memory share a place. */
function chunkAllowance({ settings }: Space): number {
  return settings.sentenceVectors ? 4 : 2;
}

/**
 * Candidates of a query: the nearest by vector and the best by words, each with both scores exact.
 * How they are weighed is the business of core's ranking.
 */
export async function search(
  db: Database,
  target: SearchTarget,
  space: Space,
  wanted: Search,
  among: Allowed = allowed(space, wanted.filters),
): Promise<Found> {
  const name = among.isFiltered ? undefined : 'search';
  const { rows, statePosition } = await readFound(db, name, space, searchStatement(target, space, wanted, among));
  return { candidates: rows.map(toCandidate), statePosition };
}

/** Runs a search, with where the states that it sees were folded up to: both are of one snapshot. */
export async function readFound<Row>(
  db: Database,
  name: string | undefined,
  space: Space,
  statement: RawBuilder<Row>,
): Promise<{ readonly rows: readonly Row[]; readonly statePosition: number }> {
  const position = sql`(
    select position from fold_checkpoints where shard = ${space.shard} and projection = 'memory_state')`;
  const [found] = await readWithJson<Row, { readonly state_position: number | null }>(
    db,
    name,
    statement,
    sql`${position} as state_position`,
  );
  return { rows: found?.rows ?? [], statePosition: found?.state_position ?? 0 };
}

export function toCandidate(row: CandidateRow): Candidate {
  return {
    memoryId: row.memory_id,
    version: row.version,
    conversationId: row.conversation_id,
    neighbours: row.neighbours ?? [],
    similarity: row.similarity,
    lexical: row.lexical,
    phi: row.phi,
    accessCount: row.access_count,
    tier: tierFromNumber(row.tier),
  };
}

/** The statement of {@link search}. */
export function searchStatement(
  target: SearchTarget,
  space: Space,
  wanted: Search,
  { condition: isAllowed, isFiltered }: Allowed = allowed(space, wanted.filters),
): RawBuilder<CandidateRow> {
  const inSpace = spaceCondition(space, target.isSmall);
  const vectors = sql.table(target.vectorsTable);
  // Named once: it is kilobytes of text, and reading it costs as much as fifty comparisons.
  const vector = sql`(select vector from probe)`;
  // Before the index is asked, which waits for the vector; until the statement ends.
  const widened = isFiltered ? sql`, set_config('hnsw.ef_search', ${filteredEfSearch}, true)` : sql``;
  const probe = wanted.vector
    ? sql`probe as materialized (
        select ${vectorLiteral(wanted.vector)}::${sql.raw(target.vectorColumn)} as vector${widened}),`
    : sql``;
  // As tsquery reads a quoted lexeme: backslashes and quotes doubled.
  const quoted = sql.raw(String.raw`'''' || replace(replace(w.lexeme, '\', '\\'), '''', '''''') || ''''`);
  const whole = sql`(select whole from question)`;

  const distance = distanceTo(target, vector);
  const vectorArm = wanted.vector
    ? sql`
      select memory_id, version, conversation_id, coalesce(case when fts @@ ${whole} then ts_rank(fts, ${whole}) end, 0) as lexical,
        1 - distance as similarity
      from (
        select distinct on (memory_id) * from (
          select m.memory_id, m.version, m.conversation_id, m.fts, ${distance} as distance from ${vectors} v
          join memories m on m.shard = v.shard and m.space_id = v.space_id and m.memory_id = v.memory_id and m.version = v.version
          where ${inSpace('v')} and ${isAllowed}
          order by ${distance} limit ${sql.lit(wanted.depth * chunkAllowance(space))}) chunks
        order by memory_id, distance) nearest
      order by distance limit ${sql.lit(wanted.depth)}`
    : sql`select null::uuid as memory_id, 0 as version, null::uuid as conversation_id, 0::real as lexical, null::float8 as similarity where false`;
  const similarity = wanted.vector
    ? sql`(select 1 - min(v.embedding <=> ${vector}) from ${vectors} v
        where ${inSpace('v')} and v.memory_id = l.memory_id and v.version = l.version)`
    : sql`null::float8`;

  const byWords = (condition: RawBuilder<unknown>) => sql`
    select m.memory_id, m.version, m.conversation_id, m.fts from memories m
    where ${inSpace('m')} and ${condition} and ${isAllowed}`;
  const cap = sql.lit(maxPostings);
  const [searched, rarest] = [sql`(select searched from question)`, sql`(select rarest from question)`];
  // Where nothing has the rarest word and another, it is better than none.
  const matched = target.exhaustive
    ? byWords(sql`m.fts @@ ${whole}`)
    : sql`(${byWords(sql`m.fts @@ ${searched}`)} limit ${sql.lit(maxRanked)})
        union all (${byWords(sql`m.fts @@ ${rarest} and not m.fts @@ ${searched}`)} limit ${sql.lit(wanted.depth)})`;

  const beside = (side: RawBuilder<unknown>) => sql`(
    select o.memory_id from conversation_turns o
    where ${inSpace('o')} and o.conversation_id = t.conversation_id and ${side} limit 1)`;
  const neighbours = sql`(
    select json_agg(n.memory_id) from conversation_turns t, lateral (values
      (${beside(sql`o.ordinal < t.ordinal order by o.ordinal desc`)}), (${beside(sql`o.ordinal > t.ordinal order by o.ordinal`)})
    ) as n(memory_id)
    where ${inSpace('t')} and t.memory_id = f.memory_id and n.memory_id is not null)`;

  return sql<CandidateRow>`
    with ${probe} words as materialized (
      select ${quoted} as word, own, sum(own) over rarest_first as postings,
        min(own) filter (where own > 0) over () as least, max(own) over () as most
      from (
        select w.lexeme, coalesce(l.memories, 0) as own from unnest(to_tsvector('english', ${wanted.text})) w
        left join lateral (select * from lexemes l where ${inSpace('l')} and l.lexeme = w.lexeme limit 1) l on true) w
      window rarest_first as (order by own, lexeme)),
    question as materialized (
      select whole, coalesce(coalesce(uncounted || ' | ', '') || rarest || ' & (' || others || ')', usual)::tsquery as searched,
        case when others is not null then rarest end::tsquery as rarest
      from (
        select string_agg(word, ' | ')::tsquery as whole,
          string_agg(word, ' | ') filter (where postings = own or postings <= ${cap}) as usual,
          string_agg(word, ' | ') filter (where own = 0) as uncounted,
          string_agg(word, '') filter (where postings = own and own > ${cap}) as rarest,
          string_agg(word, ' | ') filter (where least > ${cap} and postings > own
            and (postings = least + own or (postings - least) * least <= ${cap} * most)) as others
        from words) asked),
    vector_arm as materialized (${vectorArm}),
    lexical_arm as materialized (
      select memory_id, version, conversation_id, ts_rank(fts, ${whole}) as lexical from (${matched}) matched
      order by lexical desc, memory_id limit ${sql.lit(wanted.depth)}),
    found as materialized (
      select * from vector_arm
      union all
      select *, ${similarity} from lexical_arm l where l.memory_id not in (select memory_id from vector_arm))
    select f.memory_id, f.version, f.conversation_id, ${wanted.neighbours ? neighbours : sql`null`} as neighbours,
      f.similarity, f.lexical::float8 as lexical, s.phi, s.access_count, s.tier
    from found f
    join lateral (select * from memory_state s where ${inSpace('s')} and s.memory_id = f.memory_id limit 1) s on true`;
}
