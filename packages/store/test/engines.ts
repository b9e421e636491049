import { randomUUID } from 'node:crypto';
import { cpSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AddManyRequest,
  type AddRequest,
  type AddResult,
  add,
  addInput,
  addMany,
  addManyInput,
  projections,
  type QueryRequest,
  type QueryResult,
  query,
  queryInput,
  type Space,
  shardCount,
  shardOf,
} from '@anima/core';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import { createClusterDatabase } from '../bench/cluster.ts';
import { withClient } from '../bench/database.ts';
import type { Database, Engine, FoldLimits } from '../src/engine/engine.ts';
import { openPglite } from '../src/engine/pglite.ts';
import { openPostgres } from '../src/engine/postgres.ts';
import { openStore, type Store } from '../src/index.ts';
import { Models } from '../src/models.ts';
import { type StoreOnOptions, storeOn } from '../src/open-store.ts';
import { foldNextBatch } from '../src/projections/fold-shard.ts';
import { projectionRules } from '../src/projections/rules.ts';
import { migrate } from '../src/schema/migrate.ts';
import { RecordingLog } from './recording-log.ts';
import { misrouted } from './routing/misrouted.ts';
import { latest } from './routing/sent-statements.ts';
import { severalTasks } from './routing/tasks.ts';
import { WordModel, words } from './word-model.ts';

/** What a contract runs on; the cluster is PostgreSQL with its tables spread over nodes. */
export type EngineKind = Engine['kind'] | 'citus';

/** The native server to test on; null when there is none. */
const postgres = inject('postgres');

/** The cluster to test on; null when there is none. */
const citus = inject('citus');

/** How long opening one may take: a database of a cluster is no copy, its tables are made and placed one by one. */
const openMs: Readonly<Record<EngineKind, number>> = { pglite: 120_000, postgres: 120_000, citus: 900_000 };

/** Runs one contract, unchanged, on the embedded engine and, where they are given, on native PostgreSQL and on a Citus cluster. */
export function onEveryEngine(guarantee: string, contract: (opened: () => Opened) => void): void {
  onOneServer(guarantee, contract);
  // Not even skipped: hardly anybody has one, and `npm test` says so in a line.
  if (citus) onEngine('citus', guarantee, contract);
}

/** Runs a contract of what a cluster does not do, or does in its own way: moving the log to files, plans. */
export function onOneServer(guarantee: string, contract: (opened: () => Opened) => void): void {
  for (const kind of ['pglite', 'postgres'] as const) onEngine(kind, guarantee, contract);
}

/** Runs a contract that only this engine can break. */
export function onEngine(kind: EngineKind, guarantee: string, contract: (opened: () => Opened) => void): void {
  describe.skipIf(kind === 'postgres' && !postgres)(`${guarantee} (${kind})`, () => {
    let opened: Opened;
    beforeAll(async () => {
      // What was asked of the engine before is not asked of this one.
      latest();
      opened = await Opened.open(kind);
    }, openMs[kind]);
    afterAll(async () => {
      const { databaseUrl } = opened ?? {};
      const several = kind === 'citus' && databaseUrl ? await severalTasks(databaseUrl) : [];
      await opened?.close();
      // What the contract made the store ask must be one node's work, wherever it was asked.
      expect(await misrouted()).toEqual([]);
      expect(several).toEqual([]);
    }, openMs[kind]);
    contract(() => opened);
  });
}

/** Limits of a fold that counts events only. */
export function atMost(events: number): FoldLimits {
  return { events, rows: Number.POSITIVE_INFINITY };
}

/** A database of the running test file, its store, and the use cases over it. */
export class Opened {
  readonly kind: EngineKind;
  engine: Engine;
  store: Store;
  readonly log: RecordingLog;
  readonly embedder = new WordModel();
  readonly databaseUrl: string | undefined;
  #folder: string | undefined;
  /** Where old events go, from the next {@link reopen} on. */
  archive: StoreOnOptions['archive'];
  readonly #more: Store[] = [];
  #spaces = 0;

  private constructor(kind: EngineKind, engine: Engine, store: Store, log: RecordingLog, where: Where) {
    this.kind = kind;
    this.engine = engine;
    this.store = store;
    this.log = log;
    this.databaseUrl = where.url;
    this.#folder = where.folder;
  }

  static async open(kind: EngineKind): Promise<Opened> {
    const log = new RecordingLog();
    const where = await newPlace(kind);
    const engine = await openEngine(where, log);
    return new Opened(kind, engine, await storeOn(engine, { model: words, log }), log, where);
  }

  async close(): Promise<void> {
    await Promise.all(this.#more.map((store) => store.close()));
    await this.store.close();
    if (this.#folder) await rm(this.#folder, { recursive: true, force: true });
  }

  /** Closes the store while another process works on its data, and opens it anew. */
  async leaveTo<T>(work: (where: string) => Promise<T>): Promise<T> {
    await this.store.close();
    try {
      return await work(this.databaseUrl ?? this.#folder ?? '');
    } finally {
      await this.#start();
    }
  }

  /** Opens the store anew on the same data, as a restart does. */
  async reopen(): Promise<void> {
    await this.store.close();
    await this.#start();
  }

  async #start(): Promise<void> {
    this.engine = await openEngine({ url: this.databaseUrl, folder: this.#folder, backend: this.#backend }, this.log);
    this.store = await storeOn(this.engine, { model: words, log: this.log, archive: this.archive });
  }

  /**
   * Ends the process of the store, as `kill -9` does, in the midst of what it is asked, and starts the next one.
   * Embedded, that is a copy of the folder as it is at one moment; natively, every connection dies.
   *
   * @param hear tells what was answered up to the end
   * @param asking what is being asked, which need not end well
   */
  async crash<Heard>(hear: () => Heard, asking: Promise<unknown>): Promise<Heard> {
    const { databaseUrl } = this;
    if (databaseUrl) {
      await endConnections(databaseUrl);
      await asking;
      await this.reopen();
      return hear();
    }
    const [before = '', after] = [this.#folder, await mkdtemp(join(tmpdir(), 'anima-store-'))];
    // At once, so that nothing runs meanwhile.
    const heard = hear();
    cpSync(join(before, 'pgdata'), join(after, 'pgdata'), { recursive: true });
    await asking;
    const { store } = this;
    this.#folder = after;
    await store.close();
    await rm(before, { recursive: true, force: true });
    await this.#start();
    return heard;
  }

  get #backend() {
    return this.kind === 'citus' ? ('citus' as const) : undefined;
  }

  get db(): Database {
    return this.engine.db;
  }

  /** What the store knows of models, for its parts that a test looks at alone. */
  async models(): Promise<Models> {
    return new Models(this.engine, await migrate(this.engine, words));
  }

  /** The use cases' dependencies; budgets are so long that only a test's own model exhausts them. */
  get dependencies() {
    const { store, embedder } = this;
    return {
      store,
      embedder,
      addEmbedBudgetMs: 30_000,
      queryEmbedBudgetMs: 30_000,
      similarityThreshold: 0.25,
      ranking: 'hybrid' as const,
    };
  }

  /** A space that no other test of the file knows: alone on its shard, unless it shares one with `beside`. */
  newSpace(where: { readonly beside?: Space } = {}): Promise<Space> {
    return this.store.openSpace(this.newName(where));
  }

  /** The name of such a space, which does not exist yet. */
  newName({ beside }: { readonly beside?: Space } = {}): string {
    for (let tries = 0; tries < 10_000; tries += 1) {
      this.#spaces += 1;
      const name = `space ${this.#spaces}`;
      const shard = shardOf(name);
      if (beside ? shard === beside.shard : !this.#takenShards.has(shard)) {
        this.#takenShards.add(shard);
        return name;
      }
    }
    throw new Error(`all ${shardCount} shards are taken: this file has too many tests`);
  }
  readonly #takenShards = new Set<number>();

  /** This store and, on a server, `count - 1` more on the same database, as other processes have them. */
  async stores(count: number): Promise<readonly Store[]> {
    const { databaseUrl } = this;
    if (!databaseUrl) return [this.store];
    const options = {
      databaseUrl,
      backend: this.#backend,
      dataDir: '',
      poolMax: 4,
      worker: false,
      model: words,
      log: this.log,
    };
    const more = await Promise.all(Array.from({ length: count - 1 }, () => openStore(options)));
    this.#more.push(...more);
    return [this.store, ...more];
  }

  add(space: Space, request: string | AddRequest, dependencies = this.dependencies): Promise<AddResult> {
    const given = typeof request === 'string' ? { content: request } : request;
    return add(dependencies, addInput.parse({ ...given, space: space.id }));
  }

  addMany(space: Space, request: AddManyRequest): Promise<readonly AddResult[]> {
    return addMany(this.dependencies, addManyInput.parse({ ...request, space: space.id }));
  }

  query(space: Space, request: string | QueryRequest, store = this.store): Promise<QueryResult> {
    const given = typeof request === 'string' ? { query: request } : request;
    return query({ ...this.dependencies, store }, queryInput.parse({ ...given, space: space.id }));
  }

  /** Folds everything that the space's shard has not folded yet. */
  async fold({ shard }: Space, batchSize = 1_000): Promise<void> {
    for (const name of projections) {
      while ((await foldNextBatch(this.db, projectionRules[name], shard, atMost(batchSize))).events > 0);
    }
  }

  /**
   * A hash of every table's rows, and the names of all schemas: equal if and only if nothing changed. Receipts are
   * left out: they are written behind the requests before.
   */
  async fingerprint(): Promise<Record<string, string>> {
    const { rows: tables } = await sql<{ name: string }>`
      select relname as name from pg_class
      where relkind = 'r' and relnamespace = 'public'::regnamespace and relname <> 'receipts' order by relname`.execute(
      this.db,
    );
    const { rows: schemas } = await sql<{ names: string }>`
      select string_agg(nspname, ' ' order by nspname) as names from pg_namespace
      where nspname not like 'pg\\_%'`.execute(this.db);
    const fingerprint: Record<string, string> = { schemas: schemas[0]!.names };
    for (const { name } of tables) {
      const { rows } = await sql<{ hash: string | null }>`
        select count(*) || ' ' || md5(string_agg(t::text, '|' order by t::text)) as hash
        from ${sql.table(name)} t`.execute(this.db);
      fingerprint[name] = rows[0]!.hash ?? 'empty';
    }
    return fingerprint;
  }
}

/** A database without anything in it, and without a store. Whoever opens it closes it. */
export async function openEmptyEngine(kind: EngineKind, log: RecordingLog): Promise<Engine> {
  if (kind === 'postgres') return openEngine({ url: await createDatabase({ empty: true }) }, log);
  if (kind === 'citus') return openEngine(await newPlace(kind), log);
  const engine = await openEngine({ folder: await copyPgliteTemplate() }, log);
  for (const statement of ['drop schema public, pgboss cascade', 'create schema public']) {
    await sql.raw(statement).execute(engine.db);
  }
  return engine;
}

interface Where {
  readonly url?: string | undefined;
  readonly folder?: string | undefined;
  readonly backend?: 'citus' | undefined;
}

/** Migrated already, but on a cluster, where a database is no copy of another. */
async function newPlace(kind: EngineKind): Promise<Where> {
  if (kind === 'pglite') return { folder: await copyPgliteTemplate() };
  if (kind === 'postgres') return { url: await createDatabase() };
  if (!citus) throw new Error('there is no cluster');
  // Dropped when the run ends, with those that a broken-off test left behind.
  return { url: (await createClusterDatabase(citus.coordinatorUrl, citus.prefix)).url, backend: 'citus' };
}

function openEngine({ url, folder, backend }: Where, log: RecordingLog): Promise<Engine> {
  return url
    ? openPostgres({ databaseUrl: url, backend, poolMax: 12, worker: true, log })
    : openPglite({ folder, worker: true, log });
}

/** A new database on the native server: a copy of the migrated template, or empty. It is dropped when the run ends. */
export async function createDatabase({ empty = false } = {}): Promise<string> {
  if (!postgres) throw new Error('there is no native server');
  const { maintenanceUrl, template } = postgres;
  const name = `${template}_${randomUUID().slice(0, 8)}`;
  await withClient(maintenanceUrl, (client) =>
    client.query(`create database "${name}" template "${empty ? 'template0' : template}"`),
  );
  const url = new URL(maintenanceUrl);
  url.pathname = name;
  return url.href;
}

async function endConnections(databaseUrl: string): Promise<void> {
  await withClient(databaseUrl, (client) =>
    client.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'anima'`),
  );
}

/** A folder of the embedded engine: a copy of the migrated template. */
async function copyPgliteTemplate(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'anima-store-'));
  await cp(join(inject('pgliteTemplate'), 'pgdata'), join(folder, 'pgdata'), { recursive: true });
  return folder;
}
