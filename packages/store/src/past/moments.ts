import { AnimaError, type AsOf, type Moment, type Space } from '@anima/core';
import { sql } from 'kysely';
import type { Database } from '../engine/engine.ts';

/** The moment of a position, or of the last event that was recorded until a time: the end of the log for a later one. */
export async function findMoment(db: Database, space: Space, asOf: AsOf): Promise<Moment> {
  const { shard } = space;
  const position = typeof asOf === 'number' ? asOf : await lastPositionUntil(db, space, asOf);
  const { rows } = await sql<{ head: number; at: Date | null }>`
    select h.position as head, (select recorded_at from events e where e.shard = h.shard and e.position = ${position}) as at
    from shard_heads h where h.shard = ${shard}`.execute(db);
  const head = rows[0]?.head ?? 0;
  if (position > head) {
    const message = `must be at most ${head}, where the log of this space ends`;
    throw new AnimaError('VALIDATION_ERROR', `asOf: ${message}`, {
      details: [{ field: 'asOf', message, limit: head }],
    });
  }
  return { position, at: rows[0]?.at?.toISOString() ?? null };
}

/**
 * Times never fall within a space (they may within a shard, where a space was imported with its own), so that halving
 * finds the place by as many looks as the log has binary digits; each looks for the space's last event until there.
 */
async function lastPositionUntil(db: Database, { shard, id }: Space, time: string): Promise<number> {
  const { rows } = await sql<{ position: number }>`
    with recursive halves(low, high) as (
      select 0::bigint, position from shard_heads where shard = ${shard}
      union all
      select case when is_until then middle else low end, case when is_until then high else middle - 1 end
      from (
        select low, high, middle, coalesce((
          select e.recorded_at <= ${time}::timestamptz from events e
          where e.shard = ${shard} and e.space_id = ${id} and e.position <= middle
          order by e.position desc limit 1), true) as is_until
        from (select low, high, (low + high + 1) / 2 as middle from halves where low < high) h) looked)
    select low as position from halves where low = high`.execute(db);
  return rows[0]?.position ?? 0;
}
