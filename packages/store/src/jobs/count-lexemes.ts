import type { Space } from '@anima/core';
import { sql } from 'kysely';
import { type Database, inTransaction } from '../engine/engine.ts';

/** Checkpoint of the counting: which events' memories are in the counts. */
export const lexemesCheckpoint = 'lexemes';

/**
 * Counts in how many live memories of a space each lexeme stands, event by event, exactly once each. The counts
 * only choose which words of a query are searched first, so they may lag; they are not derived from the log
 * alone (it holds no text), which is why they are no projection. What takes a text away or replaces it counts
 * first what was there: see {@link countAllLexemes}.
 *
 * @returns how many events it moved on; 0 when there was nothing new
 */
export function countLexemes(db: Database, shard: number, limit: number): Promise<number> {
  return inTransaction(db, (trx) => countNext(trx, shard, limit));
}

async function countNext(trx: Database, shard: number, limit: number): Promise<number> {
  const checkpoint = await sql<{ position: number }>`/* lock lexemes checkpoint */
    select position from fold_checkpoints where shard = ${shard} and projection = ${lexemesCheckpoint} for update`.execute(
    trx,
  );
  const after = checkpoint.rows[0]?.position ?? 0;
  const counted = await sql<{ position: number; goes: boolean; space_id: string }>`/* count lexemes */
    with batch as materialized (
      select position, space_id, type, memory_ids,
        case when type in ('memory.added', 'memory.restored', 'memory.unmerged') then 1
          when type in ('memory.forgotten', 'memory.expired', 'memory.merged') then -1
          when type = 'memory.accessed' and payload @> '{"revived": true}' then 1
          else 0 end as sign
      from events where shard = ${shard} and position > ${after} order by position limit ${limit}),
    named as (
      -- Of a pair, the variant is what comes or goes.
      select space_id, sign, unnest(case when type in ('memory.merged', 'memory.unmerged') then memory_ids[2:2] else memory_ids end) as memory_id
      from batch where sign <> 0),
    counted as (
      insert into lexemes as known (shard, space_id, lexeme, memories)
      select ${shard}::smallint, n.space_id, w.lexeme, sum(n.sign) from named n
      join lateral (
        select fts from memories m where m.shard = ${shard} and m.space_id = n.space_id and m.memory_id = n.memory_id limit 1
      ) m on true
      cross join lateral unnest(tsvector_to_array(m.fts)) as w(lexeme)
      group by n.space_id, w.lexeme order by n.space_id, w.lexeme
      on conflict (shard, space_id, lexeme) do update set memories = known.memories + excluded.memories)
    select position, sign < 0 as goes, space_id from batch order by position`.execute(trx);
  const last = counted.rows.at(-1);
  if (!last) return 0;
  const thinned = new Set(counted.rows.filter(({ goes }) => goes).map(({ space_id }) => space_id));
  if (thinned.size > 0) await dropUnused(trx, shard, [...thinned]);
  await sql`/* advance lexemes */ update fold_checkpoints set position = ${last.position}
    where shard = ${shard} and projection = ${lexemesCheckpoint}`.execute(trx);
  return counted.rows.length;
}

/** Events counted at once on the way to the end of the log. */
const catchUpBatch = 1_000;

/** Counts to the end of a log whose head is locked, so that every memory's words, as they are, are in the counts. */
export async function countAllLexemes(trx: Database, shard: number): Promise<void> {
  while ((await countNext(trx, shard, catchUpBatch)) > 0);
}

/** Takes the words of memories out of the counts, or adds them; before, {@link countAllLexemes} must have counted all. */
export async function adjustLexemes(
  trx: Database,
  { shard, id }: Space,
  memoryIds: readonly string[],
  sign: 1 | -1,
): Promise<void> {
  await sql`
    insert into lexemes as known (shard, space_id, lexeme, memories)
    select ${shard}::smallint, ${id}::text, w.lexeme, count(*) * ${sign}::integer from memories m
    cross join lateral unnest(tsvector_to_array(m.fts)) as w(lexeme)
    where m.shard = ${shard} and m.space_id = ${id} and m.memory_id = any(${memoryIds}::uuid[])
    group by w.lexeme order by w.lexeme
    on conflict (shard, space_id, lexeme) do update set memories = known.memories + excluded.memories`.execute(trx);
  if (sign < 0) await dropUnused(trx, shard, [id]);
}

/** A word that no memory has any more is forgotten. */
async function dropUnused(trx: Database, shard: number, spaceIds: readonly string[]): Promise<void> {
  await sql`delete from lexemes where shard = ${shard} and space_id = any(${spaceIds}::text[]) and memories <= 0`.execute(
    trx,
  );
}
