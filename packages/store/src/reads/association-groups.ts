import type { Space } from '@anima/core';
import { type RawBuilder, sql } from 'kysely';
import { spaceCondition } from './filters.ts';

/**
 * Merging moves nothing: a pair stays under the memories that it happened to, and reads find out which live
 * memory each end is part of by now. Few memories are not live, and a partial index holds nothing but them, so
 * where nothing was merged these look-ups find an empty index.
 */

/** The condition that a row is of this space; these statements are planned each time, with their values. */
export function inSpaceOf(space: Space): (alias: string) => RawBuilder<unknown> {
  return spaceCondition(space, true);
}

/**
 * `standing(id, root)`: every memory of `ids` that is not live, with the live one that it is part of; null where
 * it is part of none (it was forgotten, or what it was merged into was). Live memories are not in it.
 *
 * @param ids selects `id`, each once; undefined: every memory of the space
 */
export function standing(space: Space, ids: RawBuilder<unknown> | undefined): RawBuilder<unknown> {
  const inSpace = inSpaceOf(space);
  const first = ids
    ? sql`select e.id, m.merged_into from (${ids}) e
        join memories m on ${inSpace('m')} and m.memory_id = e.id and m.visibility <> 'live'`
    : sql`select m.memory_id, m.merged_into from memories m where ${inSpace('m')} and m.visibility <> 'live'`;
  // No duplicates, so that links in a circle, which no merge makes, would end the climb all the same.
  return sql`
    climb(id, at) as (
      ${first}
      union
      select c.id, m.merged_into from climb c
      join memories m on ${inSpace('m')} and m.memory_id = c.at and m.visibility <> 'live'),
    standing as materialized (
      select c.id, (array_agg(c.at) filter (where c.at is not null and m.memory_id is null))[1] as root
      from climb c left join memories m on ${inSpace('m')} and m.memory_id = c.at and m.visibility <> 'live'
      group by c.id)`;
}

/** `neighbours(of, memory_id, count, last_at)`: everything that these live memories are associated with. */
export function neighbourhood(space: Space, memoryIds: readonly string[]): RawBuilder<unknown> {
  const inSpace = inSpaceOf(space);
  // `offset 0` keeps each look-up by one memory's id what it is, whatever is thought of the number of ids.
  return sql`
    members(root, id) as (
      select distinct id, id from unnest(${memoryIds}::uuid[]) as wanted(id)
      union
      select g.root, m.memory_id from members g join memories m on ${inSpace('m')} and m.merged_into = g.id),
    ends as materialized (
      select g.root, p.id, p.count, p.last_at from members g
      join lateral (
        (select p.b as id, p.count, p.last_at from associations p where ${inSpace('p')} and p.a = g.id offset 0)
        union all
        (select p.a, p.count, p.last_at from associations p where ${inSpace('p')} and p.b = g.id offset 0)) p on true),
    ${standing(space, sql`select distinct id from ends`)},
    neighbours as materialized (
      select e.root as of, coalesce(s.root, e.id) as memory_id, sum(e.count) as count, max(e.last_at) as last_at
      from ends e left join standing s on s.id = e.id
      where (s.id is null or s.root is not null) and coalesce(s.root, e.id) <> e.root
      group by e.root, coalesce(s.root, e.id))`;
}

/**
 * `raw` are all pairs of the space as they are stored: whatever is counted of them has to leave out `touched`,
 * those with an end that is not live or has memories merged into it, and to add `regrouped`, which these are
 * once each end is the live memory that it is part of.
 */
export function regrouping(space: Space): RawBuilder<unknown> {
  const inSpace = inSpaceOf(space);
  return sql`
    ${standing(space, undefined)},
    special as materialized (
      select id, root from standing union select root, root from standing where root is not null),
    raw as not materialized (select p.a, p.b, p.count from associations p where ${inSpace('p')}),
    touched as materialized (
      select p.* from special s
      join lateral (select * from raw where raw.a = s.id offset 0) p on true
      union all
      select p.* from special s
      join lateral (select * from raw where raw.b = s.id offset 0) p on true
      where not exists (select from special t where t.id = p.a)),
    regrouped as materialized (
      select least(a, b) as a, greatest(a, b) as b, sum(count) as count from (
        select case when s.id is null then p.a else s.root end as a,
          case when t.id is null then p.b else t.root end as b, p.count
        from touched p left join special s on s.id = p.a left join special t on t.id = p.b) ends
      where a is not null and b is not null and a <> b
      group by 1, 2),
    degrees as materialized (
      select id, sum(pairs) as connections from (
        select a as id, count(*) as pairs from raw group by a
        union all select b, count(*) from raw group by b
        union all select a, -count(*) from touched group by a
        union all select b, -count(*) from touched group by b
        union all select a, count(*) from regrouped group by a
        union all select b, count(*) from regrouped group by b) counted
      group by id having sum(pairs) > 0)`;
}
