import { setTimeout as sleep } from 'node:timers/promises';
import { duplicateRule, mergeDuplicates, rulesVersion } from '@anima/core';
import { sql } from 'kysely';
import type { Database } from '../engine/engine.ts';
import type { RegisteredModel } from '../schema/register-model.ts';
import type { WorkerContext } from './worker-context.ts';

/** Memories looked at between two moves of the checkpoint. */
const batchSize = 16;

/** It is never urgent: it rests so many times as long as it works. */
const restFactor = 6;

/** Which events' memories were compared with all others of their space. */
const consolidatedCheckpoint = ({ modelId }: RegisteredModel) => `consolidated_${modelId}`;

interface NewlyEmbedded {
  readonly position: number;
  readonly space_id: string;
  readonly memory_id: string;
}

/**
 * Compares what was newly embedded with all else of its space, and merges what is the same. It follows the
 * checkpoints of the embeddings: whichever of two was embedded first, the pair is found from the other.
 * Two that look at the same events find the same pairs, and merge each once.
 *
 * @returns whether more may be left
 */
export async function consolidateNext(context: WorkerContext, shard: number): Promise<boolean> {
  let isMore = false;
  for (const model of await context.models.inUse(shard)) {
    isMore = (await consolidateNextOf(context, model, shard)) || isMore;
  }
  return isMore;
}

async function consolidateNextOf(context: WorkerContext, model: RegisteredModel, shard: number): Promise<boolean> {
  const { db } = context.engine;
  const { position, upTo } = await readCheckpoints(db, model, shard);
  if (position >= upTo) return false;
  const next = await newlyEmbedded(db, model, shard, position, upTo);
  for (const { space_id, memory_id } of next) {
    if (context.isStopping()) return true;
    const worked = await context.admit(() => timed(() => mergeSame(context, space_id, memory_id)));
    await sleep(restFactor * worked);
  }
  const reached = next.length < batchSize ? upTo : (next.at(-1)?.position ?? upTo);
  await sql`
    insert into fold_checkpoints as known (shard, projection, position, rules_version)
    values (${shard}, ${consolidatedCheckpoint(model)}, ${reached}, ${rulesVersion})
    on conflict (shard, projection) do update set position = greatest(known.position, excluded.position)`.execute(db);
  return next.length === batchSize;
}

/** Does some work and tells how long it took, ms. */
async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** Merges a memory with those that say the same, where its space wants it. */
export async function mergeSame(context: WorkerContext, spaceId: string, memoryId: string): Promise<void> {
  const { spaces, duplicates, consolidates } = context;
  const space = await spaces.open(spaceId);
  if (!(space.settings.consolidation ?? consolidates)) return;
  // What a merge says is in the log; nobody listens here.
  for await (const _ of mergeDuplicates(duplicates, space, memoryId, duplicateRule(space)));
}

async function readCheckpoints(db: Database, model: RegisteredModel, shard: number) {
  const { rows } = await sql<{ projection: string; position: number }>`
    select projection, position from fold_checkpoints
    where shard = ${shard} and projection in (${consolidatedCheckpoint(model)}, ${model.checkpoint})`.execute(db);
  const positions = new Map(rows.map(({ projection, position }) => [projection, position]));
  return { position: positions.get(consolidatedCheckpoint(model)) ?? 0, upTo: positions.get(model.checkpoint) ?? 0 };
}

async function newlyEmbedded(db: Database, { modelId }: RegisteredModel, shard: number, after: number, upTo: number) {
  const { rows } = await sql<NewlyEmbedded>`
    select position, space_id, memory_ids[1] as memory_id from events e
    where shard = ${shard} and position > ${after} and position <= ${upTo}
      and (type in ('memory.added', 'memory.updated', 'memory.restored')
        or type = 'memory.accessed' and payload @> '{"revived": true}')
      and exists (
        select from spaces s where s.shard = ${shard} and s.space_id = e.space_id and s.model_id = ${modelId})
    order by position limit ${batchSize}`.execute(db);
  return rows;
}

/** Shards whose embeddings were not all compared. */
export async function shardsToConsolidate(db: Database, models: readonly RegisteredModel[]): Promise<number[]> {
  const { rows } = await sql<{ shard: number }>`
    select distinct e.shard from unnest(
      ${models.map(({ checkpoint }) => checkpoint)}::text[], ${models.map(consolidatedCheckpoint)}::text[]) as m(embedded, consolidated)
    join fold_checkpoints e on e.projection = m.embedded
    left join fold_checkpoints c on c.shard = e.shard and c.projection = m.consolidated
    where e.position > coalesce(c.position, 0) /* across shards: a worker looks now and then */`.execute(db);
  return rows.map(({ shard }) => shard);
}
