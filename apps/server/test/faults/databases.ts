import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { btree_gin } from '@electric-sql/pglite/contrib/btree_gin';
import { vector } from '@electric-sql/pglite-pgvector';
import pg from 'pg';
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

interface TestEngine {
  readonly name: 'PGlite' | 'PostgreSQL';
  create(): Promise<TestDatabase>;
}

/** Declares tests for both engines; those of the native one are skipped where no server for tests is named. */
export function onEveryEngine(declare: (engine: TestEngine) => void): void {
  describe('PGlite', () => declare({ name: 'PGlite', create: embeddedDatabase }));
  describe.skipIf(isNativeMissing)('PostgreSQL', () => declare({ name: 'PostgreSQL', create: () => nativeDatabase() }));
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
    read: (look) =>
      withClient(url.href, (client) =>
        look(async <Row>(statement: string) => (await client.query(statement)).rows as Row[]),
      ),
    [Symbol.asyncDispose]: async () => {
      await withClient(serverUrl, (client) => client.query(`drop database ${name} with (force)`));
    },
  };
}

/** Looks with a connection of its own. */
export async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
