import { setTimeout as sleep } from 'node:timers/promises';
import { AnimaError, type MemoryVectors, type Space } from '@anima/core';
import { sql } from 'kysely';
import type { Database } from '../engine/engine.ts';
import { missingTexts, nextPage } from '../reembedding/missing-vectors.ts';
import { switchModel } from '../reembedding/switch-model.ts';
import type { RegisteredModel } from '../schema/register-model.ts';
import { embedTexts, type PendingText } from './embed-rows.ts';
import type { WorkerContext } from './worker-context.ts';

/** Memories looked at between two moves of the cursor. */
const pageSize = 32;

/** Events whose memories are looked at once more, at a time. */
const eventsAtOnce = 1_000;

/** How much longer than its work a page rests where no pace was asked for: two thirds of the time are left to requests. */
const restShare = 2;

/** The longest rest after a page, and how often it is looked whether the process is to stop, ms. */
const longestRestMs = 30_000;
const lookMs = 250;

/**
 * Switches that fail because more was added meanwhile, until a space that is written to faster than its
 * model embeds gets its model with at most a page of memories waiting for their vector.
 */
const patientAttempts = 100;

/** How long a process that died keeps others from its work; one that lives says so more often. */
const lease = '15 seconds';
const renewMs = 5_000;

interface Reembedding {
  readonly space: Space;
  readonly model: RegisteredModel;
  readonly after: string;
  readonly checked: number;
  readonly attempts: number;
  readonly textsPerSecond: number | null;
}

interface ReembeddingRow {
  readonly space_id: string;
  readonly model_id: number;
  readonly after: string;
  readonly checked: number;
  readonly attempts: number;
  readonly texts_per_second: number | null;
}

/**
 * Does the next piece of a shard's reembeddings: one page of one space. All that there is to know is in the
 * database, so whoever comes next goes on where this one stopped, however it did.
 *
 * @returns whether more is to be done here
 * @throws AnimaError `UNAVAILABLE` while the model does not answer: it is tried again, later each time
 */
export async function reembedNext(context: WorkerContext, shard: number): Promise<boolean> {
  const reembedding = await claim(context, shard);
  if (!reembedding) return false;
  const renewing = setInterval(() => renew(context, reembedding), renewMs);
  try {
    await step(context, reembedding);
  } catch (error) {
    await noteProblem(context, reembedding, error);
    throw error;
  } finally {
    clearInterval(renewing);
  }
  return true;
}

/** The one that waits longest. A lease, because no transaction may stay open while a model thinks. */
async function claim(
  { engine: { db }, models, spaces, processName }: WorkerContext,
  shard: number,
): Promise<Reembedding | undefined> {
  const { rows } = await sql<ReembeddingRow>`
    update reembeddings set leased_by = ${processName}, leased_until = now() + ${lease}::interval
    where shard = ${shard} and space_id = (
      select space_id from reembeddings
      where shard = ${shard} and (leased_by is null or leased_by = ${processName} or leased_until < now())
      order by leased_until nulls first limit 1 for update skip locked)
    returning space_id, model_id, after, checked, attempts, texts_per_second`.execute(db);
  const [row] = rows;
  if (!row) return undefined;
  const { after, checked, attempts, texts_per_second: textsPerSecond } = row;
  const model = await models.byId(row.model_id);
  return { space: { ...(await spaces.open(row.space_id)), model }, model, after, checked, attempts, textsPerSecond };
}

/** A slow model takes its time over a page. */
function renew({ engine: { db }, processName, log }: WorkerContext, { space }: Reembedding): void {
  sql`update reembeddings set leased_until = now() + ${lease}::interval
    where shard = ${space.shard} and space_id = ${space.id} and leased_by = ${processName}`
    .execute(db)
    .catch((error: unknown) => log.warn({ err: error }, 'a lease on reembedding was not renewed; it may run out'));
}

async function step(context: WorkerContext, reembedding: Reembedding): Promise<void> {
  const { engine, admit } = context;
  const { space, model, after, textsPerSecond } = reembedding;
  const size = Math.min(pageSize, textsPerSecond ?? pageSize);
  const page = await admit(() => nextPage(engine.db, space, model, { after, size }));
  const last = page.at(-1);
  if (!last) return finish(context, reembedding);
  const texts = page.flatMap(({ content, ...memory }) => (content === null ? [] : [{ ...memory, content }]));
  const tookMs = await embedPage(context, reembedding, texts);
  await sql`
    update reembeddings set after = ${last.memory_id}, done = done + ${page.length}::integer,
      total = greatest(total, done + ${page.length}::integer), problem = null
    where shard = ${space.shard} and space_id = ${space.id} and model_id = ${model.modelId}`.execute(engine.db);
  if (texts.length > 0) await rest(context, reembedding, texts.length, tookMs);
}

/** Embeds what the log named since it began, and switches once there is nothing. */
async function finish(context: WorkerContext, reembedding: Reembedding): Promise<void> {
  const { engine, admit, hints, log, spaces } = context;
  const { space, model, attempts, checked: after } = reembedding;
  const { db } = engine;
  // Read before the look, which then sees all that was appended up to there.
  const head = await headOf(db, space);
  const upTo = Math.min(head, after + eventsAtOnce);
  const missing = await admit(() => missingTexts(db, space, model, { after, upTo, limit: pageSize }));
  const tookMs = await embedPage(context, reembedding, missing);
  const checked = missing.length < pageSize ? upTo : after;
  const mayMiss = attempts < patientAttempts ? 0 : pageSize;
  const isLast = checked === head;
  if (isLast && (await admit(() => switchModel(db, space, model, { checked, mayMiss })))) {
    spaces.forget(space.id);
    for (const task of ['memory_state', 'associations', 'lexemes', 'embed'] as const) hints.send(task, [space.shard]);
    log.info({ space: space.id, model: model.name }, 'the space has its new model');
    return;
  }
  await sql`
    update reembeddings set checked = ${checked}, attempts = attempts + ${isLast ? 1 : 0}::integer, problem = null
    where shard = ${space.shard} and space_id = ${space.id} and model_id = ${model.modelId}`.execute(db);
  if (missing.length > 0) await rest(context, reembedding, missing.length, tookMs);
}

async function headOf(db: Database, { shard }: Space): Promise<number> {
  const { rows } = await sql<{ position: number }>`select position from shard_heads where shard = ${shard}`.execute(db);
  return rows[0]?.position ?? 0;
}

/** @returns how long it took, ms */
async function embedPage(
  context: WorkerContext,
  { space }: Reembedding,
  texts: readonly PendingText[],
): Promise<number> {
  const startedAt = performance.now();
  const { vectors, engine, admit } = context;
  /** By small statements with rests between, where requests share the engine's one thread. */
  const save = async (of: Space, entries: readonly MemoryVectors[]) => {
    if (!engine.batch.oneByOne) return vectors.save(of, entries);
    for (const entry of entries) await admit(() => vectors.save(of, [entry]));
  };
  await embedTexts({ ...context, vectors: { save } }, space, texts);
  return performance.now() - startedAt;
}

/** A model in this process, or beside it, takes its time from requests. Where a pace was asked for, that decides. */
async function rest(
  { isStopping }: WorkerContext,
  { textsPerSecond }: Reembedding,
  texts: number,
  tookMs: number,
): Promise<void> {
  const restMs = textsPerSecond === null ? restShare * tookMs : (1_000 * texts) / textsPerSecond - tookMs;
  const endsAt = performance.now() + Math.min(longestRestMs, restMs);
  for (let leftMs = restMs; leftMs > 0 && !isStopping(); leftMs = endsAt - performance.now()) {
    await sleep(Math.min(lookMs, leftMs));
  }
}

/** For who watches: what a person can do about it, never what a text says. */
async function noteProblem(
  { engine: { db } }: WorkerContext,
  { space, model }: Reembedding,
  error: unknown,
): Promise<void> {
  const problem = error instanceof AnimaError ? error.message : "it failed; the server's log says why";
  await sql`
    update reembeddings set problem = ${problem}
    where shard = ${space.shard} and space_id = ${space.id} and model_id = ${model.modelId}`.execute(db);
}
