import { AnimaError, type Log } from '@anima/core';
import { PostgresDialect } from 'kysely';
import pg from 'pg';
import { PgBoss } from 'pg-boss';
import { type Engine, OuterDatabase } from './engine.ts';
import { statementName } from './statement-names.ts';
import { keepStatistics } from './statistics.ts';
import { WalledQuery, walledSpace } from './wall.ts';
import { withoutContent } from './without-content.ts';

/** Waiting callers from which the pool is worth a warning. */
const waitingWarning = 5;

/**
 * Settings of every session. Without iterative scans a filter cuts HNSW's answer short (9.7 of 20
 * rows at 10 %); at the default random_page_cost a sequential scan looks cheaper than the index.
 */
const sessionSettings = [
  'hnsw.iterative_scan=relaxed_order',
  'hnsw.ef_search=100',
  'random_page_cost=1.1',
  'jit=off',
  'timezone=UTC',
  // Longer than any statement of ours but the build of an index: what takes longer has gone wrong.
  'statement_timeout=10min',
  'idle_in_transaction_session_timeout=5min',
];

/** Connects to PostgreSQL ≥ 15 with pgvector ≥ 0.8 through a pool of at most `poolMax` connections. */
export async function openPostgres(options: {
  readonly databaseUrl: string;
  readonly poolMax: number;
  readonly worker: boolean;
  readonly log: Log;
}): Promise<Engine> {
  const { databaseUrl, poolMax, worker, log } = options;
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: poolMax,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    application_name: 'anima',
    options: sessionSettings.map((setting) => `-c ${setting}`).join(' '),
    Client: NamingClient,
    types: { getTypeParser },
  });
  pool.on('error', (error) => log.warn({ err: error }, 'an idle database connection was lost'));
  // One that is lost in use fails its query; its error event, had it no listener, would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const stopWatching = watchWaiting(pool, log);
  await checkServer(pool).catch(async (error: unknown) => {
    stopWatching();
    await pool.end();
    throw error;
  });
  const db = new OuterDatabase({
    dialect: new PostgresDialect({ pool, onCreateConnection: async (connection) => void withoutContent(connection) }),
  });
  const stopStatistics = worker ? keepStatistics(db, log, { autovacuum: true }) : undefined;
  return {
    kind: 'postgres',
    folder: undefined,
    db,
    log,
    batch: {
      ...{ append: 256, fold: { events: 500, rows: 20_000 }, lexemes: 200, vectors: 64, archive: 10_000 },
      ...{ concurrentFolds: 4, oneByOne: false },
    },
    vectorType: (dimensions) => ({ column: `halfvec(${dimensions})`, operatorClass: 'halfvec_cosine_ops' }),
    // Twice the default's care: a list of hundreds has 99 % of its true members, an insert takes half as long again.
    hnswOptions: 'with (ef_construction = 128)',
    exactScanBound: 2_000,
    searchesAtOnce: Number.POSITIVE_INFINITY,
    surveyedPairs: Number.POSITIVE_INFINITY,
    hintQuietMs: 250,
    createBoss: () =>
      new PgBoss({
        connectionString: databaseUrl,
        application_name: 'anima-jobs',
        max: 3,
        supervise: worker,
        schedule: worker,
        useListenNotify: worker,
        warningQueueSize: 1_000,
      }),
    poolGauges: () => ({
      total: pool.totalCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount,
      max: poolMax,
    }),
    close: async () => {
      stopWatching();
      await stopStatistics?.();
      await db.destroy();
    },
  };
}

/** Positions and counts stay far below 2⁵³, so a bigint arrives as a number, as it does from PGlite. */
const getTypeParser: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format);

/** A client that prepares hot statements by name, and sends behind the wall what belongs there. */
class NamingClient extends pg.Client {
  // The driver passes text and parameters; anything else is none of our business.
  override query(...args: unknown[]): never {
    const [text, values] = args;
    const query = super.query as (...args: unknown[]) => never;
    const name = typeof text === 'string' && Array.isArray(values) ? statementName(text) : undefined;
    const space = walledSpace(text);
    if (space !== undefined && typeof text === 'string') {
      return new Promise((resolve, reject) => {
        query.call(
          this,
          new WalledQuery({ name, text, values }, space, (error, result) => (error ? reject(error) : resolve(result))),
        );
      }) as never;
    }
    return name === undefined ? query.apply(this, args) : query.call(this, { name, text, values });
  }
}

async function checkServer(pool: pg.Pool): Promise<void> {
  const { rows } = await pool
    .query<{ version: number; vector: string | null }>(
      `select current_setting('server_version_num')::int as version,
         (select default_version from pg_available_extensions where name = 'vector') as vector`,
    )
    .catch((error: unknown) => {
      throw new AnimaError('UNAVAILABLE', `DATABASE_URL: the database does not answer (${reason(error)})`, {
        cause: error,
      });
    });
  const [server] = rows;
  if (!server || server.version < 150_000) {
    throw new AnimaError('UNAVAILABLE', `DATABASE_URL: PostgreSQL 15 or newer is needed, this is ${server?.version}`);
  }
  const [major = 0, minor = 0] = (server.vector ?? '0.0').split('.').map(Number);
  if (major === 0 && minor < 8) {
    const found = server.vector ? `this server has ${server.vector}` : 'this server does not have it';
    throw new AnimaError('UNAVAILABLE', `DATABASE_URL: the extension pgvector 0.8 or newer is needed; ${found}`);
  }
}

function reason(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reason).join('; ');
  return error instanceof Error ? error.message : String(error);
}

/** Warns while callers queue for a connection, at most once every ten seconds. */
function watchWaiting(pool: pg.Pool, log: Log): () => void {
  let lastWarning = Number.NEGATIVE_INFINITY;
  const timer = setInterval(() => {
    if (pool.waitingCount <= waitingWarning || performance.now() - lastWarning < 10_000) return;
    lastWarning = performance.now();
    log.warn({ waiting: pool.waitingCount, total: pool.totalCount }, 'requests are waiting for a database connection');
  }, 250);
  timer.unref();
  return () => clearInterval(timer);
}
