import type { Space } from '@anima/core';
import { type RawBuilder, sql } from 'kysely';
import type { Database } from '../engine/engine.ts';
import type { PendingText } from '../jobs/embed-rows.ts';
import type { RegisteredModel } from '../schema/register-model.ts';

/** A memory on a page of those that are looked at; its text where the model has not embedded it. */
interface LookedAt {
  readonly memory_id: string;
  readonly version: number;
  readonly content: string | null;
}

/** Memories that need a vector: a hidden one may be shown again, a merged one taken apart. */
const needsVector = (m: RawBuilder<unknown>) => sql`${m}.visibility in ('live', 'hidden', 'merged')`;

/** Whether `m` has no vector of the model though it was not refused. */
function lacksVector({ shard, id }: Space, { vectorsTable, modelId }: RegisteredModel): RawBuilder<unknown> {
  return sql`(${needsVector(sql`m`)}
    and not exists (
      select from ${sql.table(vectorsTable)} v where v.shard = ${shard} and v.space_id = ${id}
        and v.memory_id = m.memory_id and v.version = m.version)
    and not exists (
      select from embedding_failures f where f.shard = ${shard} and f.space_id = ${id}
        and f.memory_id = m.memory_id and f.version = m.version and f.model_id = ${modelId}))`;
}

export async function countMemories(db: Database, { shard, id }: Space): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from memories m
    where m.shard = ${shard} and m.space_id = ${id} and ${needsVector(sql`m`)}`.execute(db);
  return rows[0]?.count ?? 0;
}

/** The next memories in the order of their ids: each step costs the same, however many a space has. */
export async function nextPage(
  db: Database,
  space: Space,
  model: RegisteredModel,
  page: { readonly after: string; readonly size: number },
): Promise<readonly LookedAt[]> {
  const { rows } = await sql<LookedAt>`
    select m.memory_id, m.version, case when ${lacksVector(space, model)} then m.content end as content
    from (
      select * from memories where shard = ${space.shard} and space_id = ${space.id} and memory_id > ${page.after}
      order by memory_id limit ${page.size}) m
    order by m.memory_id`.execute(db);
  return rows;
}

/** Up to `limit` memories, of all, that have no vector of the model. */
export async function missingTexts(
  db: Database,
  space: Space,
  model: RegisteredModel,
  limit: number,
): Promise<readonly PendingText[]> {
  const { rows } = await sql<PendingText>`
    select m.memory_id, m.version, m.content from memories m
    where m.shard = ${space.shard} and m.space_id = ${space.id} and ${lacksVector(space, model)}
    limit ${limit}`.execute(db);
  return rows;
}

/** How many those are, counted up to `limit`. */
export async function countMissing(db: Database, space: Space, model: RegisteredModel, limit: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from (
      select from memories m
      where m.shard = ${space.shard} and m.space_id = ${space.id} and ${lacksVector(space, model)}
      limit ${limit}) missing`.execute(db);
  return rows[0]?.count ?? 0;
}
