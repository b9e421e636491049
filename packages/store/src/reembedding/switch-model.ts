import type { Space } from '@anima/core';
import { sql } from 'kysely';
import { type Database, inTransaction } from '../engine/engine.ts';
import { appendFacts, readHead } from '../log/change.ts';
import { lockHeads } from '../log/shard-heads.ts';
import type { RegisteredModel } from '../schema/register-model.ts';
import { countMissing } from './missing-vectors.ts';

/**
 * Gives a space its next model, if no more than `mayMiss` memories lack their vector. While the head is
 * held nothing is appended, so what was counted is what there is; and the model, the end of the reembedding
 * and the event that tells of it are there together or not at all.
 *
 * @param checked position of the log up to which nothing is missing: the head is held for a look at the rest only
 * @returns whether it has the model now; false also when the reembedding was given up
 */
export function switchModel(
  db: Database,
  space: Space,
  model: RegisteredModel,
  { checked, mayMiss }: { readonly checked: number; readonly mayMiss: number },
): Promise<boolean> {
  const { shard, id } = space;
  return inTransaction(db, async (trx) => {
    await lockHeads(trx, [shard]);
    const former = await lockReembedding(trx, space, model);
    if (former === undefined) return false;
    const missing = await countMissing(trx, space, model, { after: checked, limit: mayMiss + 1 });
    if (missing > mayMiss) return false;

    await sql`update spaces set model_id = ${model.modelId} where shard = ${shard} and space_id = ${id}`.execute(trx);
    await sql`delete from reembeddings where shard = ${shard} and space_id = ${id}`.execute(trx);
    await discardVectors(trx, space, former);
    const fact = { type: 'space.reembedded' as const, memoryIds: [], payload: { modelId: model.modelId } };
    await appendFacts(trx, space, await readHead(trx, space, undefined), [fact]);
    if (missing === 0) await passOver(trx, space, model);
    return true;
  });
}

/** Locked in the order in which a reembedding is begun and given up. @returns the model that the space has */
async function lockReembedding(
  trx: Database,
  { shard, id }: Space,
  model: RegisteredModel,
): Promise<number | undefined> {
  const { rows } = await sql<{ model_id: number }>`
    select model_id from spaces where shard = ${shard} and space_id = ${id} for update`.execute(trx);
  const { rows: underWay } = await sql`
    select 1 from reembeddings where shard = ${shard} and space_id = ${id} and model_id = ${model.modelId}
    for update`.execute(trx);
  return underWay.length > 0 ? rows[0]?.model_id : undefined;
}

/** Vectors that the space does not need from now on are swept away later, when nobody can be asking for them. */
export async function discardVectors(trx: Database, { shard, id }: Space, modelId: number): Promise<void> {
  await sql`
    insert into discarded_vectors (shard, space_id, model_id, since)
    values (${shard}, ${id}, ${modelId}, clock_timestamp())
    on conflict (shard, space_id, model_id) do update set since = excluded.since`.execute(trx);
  await sql`
    delete from embedding_failures where shard = ${shard} and space_id = ${id} and model_id = ${modelId}`.execute(trx);
}

/** Everything that the log added to this space has its vector: where it alone has this model, nothing waits for it. */
async function passOver(trx: Database, { shard, id }: Space, { modelId, checkpoint }: RegisteredModel): Promise<void> {
  await sql`
    update fold_checkpoints set position = (select position from shard_heads where shard = ${shard})
    where shard = ${shard} and projection = ${checkpoint} and not exists (
      select from spaces where shard = ${shard} and space_id <> ${id} and model_id = ${modelId})`.execute(trx);
}
