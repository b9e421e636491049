import { type Filters, type Selection, type Space, type Tier, tiers } from '@anima/core';
import { type RawBuilder, sql } from 'kysely';
import pg from 'pg';
import type { Database } from '../engine/engine.ts';
import { happenedAt } from '../schema/search-indexes.ts';

/**
 * The condition that a row is of this space. A large one is written out: bound, one plan made for all spaces
 * would take it for one of average size, and read all of it where an index has the few rows that are wanted.
 */
export function spaceCondition(space: Space, isSmall = false): (alias: string) => RawBuilder<unknown> {
  const shard = isSmall ? space.shard : sql`${sql.lit(space.shard)}::smallint`;
  const spaceId = isSmall ? space.id : sql.raw(pg.escapeLiteral(space.id));
  return (alias) => sql`${sql.ref(`${alias}.shard`)} = ${shard} and ${sql.ref(`${alias}.space_id`)} = ${spaceId}`;
}

/** Which memories a search may find. */
export interface Allowed {
  /** What `memories m` has to meet. */
  readonly condition: RawBuilder<unknown>;
  /** Whether it leaves out what is live. */
  readonly isFiltered: boolean;
}

/** What is live and meets the filters; or, given `isVisible`, what that and the filters allow. */
export function allowed(space: Space, filters: Filters, isVisible?: RawBuilder<unknown>): Allowed {
  const given = conditions(filters).map((condition) => condition(space));
  return {
    condition: sql.join([isVisible ?? sql`m.visibility = 'live'`, ...given], sql` and `),
    isFiltered: isVisible !== undefined || given.length > 0,
  };
}

/**
 * How many memories of the space are allowed, counted up to `limit`. Never prepared, like a search with
 * filters: one plan for all values would take a filter that leaves half of the space for one that leaves little.
 */
export async function countAllowed(db: Database, space: Space, { condition }: Allowed, limit: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from (
      select from memories m where ${spaceCondition(space, false)('m')} and ${condition}
      limit ${sql.lit(limit)}) m`.execute(db);
  return rows[0]?.count ?? 0;
}

/** What `memories m` and `memory_state s` have to meet to be among a selection. */
export function selected(space: Space, selection: Selection, vectorsTable: string): RawBuilder<unknown> {
  const { visibility, words, isPending, source, isCatalyst, tiers: wantedTiers, ...filters } = selection;
  const given = [
    sql`m.visibility = ${visibility}`,
    ...conditions(filters).map((condition) => condition(space)),
    ...(words === undefined ? [] : [sql`m.fts @@ websearch_to_tsquery('english', ${words})`]),
    ...(isPending ? [waitsForVector(space, vectorsTable)] : []),
    ...(source === undefined ? [] : [sql`m.source = ${source}`]),
    ...(isCatalyst === undefined ? [] : [sql`s.is_catalyst = ${isCatalyst}`]),
    ...(wantedTiers === undefined ? [] : [sql`s.tier = any(${tierNumbers(wantedTiers)}::smallint[])`]),
  ];
  return sql.join(given, sql` and `);
}

/** Found by what the log says behind the model's checkpoint, and by what the model refused: few of all, most often. */
function waitsForVector({ shard, id }: Space, vectorsTable: string): RawBuilder<unknown> {
  // As an array they are looked up one by one, which is right for few; the planner cannot know that they are.
  return sql`m.memory_id = any(array(
      select e.memory_ids[1] from fold_checkpoints c
      join events e on e.shard = ${shard} and e.position > c.position and e.space_id = ${id}
        and e.type in ('memory.added', 'memory.updated')
      where c.shard = ${shard} and c.projection = ${vectorsTable}
      union all
      select f.memory_id from embedding_failures f
      where f.shard = ${shard} and f.space_id = ${id} and f.model_id = (
        select p.model_id from spaces p where p.shard = ${shard} and p.space_id = ${id})))
    and not exists (
      select from ${sql.table(vectorsTable)} v where v.shard = ${shard} and v.space_id = ${id}
        and v.memory_id = m.memory_id and v.version = m.version)`;
}

function tierNumbers(wanted: readonly Tier[]): number[] {
  return wanted.map((tier) => tiers.indexOf(tier));
}

function conditions(filters: Filters): ((space: Space) => RawBuilder<unknown>)[] {
  const { category, tags = [], tiers: wantedTiers, from, to } = filters;
  const time = sql.raw(happenedAt);
  const given: ((space: Space) => RawBuilder<unknown>)[] = [];
  if (category !== undefined) given.push(() => sql`m.category = ${category}`);
  if (tags.length > 0) given.push(() => sql`m.tags @> ${tags}::text[]`);
  if (from !== undefined) given.push(() => sql`${time} >= ${from}::timestamptz`);
  if (to !== undefined) given.push(() => sql`${time} <= ${to}::timestamptz`);
  if (wantedTiers !== undefined) {
    const numbers = tierNumbers(wantedTiers);
    given.push(
      (space) => sql`exists (
        select from memory_state t where t.shard = ${space.shard} and t.space_id = ${space.id}
          and t.memory_id = m.memory_id and t.tier = any(${numbers}::smallint[]))`,
    );
  }
  return given;
}
