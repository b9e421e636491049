import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { add, addInput, listInput, listMemories, query, queryInput, type RebuildReport } from '@anima/core';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database, Engine } from '../../src/engine/engine.ts';
import { openStore, type Store } from '../../src/index.ts';
import { storeOn } from '../../src/open-store.ts';
import { createDatabase, type EngineKind, onEngine, onEveryEngine, openEmptyEngine } from '../engines.ts';
import { type Manifest, readManifest } from '../manifest.ts';
import { RecordingLog } from '../recording-log.ts';
import { WordModel, words } from '../word-model.ts';

const earlier = '0006-transfer';
const read = (file: string) => readFileSync(new URL(`../upgrade/${file}`, import.meta.url), 'utf8');

/** What upgrade/remember.ts left in a database of an earlier version, what it knew then, and what it sent. */
const dump = read(`${earlier}.sql`);
const known = JSON.parse(read(`${earlier}.json`)) as {
  readonly memories: Readonly<Record<string, readonly { readonly content: string }[]>>;
  readonly statements: readonly string[];
};

/** Fills an empty database; the engines store and index vectors each in its way. */
async function bringBack(db: Database, kind: EngineKind): Promise<void> {
  const embedded = dump
    .replaceAll('halfvec', 'vector')
    .replace("ef_construction='128'", "m='12', ef_construction='48'");
  const text = kind === 'pglite' ? embedded : dump;
  for (const statement of text.split(/(?<=;)\n(?=[A-Z])/)) await sql.raw(statement).execute(db);
}

/** Every row of every table, by the columns that there were. */
async function rowsOf(db: Database, { tables }: Manifest): Promise<Readonly<Record<string, readonly string[]>>> {
  const all: Record<string, readonly string[]> = {};
  for (const [name, { columns }] of Object.entries(tables)) {
    const list = sql.join(Object.keys(columns).map((column) => sql.ref(column)));
    const { rows } = await sql<{ row: string }>`select row(${list})::text as row from ${sql.table(name)}`.execute(db);
    all[name] = rows.map(({ row }) => row).toSorted();
  }
  return all;
}

async function verify(store: Store): Promise<readonly RebuildReport[]> {
  const reports: RebuildReport[] = [];
  for await (const step of store.rebuild({ verify: true })) if (step.type === 'report') reports.push(step.report);
  return reports;
}

onEveryEngine('data of an earlier version', (opened) => {
  const log = new RecordingLog();
  let old: Engine;
  let before: { readonly manifest: Manifest; readonly rows: Readonly<Record<string, readonly string[]>> };
  let store: Store;

  beforeAll(async () => {
    const { kind } = opened();
    old = await openEmptyEngine(kind, log);
    await bringBack(old.db, kind);
    const manifest = await readManifest(old.db);
    before = { manifest, rows: await rowsOf(old.db, manifest) };
    store = await storeOn(old, { model: words, log });
  });
  afterAll(async () => {
    await store.close();
    if (old.folder) await rm(old.folder, { recursive: true });
  });

  test('gets the schema that a new database has', async () => {
    expect(await readManifest(old.db)).toEqual(await readManifest(opened().db));
    expect(log.entries.filter(({ level }) => level !== 'info')).toEqual([]);
  });

  test('loses nothing: every row that there was is there as it was', async () => {
    expect(before.rows.events!.length).toBeGreaterThan(20);
    expect(await rowsOf(old.db, before.manifest)).toEqual(before.rows);
  });

  test('a migration only adds: what an earlier process writes meanwhile is still accepted', async () => {
    const { tables } = await readManifest(old.db);
    for (const [name, table] of Object.entries(before.manifest.tables)) {
      const { columns, constraints, triggers } = tables[name]!;
      expect(columns, name).toMatchObject(table.columns);
      for (const [column, definition] of Object.entries(columns)) {
        const isFilledIn =
          column in table.columns || !definition.includes('not null') || /default|generated/.test(definition);
        expect(isFilledIn, `${name}.${column} must have a default, or may be null`).toBe(true);
      }
      expect({ constraints, triggers }, name).toEqual({ constraints: table.constraints, triggers: table.triggers });
    }
  });

  test('is what was known, agrees with its log, is found, and goes on', async () => {
    for (const [space, memories] of Object.entries(known.memories)) {
      const listed = await listMemories(store, listInput.parse({ space, limit: 100 }));
      const now = listed.memories.map(({ content, tier, accessCount, resonancePhi, isCatalyst }) => ({
        ...{ content, tier, accessCount, resonancePhi, isCatalyst },
      }));
      expect(now.toSorted((a, b) => a.content.localeCompare(b.content))).toEqual(memories);
    }
    const parts = { ...opened().dependencies, store, embedder: new WordModel() };
    await add(parts, addInput.parse({ space: 'ada', content: 'Ada drinks coffee, too' }));
    const { memories } = await query(parts, queryInput.parse({ space: 'ada', query: 'what does Ada drink' }));
    const found = memories.map(({ content }) => content);
    expect(found).toEqual(expect.arrayContaining(['Ada drinks green tea in the morning', 'Ada drinks coffee, too']));
    await store.startWorkers(parts.embedder);
    await expect.poll(async () => (await store.gauges()).folds.lagEvents, { timeout: 20_000 }).toBe(0);
    for (const report of await verify(store)) expect(report).toMatchObject({ differenceCount: 0, differences: [] });
  });
});

onEngine('postgres', 'while versions change', () => {
  /** A database of the earlier version. */
  async function earlierDatabase(): Promise<{ readonly databaseUrl: string; readonly client: pg.Client }> {
    const databaseUrl = await createDatabase({ empty: true });
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    await client.query(dump);
    return { databaseUrl, client };
  }
  const open = (databaseUrl: string, log = new RecordingLog()) =>
    openStore({ databaseUrl, dataDir: '', poolMax: 4, worker: true, model: words, log });

  test('of processes that start at once one migrates and the others wait; what earlier ones send goes on', async () => {
    const { databaseUrl, client } = await earlierDatabase();
    const waiting = async (event: string) => {
      const { rows } = await client.query(
        `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and wait_event = $1`,
        [event],
      );
      return rows.length;
    };
    // A table that the next migration makes is being made: whoever migrates has to wait in the midst of it.
    const obstacle = new pg.Client({ connectionString: databaseUrl });
    await obstacle.connect();
    await obstacle.query('begin; create table bench_runs ()');
    const opening = [open(databaseUrl), open(databaseUrl), open(databaseUrl)];
    await expect.poll(() => waiting('advisory'), { timeout: 20_000 }).toBe(2);
    await expect.poll(() => waiting('transactionid'), { timeout: 20_000 }).toBe(1);
    // Meanwhile a process of the version before appends and reads.
    await client.query(
      'select position from shard_heads where shard = 1 for update; select content from memories limit 1',
    );
    await obstacle.query('rollback');
    await obstacle.end();

    const stores = await Promise.all(opening);
    const { rows } = await client.query('select name from kysely_migration order by name');
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
    for (const store of stores) {
      expect(await store.count(await store.openSpace('ada'), { visibility: 'live' })).toBe(known.memories.ada!.length);
    }

    // Each statement that an earlier process sends means something still: tables, columns, types and all.
    for (const [index, statement] of known.statements.entries()) {
      await client.query(`prepare earlier_${index} as ${statement}`).catch((error: Error) => {
        expect.fail(`${error.message}: ${statement}`);
      });
    }
    expect(known.statements.length).toBeGreaterThan(50);
    await client.end();
    await Promise.all(stores.map((store) => store.close()));
  });

  describe('a database that a newer version migrated', () => {
    test('is used as it is, and the log says so: so a version can be gone back to', async () => {
      const { databaseUrl, client } = await earlierDatabase();
      await (await open(databaseUrl)).close();
      await client.query("insert into kysely_migration values ('9999-from-the-future', now())");
      const log = new RecordingLog();
      const store = await open(databaseUrl, log);
      expect(await store.count(await store.openSpace('ada'), { visibility: 'live' })).toBe(known.memories.ada!.length);
      expect(log.entries.filter(({ level }) => level === 'warn')).toMatchObject([
        { fields: { migrations: ['9999-from-the-future'] } },
      ]);
      await store.close();
      // One that is missing among ours is no newer version, but a fault.
      await client.query("insert into kysely_migration values ('0003-of-somebody-else', now())");
      await expect(open(databaseUrl)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await client.end();
    });
  });
});
