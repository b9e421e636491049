import { type AssociationState, foldAssociation, type LogEvent, pairsOf } from '@anima/core';
import { sql } from 'kysely';
import type { Database } from '../engine/engine.ts';
import type { ProjectionRules } from './projection.ts';

/** How often two memories were recalled together. */
export const associations: ProjectionRules = {
  name: 'associations',
  tables: [{ name: 'associations', key: ['space_id', 'a', 'b'], values: ['count', 'last_at'] }],
  inline: [],
  rowsOf: (event) => pairsOf(event).map(keyOf),
  fold: async (trx, schema, shard, events) => {
    for (const [spaceId, ofSpace] of Map.groupBy(events, ({ spaceId }) => spaceId)) {
      await addPairs(trx, schema, shard, spaceId, countPairs(ofSpace));
    }
  },
};

function keyOf([a, b]: readonly [string, string]): string {
  return `${a} ${b}`;
}

/** Pairs of a batch in key order: their rows are written in the order that every writer uses. */
function countPairs(events: readonly LogEvent[]): (readonly [string, AssociationState])[] {
  const counts = new Map<string, AssociationState>();
  for (const event of events) {
    for (const pair of pairsOf(event).map(keyOf)) counts.set(pair, foldAssociation(counts.get(pair), event));
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}

async function addPairs(
  trx: Database,
  schema: string,
  shard: number,
  spaceId: string,
  pairs: readonly (readonly [string, AssociationState])[],
): Promise<void> {
  if (pairs.length === 0) return;
  const a = pairs.map(([pair]) => pair.slice(0, 36));
  const b = pairs.map(([pair]) => pair.slice(37));
  const counts = pairs.map(([, { count }]) => count);
  const lastAt = pairs.map(([, state]) => state.lastAt);
  // Counts of a batch add up with those before it, and its last time is later than theirs.
  await sql`/* add pairs */
    insert into ${sql.table(`${schema}.associations`)} as known (shard, space_id, a, b, count, last_at)
    select ${shard}::smallint, ${spaceId}::text, p.a, p.b, p.count, to_timestamp(p.last_at / 1000)
    from unnest(${a}::uuid[], ${b}::uuid[], ${counts}::int[], ${lastAt}::float8[]) as p(a, b, count, last_at)
    on conflict (shard, space_id, a, b) do update
      set count = known.count + excluded.count, last_at = excluded.last_at`.execute(trx);
}
