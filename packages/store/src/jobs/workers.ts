import { setTimeout as sleep } from 'node:timers/promises';
import { projections, type Span } from '@anima/core';
import { sql } from 'kysely';
import pLimit from 'p-limit';
import type { Job, JobResult } from 'pg-boss';
import type { Database } from '../engine/engine.ts';
import { shardsDueForSnapshot, takeSnapshot } from '../past/snapshots.ts';
import { foldNextBatch } from '../projections/fold-shard.ts';
import { projectionRules } from '../projections/rules.ts';
import { forgetQueryVectors } from '../query-vectors.ts';
import { forgetReceipts } from '../receipts.ts';
import { sweepVectors } from '../reembedding/sweep-vectors.ts';
import { forgetAbandoned } from '../transfer/imports.ts';
import { scheduleArchive } from './archive-log.ts';
import { consolidateNext, shardsToConsolidate } from './consolidate.ts';
import { countLexemes, lexemesCheckpoint } from './count-lexemes.ts';
import { scheduleDecay } from './decay.ts';
import { embedPending } from './embed-pending.ts';
import { expireDue } from './expire-due.ts';
import { queues, type ShardJob, type Task } from './queues.ts';
import { reembedNext } from './reembed.ts';
import { ShardRunner } from './shard-runner.ts';
import type { Admit, WorkerContext } from './worker-context.ts';

/** Between polls for a hint whose notification was lost, in seconds. */
const pollSeconds = 2;

/** Between looks for shards whose hints were lost, with their worker or on their way. */
const sweepMs = 5_000;

/** Between looks for receipts that are past their time: one for each space. */
const forgetReceiptsMs = 60_000;

/** Shards that a worker takes at once. */
const shardsInARow = 8;

/** Between two batches on an engine that requests and workers share; a backlog must still get done. */
const longestRestMs = 20;

/**
 * Folds, embeds and sweeps until the queue is stopped.
 *
 * @returns a function that ends the sweeping
 */
export async function startWorkers(shared: Omit<WorkerContext, 'admit'>): Promise<() => void> {
  const { engine, log, tracer } = shared;
  const { batch, db } = engine;
  const admit: Admit = batch.oneByOne ? withRests() : (work) => work();
  const context: WorkerContext = { ...shared, admit };
  /** The same work, each piece of it followed by itself. */
  const followed =
    <T>(name: string, work: (shard: number, span: Span | undefined) => Promise<T>) =>
    (shard: number) =>
      tracer.background(name, (span) => {
        span?.set('anima.shard', shard);
        return work(shard, span);
      });
  for (const name of projections) {
    const fold = followed(`fold ${name}`, async (shard, span) => {
      const folded = await foldNextBatch(db, projectionRules[name], shard, batch.fold);
      span?.set('anima.events', folded.events);
      shared.folded[name] += folded.events;
      return folded;
    });
    await workOnShards(context, name, batch.concurrentFolds, async (shard) => {
      const { isFull, isTaken } = await admit(() => fold(shard));
      // Who has it may have looked before the event that this hint is of, and may die.
      if (isTaken) context.hints.send(name, [shard]);
      return isFull;
    });
  }
  const count = followed('count lexemes', (shard) => countLexemes(db, shard, batch.lexemes));
  await workOnShards(context, 'lexemes', 1, async (shard) => (await admit(() => count(shard))) === batch.lexemes);
  const embed = followed('embed pending', (shard) => embedPending(context, shard));
  await workOnShards(context, 'embed', batch.concurrentFolds, async (shard) => {
    const isMoreLeft = await embed(shard);
    context.hints.send('consolidate', [shard]);
    return isMoreLeft;
  });
  const consolidate = followed('consolidate', (shard) => consolidateNext(context, shard));
  await workOnShards(context, 'consolidate', 1, consolidate);
  // One at a time: it is never urgent, and rests while it holds its place.
  const reembed = followed('reembed', (shard) => reembedNext(context, shard));
  await workOnShards(context, 'reembed', 1, reembed);
  await scheduleDecay(context);
  const sweepAndReport = () => sweep(context).catch((error: unknown) => log.error({ err: error }, 'a sweep failed'));
  await sweepAndReport();
  const timer = setInterval(sweepAndReport, sweepMs);
  const receiptsTimer = setInterval(() => forgetOldReceipts(context), forgetReceiptsMs);
  const stopArchiving = context.archiveLog && scheduleArchive(context, context.archiveLog);
  return () => {
    stopArchiving?.();
    clearInterval(timer);
    clearInterval(receiptsTimer);
  };
}

/** Runs batches one by one, each followed by as long a rest as it took, up to the longest. */
function withRests(): Admit {
  const oneByOne = pLimit(1);
  return (work) =>
    oneByOne(async () => {
      const startedAt = performance.now();
      const done = await work();
      await sleep(Math.min(longestRestMs, performance.now() - startedAt));
      return done;
    });
}

/** Takes hints of one task and runs it on their shards. */
async function workOnShards(
  { boss, hints, log, isStopping }: WorkerContext,
  task: Task,
  concurrency: number,
  step: (shard: number) => Promise<boolean>,
): Promise<void> {
  const runner = new ShardRunner({ task, step, hints, log, isStopping });
  const options = {
    pollingIntervalSeconds: pollSeconds,
    notifyPollingIntervalSeconds: pollSeconds,
    localConcurrency: concurrency,
    // One notification may announce many jobs: a worker fetches until a batch comes back short.
    batchSize: shardsInARow,
    burstWhenBatchFull: true,
    perJobResults: true,
  } as const;
  await boss.work(queues[task], options, async (jobs: Job<ShardJob>[]) => {
    const results: JobResult[] = [];
    for (const { id, data } of jobs) {
      const end = await runner.run(data.shard, data);
      results.push(
        end.status === 'completed' ? { id, ...end } : { id, status: end.status, output: { message: end.reason } },
      );
    }
    return results;
  });
}

/**
 * Hints every shard that is behind, ends what is due, forgets what nobody asks any more (keys, vectors, files), and copies
 * the states of shards that have moved on far since the last copy.
 */
async function sweep(context: WorkerContext): Promise<void> {
  const { engine, hints, models, isStopping } = context;
  const { db } = engine;
  const behind = await shardsBehind(db);
  for (const task of projections) hints.send(task, behind.get(task) ?? []);
  hints.send('lexemes', behind.get(lexemesCheckpoint) ?? []);
  const inUse = await models.inUse();
  const toEmbed = inUse.flatMap(({ checkpoint }) => behind.get(checkpoint) ?? []);
  hints.send('embed', [...toEmbed, ...(await shardsWithDueFailures(db))]);
  hints.send('consolidate', await shardsToConsolidate(db, inUse));
  hints.send('reembed', await shardsOfReembeddings(db));
  await forgetRequests(db);
  while (!isStopping() && (await expireDue(context)));
  await forgetAbandoned(db);
  while (!isStopping() && (await forgetQueryVectors(db)));
  await sweepVectors(db, models);
  for (const shard of await shardsDueForSnapshot(db)) if (!isStopping()) await takeSnapshot(db, shard);
}

/** Keys that nobody may send again: some of each shard, the rest at the next look. */
async function forgetRequests(db: Database): Promise<void> {
  const { rows } = await sql<{ shard: number }>`
    select distinct shard from requests where expires_at < now() /* across shards: a worker looks now and then */`.execute(
    db,
  );
  for (const { shard } of rows) {
    await sql`delete from requests where shard = ${shard} and (space_id, key) in (
      select space_id, key from requests where shard = ${shard} and expires_at < now() limit 10000)`.execute(db);
  }
}

async function forgetOldReceipts({ engine: { db }, log, isStopping }: WorkerContext): Promise<void> {
  try {
    while (!isStopping() && (await forgetReceipts(db)));
  } catch (error) {
    log.error({ err: error }, 'old receipts could not be forgotten');
  }
}

async function shardsBehind(db: Database): Promise<Map<string, number[]>> {
  const { rows } = await sql<{ projection: string; shard: number }>`
    select c.projection, c.shard from fold_checkpoints c join shard_heads h using (shard)
    where h.position > c.position and not exists (
      -- A model that no space of the shard has need not keep up with it.
      select from embedding_models m where 'vectors_' || m.model_id = c.projection
        and not exists (select from spaces s where s.shard = c.shard and s.model_id = m.model_id)) /* across shards: a worker looks now and then */`.execute(
    db,
  );
  const behind = new Map<string, number[]>();
  for (const { projection, shard } of rows) behind.set(projection, [...(behind.get(projection) ?? []), shard]);
  return behind;
}

async function shardsWithDueFailures(db: Database): Promise<number[]> {
  const { rows } = await sql<{ shard: number }>`
    select distinct f.shard from embedding_failures f
    join spaces s on s.shard = f.shard and s.space_id = f.space_id and s.model_id = f.model_id
    where f.next_attempt_at <= now() /* across shards: a worker looks now and then */`.execute(db);
  return rows.map(({ shard }) => shard);
}

async function shardsOfReembeddings(db: Database): Promise<number[]> {
  const { rows } = await sql<{ shard: number }>`
    select distinct shard from reembeddings /* across shards: a worker looks now and then */`.execute(db);
  return rows.map(({ shard }) => shard);
}
