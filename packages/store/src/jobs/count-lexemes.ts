import { sql } from 'kysely';
import { type Database, inTransaction } from '../engine/engine.ts';

/** Checkpoint of the counting: which events' memories are in the counts. */
export const lexemesCheckpoint = 'lexemes';

/**
 * Counts the lexemes of memories that the log added, exactly once each. The counts only choose which
 * words of a query are searched first, so they may lag; they are not derived from the log alone (it
 * holds no text), which is why they are no projection.
 *
 * @returns how many events it moved on; 0 when there was nothing new
 */
export function countLexemes(db: Database, shard: number, limit: number): Promise<number> {
  return inTransaction(db, async (trx) => {
    const checkpoint = await sql<{ position: number }>`/* lock lexemes checkpoint */
      select position from fold_checkpoints where shard = ${shard} and projection = ${lexemesCheckpoint} for update`.execute(
      trx,
    );
    const after = checkpoint.rows[0]?.position ?? 0;
    const counted = await sql<{ position: number }>`/* count lexemes */
      with batch as materialized (
        select position, space_id, type, memory_ids[1] as memory_id from events
        where shard = ${shard} and position > ${after} order by position limit ${limit}),
      counted as (
        insert into lexemes as known (shard, space_id, lexeme, memories)
        select ${shard}::smallint, b.space_id, w.lexeme, count(*) from batch b
        join lateral (
          select fts from memories m where m.shard = ${shard} and m.space_id = b.space_id and m.memory_id = b.memory_id limit 1
        ) m on true
        cross join lateral unnest(tsvector_to_array(m.fts)) as w(lexeme)
        where b.type = 'memory.added'
        group by b.space_id, w.lexeme order by b.space_id, w.lexeme
        on conflict (shard, space_id, lexeme) do update set memories = known.memories + excluded.memories)
      select position from batch order by position`.execute(trx);
    const last = counted.rows.at(-1);
    if (!last) return 0;
    await sql`/* advance lexemes */ update fold_checkpoints set position = ${last.position}
      where shard = ${shard} and projection = ${lexemesCheckpoint}`.execute(trx);
    return counted.rows.length;
  });
}
