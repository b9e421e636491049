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

/**
 * Whether `m` has no vector of the model though it was not refused. Looked up by scalar subqueries with a
 * limit: as a join, statistics of when the table was empty make it compare all with all.
 */
function lacksVector({ shard, id }: Space, { vectorsTable, modelId }: RegisteredModel): RawBuilder<unknown> {
  return sql`(${needsVector(sql`m`)}
    and (
      select true from ${sql.table(vectorsTable)} v where v.shard = ${shard} and v.space_id = ${id}
        and v.memory_id = m.memory_id and v.version = m.version limit 1) is null
    and (
      select true from embedding_failures f where f.shard = ${shard} and f.space_id = ${id}
        and f.memory_id = m.memory_id and f.version = m.version and f.model_id = ${modelId} limit 1) is null)`;
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

/** Where to look for memories that lack their vector, and how many of them to tell. */
interface Range {
  /** Positions of the log, the first excluded; without an end to the head. */
  readonly after: number;
  readonly upTo?: number;
  readonly limit: number;
}

/** Memories that the log names in this range and that lack their vector. */
export async function missingTexts(
  db: Database,
  space: Space,
  model: RegisteredModel,
  range: Range,
): Promise<readonly PendingText[]> {
  const { rows } = await sql<PendingText>`
    select m.memory_id, m.version, m.content from ${changed(space, range)}
    where ${lacksVector(space, model)} limit ${range.limit}`.execute(db);
  return rows;
}

/** How many those are. */
export async function countMissing(db: Database, space: Space, model: RegisteredModel, range: Range): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from (
      select from ${changed(space, range)} where ${lacksVector(space, model)} limit ${range.limit}) missing`.execute(
    db,
  );
  return rows[0]?.count ?? 0;
}

/** Memories `m` that events name; recalls and citations, which are most of a log, change no text. */
function changed({ shard, id }: Space, { after, upTo }: Range): RawBuilder<unknown> {
  return sql`(
    select distinct unnest(memory_ids) as memory_id from events
    where shard = ${shard} and position > ${after} ${upTo === undefined ? sql`` : sql`and position <= ${upTo}`}
      and space_id = ${id} and type <> 'memory.cited' and payload ->> 'via' is distinct from 'query') named
    cross join lateral (
      select * from memories
      where shard = ${shard} and space_id = ${id} and memory_id = named.memory_id limit 1) m`;
}
