import { type LogSizes, projections, type ReplicaGauges, type SharedRedis, type StoreGauges } from '@anima/core';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { ApiDependencies } from './dependencies.ts';
import { loggableError } from './loggable-error.ts';

/** Readings of the store, in the names Prometheus gives them. */
const storeGauges: readonly [name: string, help: string, read: (gauges: StoreGauges) => number][] = [
  ['anima_db_connections', 'Connections of the pool', ({ pool }) => pool.total],
  ['anima_db_connections_idle', 'Connections of the pool that nobody uses', ({ pool }) => pool.idle],
  ['anima_db_connections_max', 'Connections that the pool may open', ({ pool }) => pool.max],
  ['anima_db_waiting_requests', 'Requests that wait for a connection', ({ pool }) => pool.waiting],
  ['anima_fold_lag_events', 'Events of the log that no projection has folded yet', ({ folds }) => folds.lagEvents],
  ['anima_fold_lag_seconds', 'Age of the oldest event that is not folded yet', ({ folds }) => folds.lagMs / 1_000],
  ['anima_embeddings_pending', 'Memories that wait for their vector', ({ pendingEmbeddings }) => pendingEmbeddings],
  ['anima_jobs_queued', 'Jobs that wait', ({ jobs }) => jobs.queued],
  ['anima_jobs_active', 'Jobs that run', ({ jobs }) => jobs.active],
  ['anima_jobs_failed', 'Jobs that failed for good', ({ jobs }) => jobs.failed],
];

/** How large the log is; how fast it grows is the rate of its events. */
const logGauges: readonly [name: string, help: string, read: (sizes: LogSizes) => number][] = [
  ['anima_log_events', 'Events that were ever appended', ({ events }) => events],
  ['anima_log_table_events', 'Events that are in the database', ({ table }) => table.events],
  ['anima_log_table_bytes', 'Size of their table with its indexes', ({ table }) => table.bytes],
  ['anima_log_archive_events', 'Events that are in files', ({ archive }) => archive.events],
  ['anima_log_archive_files', 'Files that they are in', ({ archive }) => archive.files],
  ['anima_log_archive_bytes', 'Size of the files and of the snapshots that a rebuild begins with', archivedBytes],
];

function archivedBytes({ archive }: LogSizes): number {
  return archive.bytes + archive.snapshotBytes;
}

/** A registry of its own, with what the process says of itself; the meter adds the operations. */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

/** One of the things measured, with all its values. */
export type MetricFamily = Awaited<ReturnType<Registry['getMetricsAsJSON']>>[number];

/** Everything there is to measure, read now: as Prometheus text, or as data for whoever else it is sent to. */
interface Measurements {
  text(): Promise<string>;
  families(): Promise<readonly MetricFamily[]>;
}

/** When the database does not answer, its readings are absent rather than stale, and `anima_db_up` is 0. */
export function createMeasurements(registry: Registry, { store, embedder, redis, log }: ApiDependencies): Measurements {
  const registers = [registry];
  const up = new Gauge({ name: 'anima_db_up', help: 'Whether the database answers', registers });
  const gauges = storeGauges.map(([name, help, read]) => ({ gauge: new Gauge({ name, help, registers }), read }));
  const folded = new Counter({
    ...{ name: 'anima_folded_events_total', help: 'Events that this process has folded', labelNames: ['projection'] },
    registers,
  });
  const ofLog = logGauges.map(([name, help, read]) => ({ gauge: new Gauge({ name, help, registers }), read }));
  const hits = new Counter({ name: 'anima_embedding_cache_hits_total', help: 'Embeddings found cached', registers });
  const misses = new Counter({ name: 'anima_embedding_cache_misses_total', help: 'Embeddings not cached', registers });
  const size = new Gauge({ name: 'anima_embedding_cache_entries', help: 'Embeddings in the cache', registers });

  const readStore = async () => {
    try {
      const [reading, sizes] = await Promise.all([store.gauges(), store.logSizes()]);
      up.set(1);
      for (const { gauge, read } of ofLog) gauge.set(read(sizes));
      for (const { gauge, read } of gauges) gauge.set(read(reading));
      folded.reset();
      readReplica(reading.replica);
      for (const projection of projections) folded.inc({ projection }, reading.folded[projection]);
    } catch (error) {
      up.set(0);
      for (const { gauge } of [...gauges, ...ofLog]) gauge.remove();
      log.warn({ err: loggableError(error) }, 'the database did not answer for metrics');
    }
  };
  const readCache = () => {
    const stats = embedder.cacheStats();
    setTo(hits, stats.hits);
    setTo(misses, stats.misses);
    size.set(stats.size);
  };
  const readReplica = replicaReader(registry);
  const readRedis = redis ? redisReader(redis, registry) : () => undefined;
  const read = async () => {
    readCache();
    readRedis();
    await readStore();
  };
  return {
    text: async () => {
      await read();
      return registry.metrics();
    },
    families: async () => {
      await read();
      return registry.getMetricsAsJSON();
    },
  };
}

/** Where there is no Redis, nothing is said of it. */
function redisReader(redis: SharedRedis, registry: Registry): () => void {
  const registers = [registry];
  const up = new Gauge({ name: 'anima_redis_up', help: 'Whether Redis is there', registers });
  const hits = new Counter({ name: 'anima_redis_vector_hits_total', help: 'Vectors found in Redis', registers });
  const misses = new Counter({ name: 'anima_redis_vector_misses_total', help: 'Vectors not in Redis', registers });
  const failures = new Counter({
    name: 'anima_redis_failures_total',
    help: 'Commands that Redis did not carry out in time while it was connected',
    registers,
  });
  return () => {
    const reading = redis.reading();
    up.set(reading.isUp ? 1 : 0);
    setTo(hits, reading.hits);
    setTo(misses, reading.misses);
    setTo(failures, reading.failures);
  };
}

/** Where there is no replica, nothing is said of it. */
function replicaReader(registry: Registry): (replica: StoreGauges['replica']) => void {
  let tell: ((replica: ReplicaGauges) => void) | undefined;
  return (replica) => {
    if (!replica) return;
    tell ??= replicaTeller(registry);
    tell(replica);
  };
}

function replicaTeller(registry: Registry): (replica: ReplicaGauges) => void {
  const registers = [registry];
  const used = new Gauge({ name: 'anima_replica_used', help: 'Whether reads come from the replica', registers });
  const lag = new Gauge({
    name: 'anima_replica_lag_seconds',
    help: 'How far the replica is behind at most',
    registers,
  });
  const reads = new Counter({
    ...{ name: 'anima_replica_reads_total', help: 'Reads that may come from the replica, and where they came from' },
    labelNames: ['from'],
    registers,
  });
  return ({ isUsed, lagMs, reads: { standby, primary } }) => {
    used.set(isUsed ? 1 : 0);
    if (lagMs === null) lag.remove();
    else lag.set(lagMs / 1_000);
    reads.reset();
    reads.inc({ from: 'replica' }, standby);
    reads.inc({ from: 'primary' }, primary);
  };
}

/** What is counted elsewhere. */
function setTo(counter: Counter, value: number): void {
  counter.reset();
  counter.inc(value);
}
