import { sql } from 'kysely';
import { expire } from '../lifecycle/visibility.ts';
import type { WorkerContext } from './worker-context.ts';

/** Memories that one look takes. */
const batchSize = 500;

/**
 * Ends memories that are past their time, as events of the log.
 *
 * @returns whether more may be due
 */
export async function expireDue({ engine: { db }, changes, spaces }: WorkerContext): Promise<boolean> {
  const { rows } = await sql<{ space_id: string; ids: string[] }>`
    select space_id, array_agg(memory_id) as ids from (
      select m.space_id, m.memory_id from memories m
      where m.expires_at <= clock_timestamp() and m.expires_at is not null and m.visibility = 'live'
        -- What is being imported is nobody's yet.
        and not exists (select from spaces s where s.space_id = m.space_id and s.importing_since is not null)
      order by m.expires_at limit ${batchSize}) due
    group by space_id /* across shards: a worker looks now and then */`.execute(db);
  for (const { space_id, ids } of rows) {
    const space = await spaces.open(space_id);
    await changes.change(space, undefined, (scope) => expire(scope, space, ids));
  }
  return rows.reduce((sum, { ids }) => sum + ids.length, 0) === batchSize;
}
