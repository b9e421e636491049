import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { openStore } from '../../src/index.ts';
import { migrate } from '../../src/schema/migrate.ts';
import { registeredModel } from '../../src/schema/register-model.ts';
import { ensureSearchIndexes } from '../../src/schema/search-indexes.ts';
import { vectorIndexes } from '../../src/schema/vector-indexes.ts';
import { createDatabase, onEngine, onEveryEngine } from '../engines.ts';
import { readManifest } from '../manifest.ts';
import { RecordingLog } from '../recording-log.ts';
import { words } from '../word-model.ts';

/** The one difference between the engines: how vectors are stored. */
const vectorTables = {
  pglite: { column: 'vector(64) not null plain', operators: 'vector_cosine_ops' },
  postgres: { column: 'halfvec(64) not null plain', operators: 'halfvec_cosine_ops' },
};

onEveryEngine('schema', (opened) => {
  const manifest = () => readManifest(opened().db);
  const migrateAgain = () => migrate(opened().engine, words);

  /** A released migration never changes; what a new one makes is frozen by `vitest run -u`. */
  const expectFrozen = async () => {
    const { tables, ...rest } = await manifest();
    const ofAllModels = Object.entries(tables).filter(([name]) => !name.startsWith('vectors_'));
    const frozen = `${JSON.stringify({ ...rest, tables: Object.fromEntries(ofAllModels) }, null, 2)}\n`;
    await expect(frozen).toMatchFileSnapshot('../schema-manifest.json');
  };

  test('is the frozen one, the same on both engines but for the type of vectors', async () => {
    const { vectors_1: vectors } = (await manifest()).tables;
    const { kind } = opened().engine;
    expect(vectors!.columns).toMatchObject({ embedding: vectorTables[kind].column, chunk: 'smallint not null plain' });
    expect(vectors!.indexes).toMatchObject({
      vectors_1_hnsw_63: expect.stringMatching(`USING hnsw \\(embedding ${vectorTables[kind].operators}\\).*63`),
      vectors_1_pkey: expect.stringContaining('(shard, space_id, memory_id, version, chunk)'),
    });
    await expectFrozen();
  });

  test('every table of a space leads with shard and space in its primary and unique keys', async () => {
    const { tables } = await manifest();
    const ofSpaces = Object.entries(tables).filter(
      ([name, { columns }]) => 'space_id' in columns && !['spaces', 'events'].includes(name),
    );
    expect(ofSpaces.length).toBeGreaterThanOrEqual(9);
    for (const [name, { constraints }] of ofSpaces) {
      const keys = Object.values(constraints).filter((definition) => /^(PRIMARY KEY|UNIQUE)/.test(definition));
      expect(keys.length, name).toBeGreaterThanOrEqual(1);
      for (const key of keys) expect(key, name).toMatch(/\(shard, space_id[,)]/);
    }
  });

  test('migrating again changes nothing', async () => {
    const [before, rows] = [await manifest(), await opened().fingerprint()];
    const first = await migrateAgain();
    expect(await Promise.all([migrateAgain(), migrateAgain(), migrateAgain()])).toEqual([first, first, first]);
    expect(await manifest()).toEqual(before);
    expect(await opened().fingerprint()).toEqual(rows);
  });

  test('fault 1: an INVALID index, as an interrupted build leaves it, is dropped and built anew, and none exists twice', async () => {
    const before = await manifest();
    const isValid = async () => {
      const { rows } = await sql<{ indexes: string; valid: boolean }>`
        select bool_and(indisvalid) as valid from pg_index`.execute(opened().db);
      return rows[0]!.valid;
    };
    for (const index of ['memories_fts', 'vectors_1_hnsw_9']) {
      await sql`update pg_index set indisvalid = false where indexrelid = ${index}::regclass`.execute(opened().db);
    }
    expect(await isValid()).toBe(false);
    await migrateAgain();
    expect(await isValid()).toBe(true);
    expect(await manifest()).toEqual(before);
    const { rows: twice } = await sql`
      select indrelid::regclass, array_agg(indexrelid::regclass) from pg_index i join pg_class c on c.oid = indexrelid
      where c.relnamespace = 'public'::regnamespace
      group by indrelid, indkey::text, indclass::text, indoption::text, coalesce(indpred::text, ''), relam
      having count(*) > 1`.execute(opened().db);
    expect(twice).toEqual([]);
  });

  test('a missing search index is built', async () => {
    const before = await manifest();
    await sql`drop index memories_fts, events_memory_ids`.execute(opened().db);
    await migrateAgain();
    expect(await manifest()).toEqual(before);
  });

  test('one graph of all shards takes the place of those of each, as on a cluster, and they take its place again', async () => {
    const before = await manifest();
    const { engine } = opened();
    const cluster = { ...engine, isDistributed: true };
    await ensureSearchIndexes(cluster, vectorIndexes(cluster, registeredModel(1, words)));
    const graphs = Object.keys((await manifest()).tables.vectors_1!.indexes).filter((name) => name.includes('hnsw'));
    expect(graphs).toEqual(['vectors_1_hnsw']);
    await migrateAgain();
    expect(await manifest()).toEqual(before);
  });

  test('each model has a table of its own, found again by all of its provider, name and dimensions', async () => {
    const first = await migrateAgain();
    const models = [
      { ...words, dimensions: 32 },
      { ...words, name: 'other words' },
      { ...words, provider: 'other' },
    ];
    const tables = new Set([first.vectorsTable]);
    for (const model of models) {
      const registered = await migrate(opened().engine, model);
      expect(await migrate(opened().engine, model)).toEqual(registered);
      tables.add(registered.vectorsTable);
    }
    expect(tables.size).toBe(4);
    expect(await migrateAgain()).toEqual(first);
  });

  // Last: it starts over.
  test('fault 1: a migration that fails fails the start, by name, and nothing of it stays', async () => {
    for (const statement of [
      'drop schema public cascade',
      'create schema public',
      'create table requests (mine int)',
    ]) {
      await sql.raw(statement).execute(opened().db);
    }
    await expect(migrateAgain()).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/0001-memory.*requests/),
    });
    expect(Object.keys((await manifest()).tables)).toEqual(['requests']);
    await sql`drop table requests`.execute(opened().db);
    await migrateAgain();
    await expectFrozen();
  });
});

onEngine('postgres', 'processes that start at once on an empty database', () => {
  test('leave one schema, and none of them fails', async () => {
    const databaseUrl = await createDatabase({ empty: true });
    const log = new RecordingLog();
    const options = { databaseUrl, dataDir: '', poolMax: 4, worker: true, model: words, log };
    const stores = await Promise.all([1, 2, 3, 4].map(() => openStore(options)));
    const space = await stores[0]!.openSpace('shared');
    expect(await Promise.all(stores.map((store) => store.openSpace('shared')))).toEqual([1, 2, 3, 4].map(() => space));
    expect(log.entries.filter(({ level }) => level !== 'info')).toEqual([]);
    await Promise.all(stores.map((store) => store.close()));
  });
});
