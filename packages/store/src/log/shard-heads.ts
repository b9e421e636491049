import { sql } from 'kysely';
import type { Database } from '../engine/engine.ts';

/** Locks the heads of these shards until the transaction ends, in shard order, so that no two appenders wait for each other. */
export async function lockHeads(trx: Database, shards: readonly number[]): Promise<void> {
  await sql`/* lock heads */ select position from shard_heads where shard = any(${shards}::smallint[]) order by shard for update`.execute(
    trx,
  );
}
