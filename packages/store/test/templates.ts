import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { dropClusterDatabases } from '../bench/cluster.ts';
import { withClient } from '../bench/database.ts';
import { openStore } from '../src/index.ts';
import { words } from './word-model.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A folder of the embedded engine, migrated and closed: a copy opens ten times faster than a new one. */
    readonly pgliteTemplate: string;
    /** Where native databases are made, and of what; null when there is no server to test on. */
    readonly postgres: { readonly maintenanceUrl: string; readonly template: string } | null;
    /** Leads to the coordinator of a Citus cluster to test on; null when there is none. */
    readonly citus: { readonly coordinatorUrl: string; readonly prefix: string } | null;
  }
}

const maintenanceUrl = process.env.ANIMA_TEST_DATABASE_URL;
const coordinatorUrl = process.env.ANIMA_TEST_CITUS_URL;
const prefix = `test_${process.pid}`;
const template = `anima_test_${process.pid}_${Date.now().toString(36)}`;
let folder: string;

/** Migrates one database of each engine; test files work on copies. */
export async function setup(project: TestProject): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), 'anima-store-'));
  // One after the other: while PGlite starts, nothing else of this process runs, a connection's time-out included.
  if (maintenanceUrl) await makeNativeTemplate(maintenanceUrl);
  await migrateAndClose({ dataDir: folder });
  project.provide('pgliteTemplate', folder);
  project.provide('citus', coordinatorUrl ? { coordinatorUrl, prefix } : null);
  project.provide('postgres', maintenanceUrl ? { maintenanceUrl, template } : null);
}

/** Drops every database of this run, also those that a broken-off test left behind. */
export async function teardown(): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  if (coordinatorUrl) await dropClusterDatabases(coordinatorUrl, `anima_${prefix}`);
  if (!maintenanceUrl) return;
  await withClient(maintenanceUrl, async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      'select datname from pg_database where starts_with(datname, $1)',
      [template],
    );
    for (const { datname } of rows) await client.query(`drop database "${datname}" with (force)`);
  });
}

async function makeNativeTemplate(url: string): Promise<void> {
  await withClient(url, (client) => client.query(`create database "${template}"`));
  const databaseUrl = new URL(url);
  databaseUrl.pathname = template;
  await migrateAndClose({ databaseUrl: databaseUrl.href });
}

async function migrateAndClose(where: { readonly databaseUrl?: string; readonly dataDir?: string }): Promise<void> {
  const store = await openStore({
    databaseUrl: where.databaseUrl,
    dataDir: where.dataDir ?? '',
    poolMax: 4,
    worker: false,
    model: words,
    log: { debug: () => {}, info: () => {}, warn: console.warn, error: console.error },
  });
  await store.close();
}
