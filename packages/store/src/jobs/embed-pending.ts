import { randomUUID } from 'node:crypto';
import type { MemoryVectors, Space } from '@anima/core';
import { sql } from 'kysely';
import type { Engine } from '../engine/engine.ts';
import type { RegisteredModel } from '../schema/migrate.ts';
import type { WorkerContext } from './worker-context.ts';

/** Texts embedded between two moves of the checkpoint. */
const batchSize = 32;

interface PendingRow {
  readonly position: number | null;
  readonly space_id: string;
  readonly memory_id: string;
  readonly version: number;
  readonly content: string;
  readonly embedded: boolean;
}

/**
 * Embeds what the log added and the model has not embedded yet. The log is the queue: a checkpoint
 * says up to where every memory has its vector, and most have it already when the worker comes by.
 *
 * @returns whether more may be left; false when another process embeds this shard
 * @throws AnimaError `UNAVAILABLE` while the model does not answer: it is tried again, later each time
 */
export async function embedPending(context: WorkerContext, shard: number): Promise<boolean> {
  if (!(await lease(context, shard))) return false;
  const head = await headOf(context, shard);
  const failed = await dueFailures(context, shard);
  const next = await nextAdded(context, shard);
  const pending = [...failed, ...next.filter(({ embedded }) => !embedded)];
  await embedRows(context, pending);
  // A batch that is not full reached the head as it was: what lies between added nothing.
  const reached = next.length < batchSize ? head : next.at(-1)?.position;
  if (typeof reached === 'number') await advance(context, shard, reached);
  return failed.length === batchSize || next.length === batchSize;
}

/**
 * Keeps other processes from embedding the same texts at the same time, which would be right and dear.
 * A lease instead of a lock: no transaction may stay open while a model thinks.
 */
async function lease({ engine: { db }, model, processName }: WorkerContext, shard: number): Promise<boolean> {
  const { rows } = await sql`
    update fold_checkpoints set leased_by = ${processName}, leased_until = clock_timestamp() + interval '30 seconds'
    where shard = ${shard} and projection = ${model.checkpoint}
      and (leased_by is null or leased_by = ${processName} or leased_until < clock_timestamp())
    returning 1`.execute(db);
  return rows.length > 0;
}

/** Lets others embed at once what this process, which is stopping, has leased. */
export async function releaseLeases(engine: Engine, model: RegisteredModel, processName: string): Promise<void> {
  await sql`update fold_checkpoints set leased_by = null, leased_until = null
    where projection = ${model.checkpoint} and leased_by = ${processName}`.execute(engine.db);
}

async function headOf({ engine: { db } }: WorkerContext, shard: number): Promise<number | undefined> {
  const { rows } = await sql<{ position: number }>`select position from shard_heads where shard = ${shard}`.execute(db);
  return rows[0]?.position;
}

async function nextAdded({ engine: { db }, model }: WorkerContext, shard: number): Promise<readonly PendingRow[]> {
  const { rows } = await sql<PendingRow>`/* next added */
    select e.position, m.space_id, m.memory_id, m.version, m.content, exists (
        select from ${sql.table(model.vectorsTable)} v where v.shard = m.shard and v.space_id = m.space_id
          and v.memory_id = m.memory_id and v.version = m.version) as embedded
    from (
      select * from events where shard = ${shard} and type in ('memory.added', 'memory.updated') and position > (
        select position from fold_checkpoints where shard = ${shard} and projection = ${model.checkpoint})
      order by position limit ${batchSize}) e
    join memories m on m.shard = e.shard and m.space_id = e.space_id and m.memory_id = e.memory_ids[1]
    where m.visibility <> 'erased'
    order by e.position`.execute(db);
  return rows;
}

async function dueFailures({ engine: { db }, model }: WorkerContext, shard: number): Promise<readonly PendingRow[]> {
  const { rows } = await sql<PendingRow>`
    select null as position, m.space_id, m.memory_id, m.version, m.content, false as embedded
    from embedding_failures f join memories m using (shard, space_id, memory_id, version)
    where f.shard = ${shard} and f.model_id = ${model.modelId} and f.next_attempt_at <= now()
    order by f.next_attempt_at limit ${batchSize}`.execute(db);
  return rows;
}

async function embedRows(context: WorkerContext, rows: readonly PendingRow[]): Promise<void> {
  for (const [spaceId, ofSpace] of Map.groupBy(rows, ({ space_id }) => space_id)) {
    await embedInSpace(context, await context.spaces.open(spaceId), ofSpace);
  }
}

async function embedInSpace(context: WorkerContext, space: Space, rows: readonly PendingRow[]): Promise<void> {
  const { embedder, vectors } = context;
  try {
    const embedded = await embedder.embedContents(
      space,
      rows.map(({ content }) => content),
    );
    await vectors.save(
      space,
      rows.flatMap((row, index) => memoryVectors(row, embedded[index])),
    );
    await forgetFailures(context, space, rows);
  } catch (error) {
    // The model is down, or one of these texts is more than it can take. A text it never saw tells which.
    await embedder.embedQuery(space, `probe ${randomUUID()}`);
    const [only] = rows;
    if (rows.length === 1 && only) return recordFailure(context, space, only, error);
    for (const row of rows) await embedInSpace(context, space, [row]);
  }
}

function memoryVectors(row: PendingRow, chunks: readonly Float32Array[] | undefined): MemoryVectors[] {
  return chunks ? [{ memoryId: row.memory_id, version: row.version, chunks }] : [];
}

/** Tried again after one minute, two, four, … up to a day; until then its words find it. */
async function recordFailure(
  { engine: { db }, model, log }: WorkerContext,
  space: Space,
  { memory_id, version }: PendingRow,
  error: unknown,
): Promise<void> {
  log.error({ err: error, space: space.id, memoryId: memory_id }, 'the model does not embed this memory');
  await sql`
    insert into embedding_failures as f (shard, space_id, memory_id, version, model_id, attempts, next_attempt_at)
    values (${space.shard}, ${space.id}, ${memory_id}, ${version}, ${model.modelId}, 1, now() + interval '1 minute')
    on conflict (shard, space_id, memory_id, version, model_id) do update set attempts = f.attempts + 1,
      next_attempt_at = now() + least(interval '1 day', interval '1 minute' * 2 ^ least(f.attempts, 11))`.execute(db);
}

async function forgetFailures(
  { engine: { db }, model }: WorkerContext,
  space: Space,
  rows: readonly PendingRow[],
): Promise<void> {
  if (rows.every(({ position }) => position !== null)) return;
  await sql`
    delete from embedding_failures where shard = ${space.shard} and space_id = ${space.id}
      and model_id = ${model.modelId} and memory_id = any(${rows.map(({ memory_id }) => memory_id)}::uuid[])`.execute(
    db,
  );
}

async function advance({ engine: { db }, model }: WorkerContext, shard: number, position: number): Promise<void> {
  // Two workers may have looked at the same events; the checkpoint never goes back.
  await sql`update fold_checkpoints set position = ${position}
    where shard = ${shard} and projection = ${model.checkpoint} and position < ${position}`.execute(db);
}
