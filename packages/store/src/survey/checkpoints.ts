import type { Checkpoint } from '@anima/core';
import { sql } from 'kysely';
import type { Database } from '../engine/engine.ts';

/** How far each that follows the log has come, on the shards that have one; models only where spaces have them. */
export async function readCheckpoints(db: Database): Promise<readonly Checkpoint[]> {
  const { rows } = await sql<Checkpoint>`
    select c.projection as name, c.shard, c.position, h.position as head, c.rules_version as "rulesVersion",
      coalesce(greatest(0, round(extract(epoch from clock_timestamp() - e.recorded_at) * 1000)), 0)::float8 as "lagMs"
    from shard_heads h join fold_checkpoints c using (shard)
    left join events e on e.shard = c.shard and e.position = c.position + 1
    where h.position > 0 and not exists (
      select from embedding_models m where c.projection in ('vectors_' || m.model_id, 'consolidated_' || m.model_id)
        and not exists (select from spaces s where s.shard = c.shard and s.model_id = m.model_id))
    order by c.projection, c.shard /* across shards: the console shows all */`.execute(db);
  return rows;
}
