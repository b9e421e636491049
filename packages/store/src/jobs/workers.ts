import { setImmediate as nextTurn } from 'node:timers/promises';
import { projections } from '@anima/core';
import { sql } from 'kysely';
import type { Job, JobResult } from 'pg-boss';
import type { Database } from '../engine/engine.ts';
import { foldNextBatch } from '../projections/fold-shard.ts';
import { projectionRules } from '../projections/rules.ts';
import type { RegisteredModel } from '../schema/migrate.ts';
import { countLexemes, lexemesCheckpoint } from './count-lexemes.ts';
import { embedPending } from './embed-pending.ts';
import { forgetJobs, queues, type ShardJob, sweepQueue, type Task } from './queues.ts';
import type { WorkerContext } from './worker-context.ts';

/** Between polls for a hint whose notification was lost, in seconds. */
const pollSeconds = 2;

/** Shards that a worker takes at once, and batches that it folds of one before it turns to the next. */
const shardsInARow = 8;
const stepsInARow = 20;

/** Folds, embeds and sweeps until the queue is stopped. */
export async function startWorkers(context: WorkerContext): Promise<void> {
  const { engine, boss, log } = context;
  const { batch, db } = engine;
  // An embedded database has no other workers: whatever seems to be running is not, and the sweep finds all work.
  if (engine.kind === 'pglite') await forgetJobs(boss);
  for (const name of projections) {
    await workOnShards(context, name, batch.concurrentFolds, (shard) =>
      foldNextBatch(db, projectionRules[name], shard, batch[name]),
    );
  }
  await workOnShards(context, 'lexemes', 1, (shard) => countLexemes(db, shard, batch.lexemes));
  await workOnShards(context, 'embed', batch.concurrentFolds, (shard) => embedPending(context, shard));
  await boss.work(sweepQueue, { pollingIntervalSeconds: pollSeconds }, () => sweep(context));
  await boss.schedule(sweepQueue, '* * * * *');
  await sweep(context).catch((error: unknown) => log.error({ err: error }, 'the first sweep failed'));
}

/**
 * Runs `step` for hinted shards until each reports that nothing is left. A shard that is never done gives
 * way to the others after a while and is hinted anew.
 */
async function workOnShards(
  { boss, hints, log, isStopping }: WorkerContext,
  task: Task,
  concurrency: number,
  step: (shard: number) => Promise<number>,
): Promise<void> {
  const work = async (shard: number) => {
    for (let steps = 0; steps < stepsInARow; steps += 1) {
      if (isStopping() || (await step(shard)) === 0) return;
      // The embedded engine answers within one turn of the event loop: a backlog must not keep it from requests.
      await nextTurn();
    }
    hints.send(task, [shard]);
  };
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
      try {
        await work(data.shard);
        results.push({ id, status: 'completed' });
      } catch (error) {
        log.error({ err: error, task, shard: data.shard }, `work on shard ${data.shard} stopped: ${task}`);
        results.push({ id, status: 'failed' });
      }
    }
    return results;
  });
}

/** Hints every shard that is behind, and forgets requests whose keys have expired. */
async function sweep({ engine: { db }, hints, model }: WorkerContext): Promise<void> {
  const behind = await shardsBehind(db);
  for (const task of projections) hints.send(task, behind.get(task) ?? []);
  hints.send('lexemes', behind.get(lexemesCheckpoint) ?? []);
  hints.send('embed', [...(behind.get(model.checkpoint) ?? []), ...(await shardsWithDueFailures(db, model))]);
  await sql`delete from requests where (shard, space_id, key) in (
    select shard, space_id, key from requests where expires_at < now() limit 10000)`.execute(db);
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
