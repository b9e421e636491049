import type { Space } from '@anima/core';
import { sql } from 'kysely';
import type { Engine } from '../engine/engine.ts';
import type { RegisteredModel } from '../schema/register-model.ts';
import { mergeSame } from './consolidate.ts';
import { embedTexts, type PendingText } from './embed-rows.ts';
import type { WorkerContext } from './worker-context.ts';

/** Texts embedded between two moves of the checkpoint. */
const batchSize = 32;
/** Events that are looked through for them: nearly all memories have their vector by then. */
const lookedThrough = 500;

interface PendingRow extends PendingText {
  readonly position: number | null;
  readonly space_id: string;
}

/**
 * Embeds what the log added and the models of its spaces have not embedded yet. One model that does not
 * answer keeps nobody from the others: the next sweep tries it again.
 *
 * @returns whether more may be left; false when another process embeds this shard
 * @throws AnimaError `UNAVAILABLE` while none of its models answers: they are tried again, later each time
 */
export async function embedPending(context: WorkerContext, shard: number): Promise<boolean> {
  const models = await context.models.inUse(shard);
  const failures: unknown[] = [];
  let isMore = false;
  for (const model of models) {
    try {
      isMore = (await embedPendingOf(context, model, shard)) || isMore;
    } catch (error) {
      failures.push(error);
      if (models.length > 1) context.log.warn({ err: error, model: model.name, shard }, 'a model is left for later');
    }
  }
  if (failures.length > 0 && failures.length === models.length) throw failures[0];
  return isMore;
}

/** The log is the queue: a checkpoint says up to where every memory has its vector, and most have it already. */
async function embedPendingOf(context: WorkerContext, model: RegisteredModel, shard: number): Promise<boolean> {
  if (!(await lease(context, model, shard))) return false;
  const head = await headOf(context, shard);
  const failed = await dueFailures(context, model, shard);
  const next = await nextAdded(context, model, shard);
  await embedRows(context, model, [...failed, ...next.pending]);
  // They come after those that consolidation follows.
  for (const { space_id, memory_id } of failed) await mergeSame(context, space_id, memory_id);
  // Where there was no more, the head as it was is reached: what lies between added nothing.
  const reached = next.upTo ?? head;
  if (reached !== undefined) await advance(context, model, shard, reached);
  return failed.length === batchSize || next.upTo !== undefined;
}

/**
 * Keeps other processes from embedding the same texts at the same time, which would be right and dear.
 * A lease instead of a lock: no transaction may stay open while a model thinks.
 */
async function lease(
  { engine: { db }, processName }: WorkerContext,
  { checkpoint }: RegisteredModel,
  shard: number,
): Promise<boolean> {
  const { rows } = await sql`
    update fold_checkpoints set leased_by = ${processName}, leased_until = now() + interval '30 seconds'
    where shard = ${shard} and projection = ${checkpoint}
      and (leased_by is null or leased_by = ${processName} or leased_until < now())
    returning 1`.execute(db);
  return rows.length > 0;
}

/** Lets others embed at once what this process, which is stopping, has leased. */
export async function releaseLeases({ db }: Engine, processName: string): Promise<void> {
  for (const table of ['fold_checkpoints', 'reembeddings']) {
    await sql`update ${sql.table(table)} set leased_by = null, leased_until = null
      where leased_by = ${processName} /* across shards: a process has leases anywhere, and stops once */`.execute(db);
  }
}

async function headOf({ engine: { db } }: WorkerContext, shard: number): Promise<number | undefined> {
  const { rows } = await sql<{ position: number }>`select position from shard_heads where shard = ${shard}`.execute(db);
  return rows[0]?.position;
}

/** What has no vector yet of the next events, and up to where these are if there may be more behind them. */
async function nextAdded(
  { engine: { db } }: WorkerContext,
  { modelId, vectorsTable, checkpoint }: RegisteredModel,
  shard: number,
): Promise<{ readonly pending: readonly PendingRow[]; readonly upTo: number | undefined }> {
  const { rows } = await sql<PendingRow & { readonly looked: number; readonly last: number | null }>`/* next added */
    with added as materialized (
      select position, space_id, memory_ids[1] as memory_id from events e
      where shard = ${shard} and type in ('memory.added', 'memory.updated') and position > (
          select position from fold_checkpoints where shard = ${shard} and projection = ${checkpoint})
        and exists (
          select from spaces s where s.shard = ${shard} and s.space_id = e.space_id and s.model_id = ${modelId})
      order by position limit ${lookedThrough}),
    pending as (
      select a.position, m.space_id, m.memory_id, m.version, m.content from added a
      join memories m on m.shard = ${shard} and m.space_id = a.space_id and m.memory_id = a.memory_id
      where m.visibility <> 'erased' and not (select exists (
        select from ${sql.table(vectorsTable)} v where v.shard = ${shard} and v.space_id = m.space_id
          and v.memory_id = m.memory_id and v.version = m.version))
      order by a.position limit ${batchSize})
    select p.*, whole.looked, whole.last
    from (select count(*)::int as looked, max(position) as last from added) whole left join pending p on true
    order by p.position`.execute(db);
  const pending = rows.filter(({ position }) => position !== null);
  if (pending.length === batchSize) return { pending, upTo: pending.at(-1)?.position ?? undefined };
  const [whole] = rows;
  return { pending, upTo: whole?.looked === lookedThrough ? (whole.last ?? undefined) : undefined };
}

async function dueFailures(
  { engine: { db } }: WorkerContext,
  { modelId }: RegisteredModel,
  shard: number,
): Promise<readonly PendingRow[]> {
  const { rows } = await sql<PendingRow>`
    select null as position, m.space_id, m.memory_id, m.version, m.content, false as embedded
    from embedding_failures f
    join spaces s on s.shard = f.shard and s.space_id = f.space_id and s.model_id = f.model_id
    join memories m on m.shard = f.shard and m.space_id = f.space_id and m.memory_id = f.memory_id and m.version = f.version
    where f.shard = ${shard} and f.model_id = ${modelId} and f.next_attempt_at <= now()
    order by f.next_attempt_at limit ${batchSize}`.execute(db);
  return rows;
}

async function embedRows(context: WorkerContext, model: RegisteredModel, rows: readonly PendingRow[]): Promise<void> {
  for (const [spaceId, ofSpace] of Map.groupBy(rows, ({ space_id }) => space_id)) {
    // What is remembered of the space may be of a moment before it got this model.
    const space = { ...(await context.spaces.open(spaceId)), model };
    await embedTexts(context, space, ofSpace);
    await forgetFailures(context, model, space, ofSpace);
  }
}

/** Those of texts that have their vector now. */
async function forgetFailures(
  { engine: { db } }: WorkerContext,
  { modelId, vectorsTable }: RegisteredModel,
  space: Space,
  rows: readonly PendingRow[],
): Promise<void> {
  if (rows.every(({ position }) => position !== null)) return;
  await sql`
    delete from embedding_failures f where f.shard = ${space.shard} and f.space_id = ${space.id}
      and f.model_id = ${modelId} and f.memory_id = any(${rows.map(({ memory_id }) => memory_id)}::uuid[])
      and exists (
        select from ${sql.table(vectorsTable)} v where v.shard = ${space.shard} and v.space_id = ${space.id}
          and v.memory_id = f.memory_id and v.version = f.version)`.execute(db);
}

async function advance(
  { engine: { db } }: WorkerContext,
  { checkpoint }: RegisteredModel,
  shard: number,
  position: number,
): Promise<void> {
  // Two workers may have looked at the same events; the checkpoint never goes back.
  await sql`update fold_checkpoints set position = ${position}
    where shard = ${shard} and projection = ${checkpoint} and position < ${position}`.execute(db);
}
