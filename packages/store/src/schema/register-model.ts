import { type EmbeddingModel, projections, rulesVersion } from '@anima/core';
import { sql } from 'kysely';
import { type Database, type Engine, inTransaction } from '../engine/engine.ts';
import { canBeWalled, ensureWall } from '../engine/wall.ts';
import { lexemesCheckpoint } from '../jobs/count-lexemes.ts';
import { distributeBeside } from './distribute.ts';
import { createIndex, ensureSearchIndexes } from './search-indexes.ts';
import { vectorIndexes } from './vector-indexes.ts';

/** A model as the database knows it, and the table of its vectors. */
export interface RegisteredModel extends EmbeddingModel {
  readonly modelId: number;
  readonly vectorsTable: string;
  /** Name of the checkpoint that says up to where this model has embedded the log. */
  readonly checkpoint: string;
}

export function registeredModel(modelId: number, { provider, name, dimensions }: EmbeddingModel): RegisteredModel {
  const vectorsTable = `vectors_${modelId}`;
  return { provider, name, dimensions, modelId, vectorsTable, checkpoint: vectorsTable };
}

/** Makes a model known, with a table and indexes for its vectors; one that is known keeps what it has. */
export async function registerModel(engine: Engine, model: EmbeddingModel): Promise<RegisteredModel> {
  const registered = await registerTable(engine, model);
  if (canBeWalled(engine)) await ensureWall(engine.db);
  await ensureSearchIndexes(engine, vectorIndexes(engine, registered));
  return registered;
}

async function registerTable(engine: Engine, model: EmbeddingModel): Promise<RegisteredModel> {
  const { provider, name, dimensions } = model;
  return inTransaction(engine.db, async (trx) => {
    await sql`lock table embedding_models in share row exclusive mode`.execute(trx);
    const known = await sql<{ model_id: number }>`
      select model_id from embedding_models
      where provider = ${provider} and name = ${name} and dimensions = ${dimensions}`.execute(trx);
    const found =
      known.rows[0] ??
      (
        await sql<{ model_id: number }>`
          insert into embedding_models (provider, name, dimensions) values (${provider}, ${name}, ${dimensions})
          returning model_id`.execute(trx)
      ).rows[0];
    if (!found) throw new Error('the model was not registered');
    const registered = registeredModel(found.model_id, model);
    const isNew = await createVectorsTable(engine, trx, registered);
    // At once, as nobody uses the table yet; beside its users each build waits for all of them, several times.
    const atOnce = isNew && !engine.isDistributed ? vectorIndexes(engine, registered) : [];
    for (const index of atOnce) await createIndex(trx, index);
    for (const projection of [...projections, lexemesCheckpoint]) {
      await sql`
        insert into fold_checkpoints (shard, projection, rules_version)
        select shard, ${projection}, ${rulesVersion}::integer from shard_heads
        on conflict do nothing /* across shards: once for every model */`.execute(trx);
    }
    // What the log has by now is of spaces that do not have this model.
    await sql`
      insert into fold_checkpoints (shard, projection, position, rules_version)
      select shard, ${registered.checkpoint}, position, ${rulesVersion}::integer from shard_heads
      on conflict do nothing /* across shards: once for every model */`.execute(trx);
    return registered;
  });
}

/**
 * The table of a model's vectors; one that is there stays as it is.
 *
 * @returns whether it was made
 */
export async function createVectorsTable(
  engine: Engine,
  trx: Database,
  { vectorsTable, dimensions }: RegisteredModel,
): Promise<boolean> {
  const { column } = engine.vectorType(dimensions);
  const isNew = !(await isThere(trx, vectorsTable));
  // Spread over nodes, it takes no further change of how its column is stored.
  if (engine.isDistributed && !isNew) return false;
  await sql
    .raw(
      `create table if not exists ${vectorsTable} (
         shard smallint not null,
         space_id text collate "C" not null,
         memory_id uuid not null,
         version integer not null,
         chunk smallint not null,
         embedding ${column} not null,
         primary key (shard, space_id, memory_id, version, chunk))`,
    )
    .execute(trx);
  // As for `memories`.
  await sql
    .raw(
      `create statistics if not exists ${vectorsTable}_space (dependencies)
       on shard, space_id from ${vectorsTable}`,
    )
    .execute(trx);
  // Plain storage keeps a vector in its row: from a TOAST table a scan of 10,000 takes three times as long.
  const storage = fitsInRow(column, dimensions) ? 'plain' : 'external';
  await sql.raw(`alter table ${vectorsTable} alter column embedding set storage ${storage}`).execute(trx);
  if (engine.isDistributed) await distributeBeside(trx, vectorsTable);
  return isNew;
}

async function isThere(db: Database, table: string): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`select to_regclass(${table}) is not null as found`.execute(db);
  return rows[0]?.found === true;
}

function fitsInRow(column: string, dimensions: number): boolean {
  return dimensions * (column.startsWith('halfvec') ? 2 : 4) < 7_500;
}
