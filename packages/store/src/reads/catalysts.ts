import type { AccessWindow, Space } from '@anima/core';
import { sql } from 'kysely';
import type { Database } from '../engine/engine.ts';
import { inSpaceOf, standing } from './association-groups.ts';
import { isoTime } from './memories.ts';
import { readAsJson } from './read-as-json.ts';

/** How many of the newest events of the space's shard are looked at for accesses: one recall has up to 100. */
const accessWindow = 10_000;

/** How many memories' accesses are handed out: those with the most. */
const mostAccessed = 1_000;

/** Ids of the catalysts of the highest φ, the highest first. */
export async function readCatalysts(db: Database, space: Space, limit: number): Promise<readonly string[]> {
  const inSpace = inSpaceOf(space);
  const { rows } = await sql<{ id: string }>`
    select s.memory_id as id from memory_state s
    join memories m on ${inSpace('m')} and m.memory_id = s.memory_id and m.visibility = 'live'
    where ${inSpace('s')} and s.is_catalyst
    order by s.phi desc, s.memory_id limit ${limit}::int`.execute(db);
  return rows.map(({ id }) => id);
}

interface AccessRow {
  readonly since: string | null;
  readonly memory_id: string | null;
  readonly times: readonly number[];
}

/** Accesses in the newest stretch of the log, of memories that are no catalysts. One event is one access of a group. */
export async function readRecentAccesses(
  db: Database,
  space: Space,
  { least, since }: { readonly least: number; readonly since: string | undefined },
): Promise<AccessWindow> {
  const inSpace = inSpaceOf(space);
  const rows = await readAsJson(
    db,
    undefined,
    sql<AccessRow>`
      with recursive newest as materialized (
        select e.position, e.recorded_at, e.memory_ids from events e
        where e.shard = ${space.shard} and e.space_id = ${space.id} and e.type = 'memory.accessed'
          and e.position > (select h.position from shard_heads h where h.shard = ${space.shard}) - ${sql.lit(accessWindow)}
          and e.recorded_at >= ${since ?? '-infinity'}::timestamptz),
      named as materialized (select distinct n.position, n.recorded_at, id from newest n, unnest(n.memory_ids) id),
      ${standing(space, sql`select distinct id from named`)},
      accesses as (
        select distinct n.position, n.recorded_at, coalesce(s.root, n.id) as memory_id
        from named n left join standing s on s.id = n.id where s.id is null or s.root is not null),
      often as (
        select a.memory_id, json_agg((extract(epoch from a.recorded_at) * 1000)::float8 order by a.position) as times
        from accesses a group by a.memory_id having count(*) >= ${least}::int
          and not exists (
            select from memory_state s where ${inSpace('s')} and s.memory_id = a.memory_id and s.is_catalyst)
        order by count(*) desc, a.memory_id limit ${sql.lit(mostAccessed)})
      select w.since, o.memory_id, o.times
      from (select min(recorded_at) as since from newest) w left join often o on true`,
  );
  const begin = rows[0]?.since ?? null;
  return {
    since: begin === null ? null : isoTime(begin),
    accesses: rows.flatMap(({ memory_id: memoryId, times }) => (memoryId === null ? [] : [{ memoryId, times }])),
  };
}

/** Ids of the newest live memories, none of them a catalyst, in whose content one of these words or phrases stands. */
export async function readMemoriesWithWords(
  db: Database,
  space: Space,
  words: readonly string[],
  limit: number,
): Promise<readonly string[]> {
  const inSpace = inSpaceOf(space);
  // The index knows stems, so what it finds is compared with the words themselves.
  const stems = words.map((word) => sql`phraseto_tsquery('english', ${word})`);
  const pattern = String.raw`\y(${words.map((word) => word.replaceAll(' ', String.raw`\s+`)).join('|')})\y`;
  const { rows } = await sql<{ id: string }>`
    select m.memory_id as id from memories m
    where ${inSpace('m')} and m.fts @@ (${sql.join(stems, sql` || `)}) and m.visibility = 'live'
      and m.content ~* ${pattern}
      and not exists (select from memory_state s where ${inSpace('s')} and s.memory_id = m.memory_id and s.is_catalyst)
    order by m.created_at desc, m.memory_id limit ${limit}::int`.execute(db);
  return rows.map(({ id }) => id);
}
