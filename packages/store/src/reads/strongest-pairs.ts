import type { AssociatedPair, Space } from '@anima/core';
import { sql } from 'kysely';
import type { Database } from '../engine/engine.ts';
import { regrouping } from './association-groups.ts';
import { readAsJson } from './read-as-json.ts';

/** The pairs of a space that were recalled together the most often, each end the live memory that it is part of. */
export function readStrongestPairs(
  db: Database,
  space: Space,
  { leastCount, limit }: { readonly leastCount: number; readonly limit: number },
): Promise<readonly AssociatedPair[]> {
  return readAsJson(
    db,
    undefined,
    sql<AssociatedPair>`
      with recursive ${regrouping(space)}
      select a, b, count from (
        select a, b, count from raw
        where count >= ${leastCount}::bigint and not exists (select from special s where s.id = raw.a)
          and not exists (select from special s where s.id = raw.b)
        union all
        select a, b, count from regrouped where count >= ${leastCount}::bigint) p
      order by count desc, a, b limit ${limit}::int`,
  );
}
