import { join } from 'node:path';
import { AnimaError, type Log } from '@anima/core';
import { PGlite } from '@electric-sql/pglite';
import { btree_gin } from '@electric-sql/pglite/contrib/btree_gin';
import { vector } from '@electric-sql/pglite-pgvector';
import { PGliteDialect } from 'kysely';
import { fromPglite, PgBoss } from 'pg-boss';
import { type Engine, OuterDatabase } from './engine.ts';
import { lockFolder } from './folder-lock.ts';
import { copyEmptyCluster } from './new-cluster.ts';
import { preparingClient } from './preparing-client.ts';
import { keepStatistics } from './statistics.ts';
import { withoutContent } from './without-content.ts';

const sessionSettings = `
  set hnsw.iterative_scan = relaxed_order; set hnsw.ef_search = 100;
  set random_page_cost = 1.1; set jit = off; set timezone = 'UTC'; set default_statistics_target = 25`;

/**
 * Opens the embedded engine: PostgreSQL in this process, its data in `folder` (in memory without
 * one). It never syncs to disk: what it acknowledged survives the death of this process, not the
 * loss of power.
 *
 * @throws AnimaError `CONFLICT` when another process holds the folder
 */
export async function openPglite(options: {
  readonly folder: string | undefined;
  /** Where an empty database is kept that new folders start from; without one each is initialised anew. */
  readonly cacheDir?: string | undefined;
  readonly worker: boolean;
  readonly log: Log;
}): Promise<Engine> {
  const { folder, cacheDir, worker, log } = options;
  const unlock = folder === undefined ? undefined : lockFolder(folder);
  try {
    const dataDir = folder && join(folder, 'pgdata');
    if (dataDir && cacheDir) await copyEmptyCluster(dataDir, cacheDir);
    const pglite = await PGlite.create({
      ...(dataDir === undefined ? {} : { dataDir }),
      extensions: { vector, btree_gin },
    });
    await pglite.exec('create extension if not exists vector');
    await pglite.exec(sessionSettings);
    const db = new OuterDatabase({
      dialect: new PGliteDialect({
        pglite: preparingClient(pglite),
        onCreateConnection: async (connection) => void withoutContent(connection),
      }),
    });
    const stopStatistics = keepStatistics(db, log, { autovacuum: false });
    return {
      kind: 'pglite',
      folder,
      db,
      direct: db,
      isDistributed: false,
      isPooled: false,
      replica: undefined,
      log,
      batch: {
        ...{ append: 64, fold: { events: 50, rows: 1_000 }, lexemes: 50, vectors: 8, archive: 2_000 },
        ...{ concurrentFolds: 1, concurrentVectors: 1, oneByOne: true },
      },
      // Building a halfvec index is 6–13 times slower here; `vector` is indexed up to 2,000 dimensions.
      vectorType: (dimensions) =>
        dimensions <= 2_000
          ? { column: `vector(${dimensions})`, operatorClass: 'vector_cosine_ops' }
          : { column: `halfvec(${dimensions})`, operatorClass: 'halfvec_cosine_ops' },
      // Half the default's work for an insert, four fifths for a search; recall@50 99.7 % of the default's at 10,000.
      hnswOptions: 'with (m = 12, ef_construction = 48)',
      exactScanBound: 1_000,
      // A search takes ten times as long as what else a request needs, and nothing runs beside it.
      searchesAtOnce: 3,
      // Half a second to three, in which nothing else is answered and which nothing can interrupt.
      surveyedPairs: 500_000,
      // Sending, taking and finishing a job costs as much of the one thread as two queries.
      hintQuietMs: 1_000,
      createBoss: () =>
        new PgBoss({
          db: fromPglite(pglite),
          backend: 'pglite',
          supervise: worker,
          schedule: worker,
          useListenNotify: worker,
          monitorVacuum: false,
        }),
      poolGauges: () => ({ total: 1, idle: 1, waiting: 0, max: 1 }),
      close: async () => {
        await stopStatistics();
        await db.destroy();
        unlock?.();
      },
    };
  } catch (error) {
    unlock?.();
    if (error instanceof AnimaError) throw error;
    throw new AnimaError('UNAVAILABLE', `the embedded database in ${folder ?? 'memory'} could not be opened`, {
      cause: error,
    });
  }
}
