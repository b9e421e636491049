import { sql } from 'kysely';
import { type Database, inTransaction } from '../engine/engine.ts';
import type { Models } from '../models.ts';

/** Vectors deleted by one statement. */
const sweepBatch = 1_000;

/** Twice as long as a process may go on with what it remembers of a space (see `Spaces`). */
const unusedFor = '60 seconds';

/** How long a table may be waited for; what waits behind it waits as long. */
const lockTimeout = '2s';

interface Discarded {
  readonly shard: number;
  readonly space_id: string;
  readonly model_id: number;
}

/**
 * Deletes vectors that no process can be asking for any more, up to the size of a batch. Where no space has
 * their model at all, the table is emptied, which leaves nothing for a vacuum to do.
 */
export async function sweepVectors(db: Database, models: Models): Promise<void> {
  const { rows } = await sql<Discarded>`
    select shard, space_id, model_id from discarded_vectors where since < now() - ${unusedFor}::interval
    order by since limit 1 /* across shards: a worker looks now and then */`.execute(db);
  const [discarded] = rows;
  if (!discarded) return;
  const { vectorsTable, modelId } = await models.byId(discarded.model_id);
  await inTransaction(db, async (trx) => {
    if (await isInUse(trx, modelId)) return deleteBatch(trx, vectorsTable, discarded);
    await sql`select set_config('lock_timeout', ${lockTimeout}, true)`.execute(trx);
    await sql`lock table ${sql.table(vectorsTable)} in access exclusive mode`.execute(trx);
    // Asked again under the lock: a space that got the model meanwhile may have vectors by now.
    if (await isInUse(trx, modelId)) return;
    await sql`truncate ${sql.table(vectorsTable)}`.execute(trx);
    await sql`delete from discarded_vectors where model_id = ${modelId} /* across shards: a model is gone from all */`.execute(
      trx,
    );
  });
}

async function isInUse(trx: Database, modelId: number): Promise<boolean> {
  const { rows } = await sql<{ used: boolean }>`
    select exists (select from spaces where model_id = ${modelId})
      or exists (select from reembeddings where model_id = ${modelId}) as used
    /* across shards: a model is gone from all */`.execute(trx);
  return rows[0]?.used ?? true;
}

async function deleteBatch(trx: Database, table: string, { shard, space_id, model_id }: Discarded): Promise<void> {
  // Held to the end: a space that wants this model back waits, and then knows what is missing.
  const { rows } = await sql`
    select 1 from discarded_vectors
    where shard = ${shard} and space_id = ${space_id} and model_id = ${model_id} for update skip locked`.execute(trx);
  if (rows.length === 0) return;
  const { numAffectedRows } = await sql`
    delete from ${sql.table(table)} where shard = ${shard} and (space_id, memory_id, version, chunk) in (
      select space_id, memory_id, version, chunk from ${sql.table(table)}
      where shard = ${shard} and space_id = ${space_id} limit ${sweepBatch})`.execute(trx);
  if (Number(numAffectedRows) === sweepBatch) return;
  await sql`
    delete from discarded_vectors
    where shard = ${shard} and space_id = ${space_id} and model_id = ${model_id}`.execute(trx);
}
