import { AnimaError, type EmbeddingModel } from '@anima/core';
import { sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { Database, Engine } from '../engine/engine.ts';
import { keepNodeSettings, keepSessionSettings } from '../engine/session-settings.ts';
import { Models } from '../models.ts';
import { distributeTables } from './distribute.ts';
import * as memory from './migrations/0001-memory.ts';
import * as recall from './migrations/0002-recall.ts';
import * as lifecycle from './migrations/0003-lifecycle.ts';
import * as reembed from './migrations/0004-reembed.ts';
import * as history from './migrations/0005-history.ts';
import * as transfer from './migrations/0006-transfer.ts';
import * as bench from './migrations/0007-bench.ts';
import * as keys from './migrations/0008-keys.ts';
import * as archive from './migrations/0011-archive.ts';
import { type RegisteredModel, registerModel } from './register-model.ts';
import { ensureSearchIndexes, missingSearchIndexes } from './search-indexes.ts';
import { vectorIndexes } from './vector-indexes.ts';

/** Forward only; one that has been released never changes (`test/schema-manifest.json` holds what they make). */
const migrations = {
  '0001-memory': memory,
  '0002-recall': recall,
  '0003-lifecycle': lifecycle,
  '0004-reembed': reembed,
  '0005-history': history,
  '0006-transfer': transfer,
  '0007-bench': bench,
  '0008-keys': keys,
  '0011-archive': archive,
};

/**
 * Brings the schema up to date and registers the model of new spaces.
 * Several processes may do this at once: one works, the others wait. A schema that a newer version brought further is
 * left as it is: migrations only add, so that a version goes on beside its successor, and can be gone back to.
 *
 * @throws AnimaError `UNAVAILABLE` when a migration fails; nothing of it stays
 */
export async function migrate(engine: Engine, model: EmbeddingModel): Promise<RegisteredModel> {
  const { direct: db } = engine;
  for (const extension of ['vector', 'btree_gin']) await createExtension(db, extension);
  // Before a pooler opens its first session.
  if (engine.isPooled) await keepSessionSettings(db);
  // They are applied, so that nothing of them runs here; unknown to the migrator, they would be a fault.
  const ofNewer = Object.fromEntries((await newerMigrations(db)).map((name) => [name, { up: async () => undefined }]));
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations, ...ofNewer }) } });
  const { error, results } = await migrator.migrateToLatest();
  if (error) {
    const failed = results?.find(({ status }) => status === 'Error')?.migrationName ?? 'the schema';
    throw new AnimaError('UNAVAILABLE', `migration of ${failed} failed: ${message(error)}`, { cause: error });
  }
  if (engine.isDistributed) {
    await distributeTables(db);
    await keepNodeSettings(engine);
  }
  const registered = await registerModel(engine, model);
  // Of those that other spaces have, whose indexes an interrupted build may have left behind.
  const others = await new Models(engine, registered).inUse();
  await ensureSearchIndexes(
    engine,
    others.flatMap((other) => vectorIndexes(engine, other)),
  );
  return registered;
}

/** Names of migrations that a newer version applied. */
export async function newerMigrations(db: Database): Promise<readonly string[]> {
  const { rows: tables } = await sql`select 1 from pg_tables where tablename = 'kysely_migration'
    and schemaname = current_schema()`.execute(db);
  if (tables.length === 0) return [];
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  const last = Object.keys(migrations).at(-1) ?? '';
  return rows.map(({ name }) => name).filter((name) => name > last);
}

/** Names of migrations that were not applied and of indexes that are not usable. */
export async function missingFromSchema(
  engine: Engine,
  models: readonly RegisteredModel[],
): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(engine.db);
  const applied = new Set(rows.map(({ name }) => name));
  const ofModels = models.flatMap((model) => vectorIndexes(engine, model));
  const indexes = await missingSearchIndexes(engine.db, ofModels);
  return [...Object.keys(migrations).filter((name) => !applied.has(name)), ...indexes.map(({ name }) => name)];
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
