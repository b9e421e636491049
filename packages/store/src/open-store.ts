import { randomUUID } from 'node:crypto';
import {
  type Bootstrap,
  type Embedder,
  projections,
  type QueryVectors,
  type Reembeddings,
  type Search,
  type ServerStore,
  type Space,
  untraced,
} from '@anima/core';
import { sql } from 'kysely';
import pLimit from 'p-limit';
import { archiveLog } from './archive/archive-log.ts';
import { type Archiving, archivingOf } from './archive/archiving.ts';
import { LogArchive } from './archive/log-archive.ts';
import { readLogSizes } from './archive/sizes.ts';
import { restoreBackup } from './backup/restore-backup.ts';
import { writeBackup } from './backup/write-backup.ts';
import { openBenchRuns } from './bench-runs.ts';
import { examine } from './doctor/examine.ts';
import type { Database, Engine, Reading } from './engine/engine.ts';
import { openPglite } from './engine/pglite.ts';
import { openPostgres } from './engine/postgres.ts';
import { missingSessionSettings } from './engine/session-settings.ts';
import { canBeWalled, ensureWall, readBehindWall } from './engine/wall.ts';
import { readGauges } from './gauges.ts';
import { releaseLeases } from './jobs/embed-pending.ts';
import { Hints } from './jobs/hints.ts';
import { inspectJobs } from './jobs/inspect.ts';
import { createQueues } from './jobs/queues.ts';
import { startWorkers } from './jobs/workers.ts';
import { Keys } from './keys.ts';
import { replayErasures } from './lifecycle/erase.ts';
import { ErasureLedger } from './lifecycle/erasure-ledger.ts';
import { openLifecycle } from './lifecycle/lifecycle.ts';
import { openAppendLog } from './log/append.ts';
import { ChangeLog } from './log/change.ts';
import { beingImported } from './log/shard-heads.ts';
import { countSpaces, Models } from './models.ts';
import { findMoment } from './past/moments.ts';
import { bootstrapThen, readThen } from './past/read-then.ts';
import { searchStructuralThen, searchThen } from './past/search-then.ts';
import { readStory, readTierChanges } from './past/story.ts';
import { rebuild } from './projections/rebuild.ts';
import { QueryVectorTable } from './query-vectors.ts';
import { readHubs, readNetwork, refuseTooManyPairs } from './reads/association-network.ts';
import { readConnections, readNeighbours, readSurvivor } from './reads/associations.ts';
import { readBootstrap } from './reads/bootstrap.ts';
import { readCatalysts, readMemoriesWithWords, readRecentAccesses } from './reads/catalysts.ts';
import { readEntries, readList } from './reads/entries.ts';
import { allowed } from './reads/filters.ts';
import { readMemories } from './reads/memories.ts';
import { readNearest } from './reads/nearest.ts';
import { search } from './reads/search.ts';
import { chooseTarget } from './reads/search-target.ts';
import { SharedReads } from './reads/shared-reads.ts';
import { readStrongestPairs } from './reads/strongest-pairs.ts';
import { searchStructural } from './reads/structural-search.ts';
import { VectorCounts } from './reads/vector-counts.ts';
import { withinTime } from './reads/within-time.ts';
import { Receipts } from './receipts.ts';
import { ReembeddingTable } from './reembedding/reembeddings.ts';
import { migrate, newerMigrations } from './schema/migrate.ts';
import { Spaces } from './spaces.ts';
import type { StoreOptions } from './store-options.ts';
import { readActivity } from './survey/activity.ts';
import { readCheckpoints } from './survey/checkpoints.ts';
import { listSpaces } from './survey/list-spaces.ts';
import { endOfLog, readEffects, readLog } from './survey/log.ts';
import { readMerges } from './survey/merges.ts';
import { Overviews } from './survey/overviews.ts';
import { traced } from './traced-store.ts';
import { applyImport } from './transfer/apply-import.ts';
import { exportSpace } from './transfer/export-space.ts';
import { stageImport } from './transfer/imports.ts';
import { answering } from './unavailable.ts';
import { VectorWriter } from './vectors.ts';
import { appendCitation, appendConfiguration, appendMemories, appendRecall } from './writes.ts';

/** A database of memories, ready for use. */
export interface Store extends ServerStore {
  /** The second level of the embedding cache. */
  readonly queryVectors: QueryVectors;
  readonly reembeddings: Reembeddings;
  /** Folds and embeds in this process until the store is closed or the workers are stopped. */
  startWorkers(embedder: Embedder): Promise<void>;
  /** Lets the batches in hand finish and takes no more. */
  stopWorkers(): Promise<void>;
  /** Finishes what was accepted, then lets go of the database. */
  close(): Promise<void>;
}

/**
 * Opens the database, brings its schema up to date and registers the model of new spaces.
 *
 * @throws AnimaError `UNAVAILABLE` when the database cannot be used, `CONFLICT` when another process
 * holds the embedded folder
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { databaseUrl, backend, directUrl, replica, prepares, dataDir, cacheDir, poolMax, worker, log } = options;
  const engine = databaseUrl
    ? await openPostgres({ databaseUrl, backend, directUrl, replica, prepares, poolMax, worker, log })
    : await openPglite({ folder: dataDir === 'memory://' ? undefined : dataDir, cacheDir, worker, log });
  try {
    const archive = archivingOf(options.archive, engine);
    return await storeOn(engine, {
      ...options,
      archive,
      erasuresFolder: dataDir === 'memory://' ? undefined : dataDir,
    });
  } catch (error) {
    await engine.close();
    throw error;
  }
}

export interface StoreOnOptions extends Pick<StoreOptions, 'model' | 'log' | 'consolidates' | 'tracer'> {
  readonly archive?: Archiving | undefined;
  /** Where the ledger of erasures is kept. */
  readonly erasuresFolder?: string | undefined;
}

/** What {@link openStore} makes of an engine; exported for tests, which look at its tables from behind. */
export async function storeOn(
  engine: Engine,
  {
    model: embeddingModel,
    log,
    archive: archiving = archivingOf(undefined, engine),
    erasuresFolder,
    consolidates = true,
    tracer,
  }: StoreOnOptions,
): Promise<Store> {
  const { db } = engine;
  const models = new Models(engine, await migrate(engine, embeddingModel));
  const newer = await newerMigrations(db);
  if (newer.length > 0) log.warn({ migrations: newer }, 'a newer version migrated this database; this one goes on');
  const unset = engine.isPooled ? await missingSessionSettings(db) : [];
  if (unset.length > 0)
    log.warn({ settings: unset }, 'sessions of the pooler lack settings: "anima doctor" says what to do');
  const problem = canBeWalled(engine) ? await ensureWall(engine.direct) : undefined;
  if (problem !== undefined) log.warn({ reason: problem }, 'row-level security is off: its role could not be set up');
  if (engine.isDistributed) log.warn({}, 'row-level security is off: it does not reach the nodes of a Citus cluster');
  const isWalled = canBeWalled(engine) && problem === undefined;
  const boss = engine.createBoss();
  boss.on('error', (error) => log.warn({ err: error }, 'the job queue reported an error'));
  await boss.start();
  await createQueues(boss);

  const hints = new Hints(boss, log, engine.hintQuietMs);
  const spaces = new Spaces(db, models);
  const vectors = new VectorWriter(engine, models);
  const queryVectors = new QueryVectorTable(engine, models, log);
  await queryVectors.prepare();
  const archive = new LogArchive(archiving.place);
  const receipts = new Receipts(db, archive, log);
  const counts = new VectorCounts(db, models);
  const appended = (shards: Iterable<number>) => {
    for (const task of [...projections, 'lexemes'] as const) hints.send(task, shards);
  };
  const appends = openAppendLog(db, engine.batch, appended);
  const { replica } = engine;
  const current: Reading = (_, read) => read(db);
  const reading = replica ? replica.read : current;
  const changes = new ChangeLog(db, (space) => {
    appended([space.shard]);
    replica?.wrote(space);
  });
  const erasures = new ErasureLedger(erasuresFolder);
  const overviews = new Overviews(reading);
  const keys = new Keys(db, log);
  const bootstraps = new SharedReads<Bootstrap>();
  const jobs = inspectJobs(db, boss);
  const admitSearch = pLimit(engine.searchesAtOnce);
  // A survey reads all pairs of a space: one at a time, whoever asks how often.
  const admitSurvey = pLimit(1);
  const survey = <T>(space: Space, read: (trx: Database) => Promise<T>) =>
    admitSurvey(() =>
      reading(space, (from) =>
        withinTime(from, async (trx) => {
          await refuseTooManyPairs(trx, space, engine.surveyedPairs);
          return read(trx);
        }),
      ),
    );
  const reembeddings = new ReembeddingTable(db, models, spaces, hints);
  // The embedded folder has one process at a time, so that a lease never outlives its holder.
  const processName = engine.kind === 'pglite' ? 'embedded' : randomUUID();
  const folded = { memory_state: 0, associations: 0 };
  let stopping = false;
  let stopSweeping: (() => void) | undefined;

  /** What shows the content of memories, by their ids. */
  const walled = <T>(space: Space, read: () => Promise<T>) => (isWalled ? readBehindWall(db, space, read) : read());
  const open = (space: Pick<Space, 'id'>) => spaces.open(space.id);
  // By the model that the space had when it was opened: its query was embedded by that one.
  const vectorsOf = ({ model }: Space) => {
    const { vectorsTable, dimensions } = models.of(model);
    return { vectorsTable, vectorColumn: engine.vectorType(dimensions).column };
  };
  const placeOf = async (space: Space) => ({
    ...vectorsOf(space),
    ...(await counts.of(space)),
    exactScanBound: engine.exactScanBound,
  });
  const targetOf = async (space: Space, { filters }: Pick<Search, 'filters'>) => {
    const place = await placeOf(space);
    return chooseTarget(db, place, place, space, allowed(space, filters));
  };
  const lifecycle = openLifecycle({ db, tableOf: (space) => vectorsOf(space).vectorsTable, changes, erasures, open });
  const nearest = answering(async (space: Space, memoryId: string, least: number) => {
    const target = await targetOf(space, { filters: {} });
    return admitSearch(() => readNearest(db, target, space, memoryId, least));
  });
  const duplicates = { merge: lifecycle.merge, nearest };
  const eraseAgain = () => replayErasures(db, erasures, lifecycle, open, log);
  await eraseAgain();
  const imported = async ({ id, shard }: Pick<Space, 'id' | 'shard'>) => {
    replica?.wrote({ id });
    hints.send('embed', [shard]);
    // A file may bring back what was erased here, as a backup does.
    await eraseAgain();
  };
  const store: Store = {
    ...lifecycle,
    readEntries: (space, ids) => walled(space, () => lifecycle.readEntries(space, ids)),
    readVersions: (space, id) => walled(space, () => lifecycle.readVersions(space, id)),
    readVariants: (space, id) => walled(space, () => lifecycle.readVariants(space, id)),
    list: answering((space, page) =>
      (page.isCurrent ? current : reading)(space, async (from) => {
        const { vectorsTable } = vectorsOf(space);
        const found = await readList(from, vectorsTable, space, page);
        if (!isWalled) return found;
        const ids = found.memories.map(({ id }) => id);
        return { ...found, memories: await walled(space, () => readEntries(from, vectorsTable, space, ids)) };
      }),
    ),
    ...openBenchRuns(db),
    backup: () => writeBackup(engine),
    restoreBackup: answering(async (lines) => {
      const restored = await restoreBackup(engine, lines);
      if (isWalled) await ensureWall(db);
      return restored;
    }),
    principalOf: keys.principalOf,
    createKey: keys.createKey,
    listKeys: keys.listKeys,
    revokeKey: keys.revokeKey,
    nearest,
    exportSpace: (space) => exportSpace(engine, archive, space),
    stageImport: answering((name, staged) => stageImport(db, name, staged)),
    applyImport: (name, digest) => applyImport({ engine, models, spaces, appended, imported }, name, digest),
    queryVectors,
    reembeddings: {
      read: answering((space) => reembeddings.read(space)),
      begin: answering((space, next, options) => reembeddings.begin(space, next, options)),
      cancel: answering((space) => reembeddings.cancel(space)),
    },
    openSpace: answering(async (name) => {
      const space = await spaces.open(name);
      if (space.isImporting) throw beingImported(name);
      return space;
    }),
    add: answering(async (space, memories, request) => {
      const added = await appendMemories(appends, await open(space), memories, request);
      replica?.wrote(space);
      return added;
    }),
    recordRecall: answering(async (space, recall, request) => {
      const { recorded, place } = await appendRecall(appends, await open(space), recall, request);
      if (place) receipts.keep({ space, recallId: recorded.recallId, recall, ...place });
      return recorded;
    }),
    cite: answering(async (space, recallId, ids, request) =>
      appendCitation(db, archive, appends, await open(space), recallId, ids, request),
    ),
    configure: answering(async (space, settings, request) => {
      const configured = await appendConfiguration(changes, await open(space), settings, request);
      spaces.forget(space.id);
      return configured;
    }),
    search: answering(async (space, wanted) => {
      const target = await targetOf(space, wanted);
      return admitSearch(() => search(db, target, space, wanted));
    }),
    searchStructural: answering(async (space, wanted) => {
      const target = await targetOf(space, wanted);
      return admitSearch(() => searchStructural(db, target, space, wanted));
    }),
    readMemories: answering((space, ids) =>
      walled(space, () => readMemories(db, vectorsOf(space).vectorsTable, space, ids)),
    ),
    bootstrap: answering((space, selection) =>
      bootstraps.read(JSON.stringify([space.shard, space.id, selection]), () =>
        reading(space, (from) => walled(space, () => readBootstrap(from, space, selection))),
      ),
    ),
    neighbours: answering((space, ids, wanted) =>
      walled(space, () => withinTime(db, (trx) => readNeighbours(trx, space, ids, wanted))),
    ),
    connections: answering((space, ids) =>
      walled(space, () => withinTime(db, (trx) => readConnections(trx, space, ids))),
    ),
    hubs: answering((space, wanted) => survey(space, (trx) => readHubs(trx, space, wanted))),
    network: answering((space) => survey(space, (trx) => readNetwork(trx, space))),
    survivorOf: answering((space, id) => readSurvivor(db, space, id)),
    catalysts: answering((space, limit) => readCatalysts(db, space, limit)),
    recentAccesses: answering((space, wanted) => readRecentAccesses(db, space, wanted)),
    memoriesWithWords: answering((space, words, limit) => readMemoriesWithWords(db, space, words, limit)),
    findMoment: answering((space, asOf) => findMoment(db, archive, space, asOf)),
    searchThen: answering(async (space, wanted, moment) => {
      const place = await placeOf(space);
      return admitSearch(() => searchThen(db, archive, place, space, wanted, moment));
    }),
    searchStructuralThen: answering(async (space, wanted, moment) => {
      const place = await placeOf(space);
      return admitSearch(() => searchStructuralThen(db, archive, place, space, wanted, moment));
    }),
    readThen: answering((space, states) => readThen(db, vectorsOf(space).vectorsTable, space, states)),
    bootstrapThen: answering((space, selection, moment) =>
      bootstrapThen(db, archive, vectorsOf(space).vectorsTable, space, selection, moment),
    ),
    readStory: answering((space, memoryId, page) => readStory(db, archive, space, memoryId, page)),
    readTierChanges: answering((space, memoryId, page) => readTierChanges(db, space, memoryId, page)),
    readReceipt: answering((space, recallId) => receipts.read(space, recallId)),
    listSpaces: answering((page) => listSpaces(db, page)),
    overviewOf: answering((space) => overviews.of(space)),
    readActivity: answering((space, limit) => reading(space, (from) => readActivity(from, space, limit))),
    strongestPairs: answering((space, wanted) => survey(space, (trx) => readStrongestPairs(trx, space, wanted))),
    readMerges: answering((space, page) => reading(space, (from) => readMerges(from, space, page))),
    readLog: answering(async (space, page) => readLog(db, archive, await open(space), page)),
    endOfLog: answering((space) => endOfLog(db, space)),
    readEffects: answering((space, position) => readEffects(db, archive, space, position)),
    readQueues: answering(() => jobs.readQueues()),
    readJobs: answering((wanted) => jobs.readJobs(wanted)),
    retryJob: answering((queue, jobId) => jobs.retryJob(queue, jobId)),
    checkpoints: answering(() => readCheckpoints(db)),
    saveVectors: answering((space, entries) => vectors.save(space, entries)),
    requestEmbedding: (space) => hints.send('embed', [space.shard]),
    ping: answering(async () => void (await sql`select 1`.execute(db))),
    gauges: answering(async () => ({ ...(await readGauges(engine, models)), folded: { ...folded } })),
    modelsInUse: answering(() => countSpaces(db)),
    examine: answering(() => examine(engine, models, archive)),
    rebuild: (options) => rebuild(engine, archive, options),
    archiveLog: (options) => archiveLog(engine, archive, archiving, options),
    logSizes: answering(() => readLogSizes(engine, archive, archiving.keepDays)),
    startWorkers: async (embedder) => {
      const isStopping = () => stopping;
      stopSweeping = await startWorkers({
        ...{ engine, boss, hints, models, spaces, vectors, embedder, changes, log, processName, isStopping },
        ...{ folded, duplicates, consolidates, tracer: tracer ?? untraced },
        archiveLog: archiving.place && (() => archiveLog(engine, archive, archiving, { dryRun: false })),
      });
    },
    stopWorkers: async () => {
      stopping = true;
      stopSweeping?.();
      await boss.stop({ graceful: true, close: false, timeout: 10_000 });
      await releaseLeases(engine, processName).catch((error: unknown) =>
        log.warn({ err: error }, 'leases on embedding were not given back; they run out'),
      );
    },
    close: async () => {
      stopping = true;
      stopSweeping?.();
      await appends.drain();
      await vectors.drain();
      await queryVectors.close();
      await receipts.close();
      await keys.close();
      await hints.close();
      await boss.stop({ graceful: true, timeout: 10_000 });
      await engine.close();
    },
  };
  return tracer ? traced(store, tracer) : store;
}
