import { AnimaError, type EmbeddingModel, projections, rulesVersion } from '@anima/core';
import { sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { type Database, type Engine, inTransaction } from '../engine/engine.ts';
import { lexemesCheckpoint } from '../jobs/count-lexemes.ts';
import * as memory from './migrations/0001-memory.ts';
import * as recall from './migrations/0002-recall.ts';
import * as lifecycle from './migrations/0003-lifecycle.ts';
import * as transfer from './migrations/0004-transfer.ts';
import { ensureSearchIndexes, missingSearchIndexes } from './search-indexes.ts';

/** Forward only; one that has been released never changes (`test/schema-manifest.json` holds what they make). */
const migrations = {
  '0001-memory': memory,
  '0002-recall': recall,
  '0003-lifecycle': lifecycle,
  '0004-transfer': transfer,
};

/** The server's model as the database knows it, and the table of its vectors. */
export interface RegisteredModel extends EmbeddingModel {
  readonly modelId: number;
  readonly vectorsTable: string;
  /** Name of the checkpoint that says up to where this model has embedded the log. */
  readonly checkpoint: string;
}

/**
 * Brings the schema up to date and registers the model, with a table and an index for its vectors.
 * Several processes may do this at once: one works, the others wait.
 *
 * @throws AnimaError `UNAVAILABLE` when a migration fails; nothing of it stays
 */
export async function migrate(engine: Engine, model: EmbeddingModel): Promise<RegisteredModel> {
  const { db } = engine;
  for (const extension of ['vector', 'btree_gin']) await createExtension(db, extension);
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error, results } = await migrator.migrateToLatest();
  if (error) {
    const failed = results?.find(({ status }) => status === 'Error')?.migrationName ?? 'the schema';
    throw new AnimaError('UNAVAILABLE', `migration of ${failed} failed: ${message(error)}`, { cause: error });
  }
  const registered = await registerModel(engine, model);
  await ensureSearchIndexes(engine, [vectorIndex(engine, registered)]);
  return registered;
}

/** Names of migrations that were not applied and of indexes that are not usable. */
export async function missingFromSchema(engine: Engine, model: RegisteredModel): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(engine.db);
  const applied = new Set(rows.map(({ name }) => name));
  const indexes = await missingSearchIndexes(engine.db, [vectorIndex(engine, model)]);
  return [...Object.keys(migrations).filter((name) => !applied.has(name)), ...indexes.map(({ name }) => name)];
}

function vectorIndex(engine: Engine, { vectorsTable, dimensions }: RegisteredModel) {
  const { operatorClass } = engine.vectorType(dimensions);
  return {
    name: `${vectorsTable}_hnsw`,
    definition: `${vectorsTable} using hnsw (embedding ${operatorClass}) ${engine.hnswOptions}`,
  };
}

async function registerModel(engine: Engine, model: EmbeddingModel): Promise<RegisteredModel> {
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
    const modelId = found.model_id;
    const registered = { ...model, modelId, vectorsTable: `vectors_${modelId}`, checkpoint: `vectors_${modelId}` };
    const { column } = engine.vectorType(dimensions);
    await sql
      .raw(
        `create table if not exists ${registered.vectorsTable} (
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
        `create statistics if not exists ${registered.vectorsTable}_space (dependencies)
         on shard, space_id from ${registered.vectorsTable}`,
      )
      .execute(trx);
    // Plain storage keeps a vector in its row: from a TOAST table a scan of 10,000 takes three times as long.
    const storage = fitsInRow(column, dimensions) ? 'plain' : 'external';
    await sql.raw(`alter table ${registered.vectorsTable} alter column embedding set storage ${storage}`).execute(trx);
    for (const projection of [...projections, lexemesCheckpoint, registered.checkpoint]) {
      await sql`
        insert into fold_checkpoints (shard, projection, rules_version)
        select shard, ${projection}, ${rulesVersion}::integer from shard_heads on conflict do nothing`.execute(trx);
    }
    return registered;
  });
}

function fitsInRow(column: string, dimensions: number): boolean {
  return dimensions * (column.startsWith('halfvec') ? 2 : 4) < 7_500;
}

async function createExtension(db: Database, name: string): Promise<void> {
  const installed = await sql`select 1 from pg_extension where extname = ${name}`.execute(db);
  if (installed.rows.length > 0) return;
  try {
    await sql`create extension if not exists ${sql.id(name)}`.execute(db);
  } catch (error) {
    // Two processes that start at once may both try; the second finds it done.
    const now = await sql`select 1 from pg_extension where extname = ${name}`.execute(db);
    if (now.rows.length > 0) return;
    throw new AnimaError(
      'UNAVAILABLE',
      `the extension ${name} is missing and could not be created (${message(error)}): run "create extension ${name}" as a superuser`,
      { cause: error },
    );
  }
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
