import { AnimaError, type Connections, type HubSearch, type Network, type PairCount, type Space } from '@anima/core';
import { sql } from 'kysely';
import type { Database } from '../engine/engine.ts';
import { inSpaceOf, regrouping } from './association-groups.ts';
import { readConnections } from './associations.ts';
import { readAsJson } from './read-as-json.ts';

/** The memories with the most associations, the most first. */
export async function readHubs(
  db: Database,
  space: Space,
  { limit, minConnections, exceptCatalysts = false }: HubSearch,
): Promise<readonly Connections[]> {
  const inSpace = inSpaceOf(space);
  const chosen = exceptCatalysts
    ? sql`and not exists (
        select from memory_state s where ${inSpace('s')} and s.memory_id = d.id and s.is_catalyst)`
    : sql``;
  const rows = await readAsJson(
    db,
    undefined,
    sql<{ id: string }>`
      with recursive ${regrouping(space)}
      select d.id from degrees d where d.connections >= ${minConnections}::int ${chosen}
      order by d.connections desc, d.id limit ${limit}::int`,
  );
  const ids = rows.map(({ id }) => id);
  return readConnections(db, space, ids);
}

/** How often the pairs of a space occurred, and how many memories they associate. */
export async function readNetwork(db: Database, space: Space): Promise<Network> {
  const rows = await readAsJson(
    db,
    undefined,
    sql<PairCount & { memories: number }>`
      with recursive ${regrouping(space)}
      select c.count, sum(c.pairs) as pairs, (select count(*) from degrees) as memories from (
        select count, count(*) as pairs from raw group by count
        union all select count, -count(*) from touched group by count
        union all select count, count(*) from regrouped group by count) c
      group by c.count having sum(c.pairs) > 0 order by c.count`,
  );
  return { memories: rows[0]?.memories ?? 0, counts: rows.map(({ count, pairs }) => ({ count, pairs })) };
}

/** @throws AnimaError `OVERLOADED` where the space has more pairs than this engine reads for one request */
export async function refuseTooManyPairs(db: Database, space: Space, most: number): Promise<void> {
  if (!Number.isFinite(most)) return;
  const { rows } = await sql<{ pairs: number }>`
    select count(*)::int as pairs from (
      select from associations p where ${inSpaceOf(space)('p')} limit ${sql.lit(most + 1)}) p`.execute(db);
  if ((rows[0]?.pairs ?? 0) <= most) return;
  throw new AnimaError(
    'OVERLOADED',
    `this space has more than ${most} associations, too many to survey on the embedded engine: use a PostgreSQL server`,
  );
}
