import { setTimeout as sleep } from 'node:timers/promises';
import { projections } from '@anima/core';
import { sql } from 'kysely';
import pLimit from 'p-limit';
import type { Job, JobResult } from 'pg-boss';
import type { Database } from '../engine/engine.ts';
import { foldNextBatch } from '../projections/fold-shard.ts';
import { projectionRules } from '../projections/rules.ts';
import { forgetQueryVectors } from '../query-vectors.ts';
import type { RegisteredModel } from '../schema/migrate.ts';
import { forgetAbandoned } from '../transfer/imports.ts';
import { countLexemes, lexemesCheckpoint } from './count-lexemes.ts';
import { embedPending } from './embed-pending.ts';
import { queues, type ShardJob, type Task } from './queues.ts';
import { ShardRunner } from './shard-runner.ts';
import type { WorkerContext } from './worker-context.ts';

/** Between polls for a hint whose notification was lost, in seconds. */
const pollSeconds = 2;

/** Between looks for shards whose hints were lost, with their worker or on their way. */
const sweepMs = 5_000;

/** Shards that a worker takes at once. */
const shardsInARow = 8;

/** Between two batches on an engine that requests and workers share; a backlog must still get done. */
const longestRestMs = 20;

/**
 * Folds, embeds and sweeps until the queue is stopped.
 *
 * @returns a function that ends the sweeping
 */
export async function startWorkers(context: WorkerContext): Promise<() => void> {
  const { engine, log } = context;
  const { batch, db } = engine;
  const admit: Admit = batch.oneByOne ? withRests() : (work) => work();
  for (const name of projections) {
    const fold = (shard: number) => foldNextBatch(db, projectionRules[name], shard, batch.fold);
    await workOnShards(context, name, batch.concurrentFolds, async (shard) => (await admit(() => fold(shard))).isFull);
  }
  await workOnShards(context, 'lexemes', 1, async (shard) => {
    const counted = await admit(() => countLexemes(db, shard, batch.lexemes));
    return counted === batch.lexemes;
  });
  await workOnShards(context, 'embed', batch.concurrentFolds, (shard) => embedPending(context, shard));
  const sweepAndReport = () => sweep(context).catch((error: unknown) => log.error({ err: error }, 'a sweep failed'));
  await sweepAndReport();
  const timer = setInterval(sweepAndReport, sweepMs);
  return () => clearInterval(timer);
}

type Admit = <T>(work: () => Promise<T>) => Promise<T>;

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
      results.push({ id, status: (await runner.run(data.shard)) ? 'completed' : 'failed' });
    }
    return results;
  });
}

/** Hints every shard that is behind, and forgets requests whose keys have expired, files of which no more came, and vectors of old queries. */
async function sweep({ engine: { db }, hints, model, isStopping }: WorkerContext): Promise<void> {
  const behind = await shardsBehind(db);
  for (const task of projections) hints.send(task, behind.get(task) ?? []);
  hints.send('lexemes', behind.get(lexemesCheckpoint) ?? []);
  hints.send('embed', [...(behind.get(model.checkpoint) ?? []), ...(await shardsWithDueFailures(db, model))]);
  await sql`delete from requests where (shard, space_id, key) in (
    select shard, space_id, key from requests where expires_at < now() limit 10000)`.execute(db);
  await forgetAbandoned(db);
  while (!isStopping() && (await forgetQueryVectors(db)));
}

async function shardsBehind(db: Database): Promise<Map<string, number[]>> {
  const { rows } = await sql<{ projection: string; shard: number }>`
    select c.projection, c.shard from fold_checkpoints c join shard_heads h using (shard)
    where h.position > c.position`.execute(db);
  const behind = new Map<string, number[]>();
  for (const { projection, shard } of rows) behind.set(projection, [...(behind.get(projection) ?? []), shard]);
  return behind;
}

async function shardsWithDueFailures(db: Database, model: RegisteredModel): Promise<number[]> {
  const { rows } = await sql<{ shard: number }>`
    select distinct shard from embedding_failures
    where model_id = ${model.modelId} and next_attempt_at <= now()`.execute(db);
  return rows.map(({ shard }) => shard);
}
