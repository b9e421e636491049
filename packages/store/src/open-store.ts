import { randomUUID } from 'node:crypto';
import {
  type Embedder,
  type EmbeddingModel,
  type Filters,
  type LifecycleStore,
  type Log,
  type MemoryStore,
  projections,
  type QueryVectors,
  type Space,
  type StoreOperations,
  type TransferStore,
} from '@anima/core';
import { sql } from 'kysely';
import pLimit from 'p-limit';
import { examine } from './doctor/examine.ts';
import type { Engine } from './engine/engine.ts';
import { openPglite } from './engine/pglite.ts';
import { openPostgres } from './engine/postgres.ts';
import { readGauges } from './gauges.ts';
import { releaseLeases } from './jobs/embed-pending.ts';
import { Hints } from './jobs/hints.ts';
import { createQueues } from './jobs/queues.ts';
import { startWorkers } from './jobs/workers.ts';
import { replayErasures } from './lifecycle/erase.ts';
import { ErasureLedger } from './lifecycle/erasure-ledger.ts';
import { openLifecycle } from './lifecycle/lifecycle.ts';
import { openAppendLog } from './log/append.ts';
import { ChangeLog } from './log/change.ts';
import { beingImported } from './log/shard-heads.ts';
import { rebuild } from './projections/rebuild.ts';
import { QueryVectorTable } from './query-vectors.ts';
import { readBootstrap } from './reads/bootstrap.ts';
import { readMemories } from './reads/memories.ts';
import { search } from './reads/search.ts';
import { chooseTarget } from './reads/search-target.ts';
import { searchStructural } from './reads/structural-search.ts';
import { VectorCounts } from './reads/vector-counts.ts';
import { migrate } from './schema/migrate.ts';
import { Spaces } from './spaces.ts';
import { applyImport } from './transfer/apply-import.ts';
import { exportSpace } from './transfer/export-space.ts';
import { stageImport } from './transfer/imports.ts';
import { answering } from './unavailable.ts';
import { VectorWriter } from './vectors.ts';
import { appendCitation, appendConfiguration, appendMemories, appendRecall } from './writes.ts';

export interface StoreOptions {
  /** Connection string of a PostgreSQL ≥ 15 with pgvector; without one the embedded engine is used. */
  readonly databaseUrl: string | undefined;
  /** Folder of the embedded engine; `memory://` keeps everything in memory. */
  readonly dataDir: string;
  /** Most connections of the native pool. */
  readonly poolMax: number;
  /** Whether this process will run workers; one that does not only sends them hints. */
  readonly worker: boolean;
  readonly model: EmbeddingModel;
  readonly log: Log;
}

/** A database of memories, ready for use. */
export interface Store extends MemoryStore, LifecycleStore, TransferStore, StoreOperations {
  /** The second level of the embedding cache. */
  readonly queryVectors: QueryVectors;
  /** Folds and embeds in this process until the store is closed or the workers are stopped. */
  startWorkers(embedder: Embedder): Promise<void>;
  /** Lets the batches in hand finish and takes no more. */
  stopWorkers(): Promise<void>;
  /** Finishes what was accepted, then lets go of the database. */
  close(): Promise<void>;
}

/**
 * Opens the database, brings its schema up to date and registers the model.
 *
 * @throws AnimaError `UNAVAILABLE` when the database cannot be used, `CONFLICT` when another process
 * holds the embedded folder
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { databaseUrl, dataDir, poolMax, worker, log } = options;
  const engine = databaseUrl
    ? await openPostgres({ databaseUrl, poolMax, worker, log })
    : await openPglite({ folder: dataDir === 'memory://' ? undefined : dataDir, worker, log });
  try {
    return await storeOn(engine, { ...options, erasuresFolder: dataDir === 'memory://' ? undefined : dataDir });
  } catch (error) {
    await engine.close();
    throw error;
  }
}

interface StoreOnOptions extends Pick<StoreOptions, 'model' | 'log'> {
  /** Where the ledger of erasures is kept. */
  readonly erasuresFolder?: string | undefined;
}

/** What {@link openStore} makes of an engine; exported for tests, which look at its tables from behind. */
export async function storeOn(
  engine: Engine,
  { model: embeddingModel, log, erasuresFolder }: StoreOnOptions,
): Promise<Store> {
  const { db } = engine;
  const model = await migrate(engine, embeddingModel);
  const boss = engine.createBoss();
  boss.on('error', (error) => log.warn({ err: error }, 'the job queue reported an error'));
  await boss.start();
  await createQueues(boss);

  const hints = new Hints(boss, log, engine.hintQuietMs);
  const spaces = new Spaces(db, model);
  const vectors = new VectorWriter(engine, model);
  const queryVectors = new QueryVectorTable(engine, model, log);
  await queryVectors.prepare();
  const counts = new VectorCounts(db, model);
  const appended = (shards: Iterable<number>) => {
    for (const task of [...projections, 'lexemes'] as const) hints.send(task, shards);
  };
  const appends = openAppendLog(db, engine.batch.append, appended);
  const changes = new ChangeLog(db, appended);
  const erasures = new ErasureLedger(erasuresFolder);
  const admitSearch = pLimit(engine.searchesAtOnce);
  const { column } = engine.vectorType(model.dimensions);
  // The embedded folder has one process at a time, so that a lease never outlives its holder.
  const processName = engine.kind === 'pglite' ? 'embedded' : randomUUID();
  let stopping = false;
  let stopSweeping: (() => void) | undefined;

  const open = (space: Pick<Space, 'id'>) => spaces.open(space.id);
  const vectorColumns = { vectorsTable: model.vectorsTable, vectorColumn: column };
  const targetOf = async (space: Space, filters: Filters) => {
    const size = { ofSpace: await counts.ofSpace(space), exactScanBound: engine.exactScanBound };
    return chooseTarget(db, vectorColumns, size, space, filters);
  };
  const lifecycle = openLifecycle({ db, model, changes, erasures, open });
  const eraseAgain = () => replayErasures(db, erasures, lifecycle, open, log);
  await eraseAgain();
  const imported = async (shard: number) => {
    hints.send('embed', [shard]);
    // A file may bring back what was erased here, as a backup does.
    await eraseAgain();
  };
  return {
    ...lifecycle,
    exportSpace: (space) => exportSpace(engine, space),
    stageImport: answering((name, staged) => stageImport(db, name, staged)),
    applyImport: (name, digest) => applyImport({ engine, model, spaces, appended, imported }, name, digest),
    queryVectors,
    openSpace: answering(async (name) => {
      const space = await spaces.open(name);
      if (space.isImporting) throw beingImported(name);
      return space;
    }),
    add: answering(async (space, memories, request) => appendMemories(appends, await open(space), memories, request)),
    recordRecall: answering(async (space, recall, request) =>
      appendRecall(appends, await open(space), recall, request),
    ),
    cite: answering(async (space, recallId, ids, request) =>
      appendCitation(db, appends, await open(space), recallId, ids, request),
    ),
    configure: answering(async (space, settings, request) => {
      const configured = await appendConfiguration(changes, await open(space), settings, request);
      spaces.forget(space.id);
      return configured;
    }),
    search: answering(async (space, wanted) => {
      const target = await targetOf(space, wanted.filters);
      return admitSearch(() => search(db, target, space, wanted));
    }),
    searchStructural: answering(async (space, wanted) => {
      const target = await targetOf(space, wanted.filters);
      return admitSearch(() => searchStructural(db, target, space, wanted));
    }),
    readMemories: answering((space, ids) => readMemories(db, model.vectorsTable, space, ids)),
    bootstrap: answering((space, selection) => readBootstrap(db, space, selection)),
    saveVectors: answering((space, entries) => vectors.save(space, entries)),
    requestEmbedding: (space) => hints.send('embed', [space.shard]),
    ping: answering(async () => void (await sql`select 1`.execute(db))),
    gauges: answering(() => readGauges(engine, model)),
    examine: answering(() => examine(engine, model)),
    rebuild: (options) => rebuild(engine, options),
    startWorkers: async (embedder) => {
      const isStopping = () => stopping;
      stopSweeping = await startWorkers({
        ...{ engine, boss, hints, model, spaces, vectors, embedder, log, processName, isStopping },
      });
    },
    stopWorkers: async () => {
      stopping = true;
      stopSweeping?.();
      await boss.stop({ graceful: true, close: false, timeout: 10_000 });
      await releaseLeases(engine, model, processName).catch((error: unknown) =>
        log.warn({ err: error }, 'leases on embedding were not given back; they run out'),
      );
    },
    close: async () => {
      stopping = true;
      stopSweeping?.();
      await appends.drain();
      await vectors.drain();
      await queryVectors.close();
      await hints.close();
      await boss.stop({ graceful: true, timeout: 10_000 });
      await engine.close();
    },
  };
}
