import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '@anima/core';
import { type DatabaseConnection, PostgresDialect } from 'kysely';
import pg from 'pg';
import { PgBoss } from 'pg-boss';
import { type Backend, checkServer } from './check-server.ts';
import { type Database, type Engine, OuterDatabase } from './engine.ts';
import { Replica } from './replica.ts';
import { startupOptions } from './session-settings.ts';
import { statementName } from './statement-names.ts';
import { keepStatistics } from './statistics.ts';
import { WalledQuery, walledSpace } from './wall.ts';
import { withoutContent } from './without-content.ts';

/** Appends under way on Citus: more shards than these wait their turn, so that reads find connections. */
const appendsOfOneShard = 16;

/** Connections past a pooler: to migrate, and to build an index beside traffic. They are closed when idle. */
const directMax = 2;

/** How long the answers to what was asked may take when the pool is closed, ms. */
const leaveMs = 15_000;

/** Waiting callers from which the pool is worth a warning. */
const waitingWarning = 5;

export interface PostgresOptions {
  readonly databaseUrl: string;
  /** What the server is; default `postgres`. */
  readonly backend?: Backend | undefined;
  /** Past a pooler in transaction mode, which `databaseUrl` then leads to. */
  readonly directUrl?: string | undefined;
  /** A streaming replica, and how far behind it may be, ms. */
  readonly replica?: { readonly url: string; readonly boundMs: number } | undefined;
  /** Whether hot statements are prepared by name; default: where no pooler stands between. */
  readonly prepares?: boolean | undefined;
  readonly poolMax: number;
  readonly worker: boolean;
  readonly log: Log;
}

/**
 * Connects to PostgreSQL ≥ 15 with pgvector ≥ 0.8 through a pool of at most `poolMax` connections. Who works listens and
 * holds its connections anyway, so it goes past a pooler; who only answers goes through it, and past it where a session
 * of its own is needed.
 */
export async function openPostgres(options: PostgresOptions): Promise<Engine> {
  const { databaseUrl, directUrl, backend = 'postgres', prepares, poolMax, worker, log } = options;
  const isDistributed = backend === 'citus';
  const isPooled = directUrl !== undefined && !worker;
  const url = isPooled ? databaseUrl : (directUrl ?? databaseUrl);
  await using opened = new AsyncDisposableStack();
  const open = (way: Omit<Way, 'prepares'>) =>
    opened.adopt(openPool({ ...way, prepares: prepares ?? !way.isPooled }, log), ({ db }) => leave(db));
  const { pool, db } = open({ url, max: poolMax, isPooled });
  const direct = isPooled ? open({ url: directUrl, max: directMax, isPooled: false }).db : db;
  await checkServer(direct, { setting: isPooled ? 'DATABASE_DIRECT_URL' : 'DATABASE_URL', backend });
  const replica =
    options.replica &&
    opened.use(
      new Replica({
        primary: db,
        // What leads to the primary by a pooler leads to its replica by one.
        standby: open({ url: options.replica.url, max: poolMax, isPooled: directUrl !== undefined }).db,
        boundMs: options.replica.boundMs,
        log,
      }),
    );
  opened.defer(watchWaiting(pool, log));
  if (worker) opened.defer(keepStatistics(db, log, { autovacuum: true }));
  const running = opened.move();
  return {
    kind: 'postgres',
    folder: undefined,
    db,
    direct,
    isDistributed,
    isPooled,
    replica,
    log,
    batch: {
      ...{ append: 256, fold: { events: 500, rows: 20_000 }, lexemes: 200, vectors: 64, archive: 10_000 },
      ...{ concurrentFolds: 4, concurrentVectors: 2, oneByOne: false },
      appendsOfOneShard: isDistributed ? appendsOfOneShard : undefined,
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
        connectionString: url,
        backend,
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
    close: () => running.disposeAsync(),
  };
}

/** Closes what is idle, and what is asked once it was answered: one that hangs is not waited for. */
function leave(db: Database): Promise<void> {
  return Promise.race([db.destroy(), sleep(leaveMs, undefined, { ref: false })]);
}

/** How a pool reaches its server. */
interface Way {
  readonly url: string;
  readonly max: number;
  /** Whether a pooler in transaction mode stands between: a connection then has a session for one transaction only. */
  readonly isPooled: boolean;
  readonly prepares: boolean;
}

function openPool({ url, max, isPooled, prepares }: Way, log: Log): { readonly pool: pg.Pool; readonly db: Database } {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    application_name: 'anima',
    // A pooler refuses them; there, the login has them: see `keepSessionSettings`.
    ...(isPooled ? {} : { options: startupOptions }),
    Client: prepares ? NamingClient : UnnamingClient,
    types: { getTypeParser },
  });
  pool.on('error', (error) => log.warn({ err: error }, 'an idle database connection was lost'));
  // One that is lost in use fails its query; its error event, had it no listener, would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const onCreateConnection = async (connection: DatabaseConnection) => void withoutContent(connection);
  return { pool, db: new OuterDatabase({ dialect: new PostgresDialect({ pool, onCreateConnection }) }) };
}

/** Positions and counts stay far below 2⁵³, so a bigint arrives as a number, as it does from PGlite. */
const getTypeParser: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format);

/** A client that prepares hot statements by name, and sends behind the wall what belongs there. */
class NamingClient extends pg.Client {
  protected readonly prepares: boolean = true;

  // The driver passes text and parameters; anything else is none of our business.
  override query(...args: unknown[]): never {
    const [text, values] = args;
    const query = super.query as (...args: unknown[]) => never;
    const isStatement = typeof text === 'string' && Array.isArray(values);
    const name = isStatement && this.prepares ? statementName(text) : undefined;
    const space = walledSpace(text);
    if (space !== undefined && typeof text === 'string') {
      const statement = { name, text, values, prepares: this.prepares };
      return new Promise((resolve, reject) => {
        query.call(
          this,
          new WalledQuery(statement, space, (error, result) => (error ? reject(error) : resolve(result))),
        );
      }) as never;
    }
    return name === undefined ? query.apply(this, args) : query.call(this, { name, text, values });
  }
}

/** One that names nothing, as what it named is not where its next statement may be sent. */
class UnnamingClient extends NamingClient {
  protected override readonly prepares = false;
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
