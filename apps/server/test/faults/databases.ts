import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClusterDatabase } from '@anima/store/cluster';
import { withClient } from '@anima/store/database';
import { PGlite } from '@electric-sql/pglite';
import { btree_gin } from '@electric-sql/pglite/contrib/btree_gin';
import { vector } from '@electric-sql/pglite-pgvector';
import { describe } from 'vitest';

export type Sql = <Row>(statement: string) => Promise<Row[]>;

/** A database of one test; disposing of it drops it. */
export interface TestDatabase extends AsyncDisposable {
  /** What a server needs to use it. */
  readonly settings: Readonly<Record<string, string>>;
  /** Looks into it. The embedded one must not be held by a server meanwhile. */
  read<T>(look: (sql: Sql) => Promise<T>): Promise<T>;
}

const nativeServer = process.env.ANIMA_TEST_DATABASE_URL;
export const isNativeMissing = nativeServer === undefined;
const coordinator = process.env.ANIMA_TEST_CITUS_URL;

/** What processes share. */
interface TestServer {
  readonly name: 'PostgreSQL' | 'Citus';
  create(): Promise<TestDatabase>;
}

interface TestEngine {
  readonly name: 'PGlite' | TestServer['name'];
  create(): Promise<TestDatabase>;
}

/** Declares tests for all engines; those of a server are skipped where none is named for tests. */
export function onEveryEngine(declare: (engine: TestEngine) => void): void {
  describe('PGlite', () => declare({ name: 'PGlite', create: embeddedDatabase }));
  onEveryServer(declare);
}

/** Declares tests of several processes, on each server that is named for tests. */
export function onEveryServer(declare: (server: TestServer) => void, timeout = 60_000): void {
  const options = { timeout };
  describe.skipIf(isNativeMissing)('PostgreSQL', options, () =>
    declare({ name: 'PostgreSQL', create: () => nativeDatabase() }),
  );
  if (coordinator !== undefined) describe('Citus', options, () => declare({ name: 'Citus', create: clusterDatabase }));
}

export async function embeddedDatabase(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'anima-faults-'));
  return {
    settings: { ANIMA_DATA_DIR: folder },
    async read(look) {
      await using pglite = await PGlite.create(join(folder, 'pgdata'), { extensions: { vector, btree_gin } });
      return await look(async <Row>(statement: string) => (await pglite.query<Row>(statement)).rows);
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

export async function nativeDatabase(serverUrl = nativeServer ?? ''): Promise<TestDatabase> {
  const name = `anima_faults_${crypto.randomUUID().replaceAll('-', '')}`;
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  await withClient(serverUrl, (client) => client.query(`create database ${name}`));
  return {
    settings: { DATABASE_URL: url.href, DB_POOL_MAX: '10' },
    read: lookAt(url.href),
    [Symbol.asyncDispose]: async () => {
      await withClient(serverUrl, (client) => client.query(`drop database ${name} with (force)`));
    },
  };
}

/** On every node of the cluster; what looks at it looks at its coordinator. */
async function clusterDatabase(): Promise<TestDatabase> {
  const database = await createClusterDatabase(coordinator ?? '', 'faults');
  return {
    settings: { DATABASE_URL: database.url, DATABASE_BACKEND: 'citus', DB_POOL_MAX: '10' },
    read: lookAt(database.url),
    [Symbol.asyncDispose]: database[Symbol.asyncDispose],
  };
}

const lookAt =
  (url: string): TestDatabase['read'] =>
  (look) =>
    withClient(url, (client) => look(async <Row>(statement: string) => (await client.query(statement)).rows as Row[]));
