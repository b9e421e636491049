import type { AccessWindow, Space } from '@anima/core';
import { sql } from 'kysely';
import type { Database } from '../engine/engine.ts';
import { inSpaceOf, standing } from './association-groups.ts';
import { readAsJson } from './read-as-json.ts';

/** How many of the newest events of the space's shard are looked at for accesses: one recall has up to 100. */
const accessWindow = 5_000;

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
  readonly times: Readonly<Record<string, number>> | null;
  readonly accesses: readonly { readonly memory_id: string; readonly positions: readonly number[] }[] | null;
}

/** Accesses in the newest stretch of the log, of memories that are no catalysts. One event is one access of a group. */
export async function readRecentAccesses(
  db: Database,
  space: Space,
  { least, since }: { readonly least: number; readonly since: string | undefined },
): Promise<AccessWindow> {
  const inSpace = inSpaceOf(space);
  // A memory's accesses come as positions, each event's time once: there are twenty times as many of the former.
  const [row] = await readAsJson(
    db,
    undefined,
    sql<AccessRow>`
      with recursive newest as materialized (
        select e.position, e.recorded_at, e.memory_ids from events e
        where e.shard = ${space.shard} and e.space_id = ${space.id} and e.type = 'memory.accessed'
          and e.position > (select h.position from shard_heads h where h.shard = ${space.shard}) - ${sql.lit(accessWindow)}
          and e.recorded_at >= ${since ?? '-infinity'}::timestamptz),
      named as materialized (select n.position, id from newest n, unnest(n.memory_ids) id),
      ${standing(space, sql`select distinct id from named`)},
      often as (
        select coalesce(s.root, n.id) as memory_id, array_agg(n.position) as positions
        from named n left join standing s on s.id = n.id
        where s.id is null or s.root is not null
        group by coalesce(s.root, n.id) having count(*) >= ${least}::int
        order by count(*) desc, memory_id limit ${sql.lit(mostAccessed)})
      select
        (select json_object_agg(position, (extract(epoch from recorded_at) * 1000)::float8) from newest) as times,
        (select json_agg(o) from often o where not exists (
          select from memory_state s where ${inSpace('s')} and s.memory_id = o.memory_id and s.is_catalyst)) as accesses`,
  );
  const times = row?.times ?? {};
  const accesses = (row?.accesses ?? []).map(({ memory_id: memoryId, positions }) => {
    const distinct = [...new Set(positions)].toSorted((a, b) => a - b);
    return { memoryId, times: distinct.flatMap((position) => times[position] ?? []) };
  });
  const earliest = Math.min(...Object.values(times));
  return {
    since: Number.isFinite(earliest) ? new Date(earliest).toISOString() : null,
    accesses: accesses.filter((each) => each.times.length >= least),
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
