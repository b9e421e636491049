import { AnimaError, type AsOf, type Moment, type Space } from '@anima/core';
import { sql } from 'kysely';
import { decodeArchived, type LogArchive } from '../archive/log-archive.ts';
import type { Database } from '../engine/engine.ts';

/** The moment of a position, or of the last event that was recorded until a time: the end of the log for a later one. */
export async function findMoment(db: Database, archive: LogArchive, space: Space, asOf: AsOf): Promise<Moment> {
  const { shard } = space;
  const floor = await archive.floor(db, shard);
  const position = typeof asOf === 'number' ? asOf : await lastPositionUntil(db, archive, space, asOf, floor);
  const { rows } = await sql<{ head: number; at: Date | null }>`
    select h.position as head, (select recorded_at from events e where e.shard = ${shard} and e.position = ${position}) as at
    from shard_heads h where h.shard = ${shard}`.execute(db);
  const head = rows[0]?.head ?? 0;
  if (position > head) {
    const message = `must be at most ${head}, where the log of this space ends`;
    throw new AnimaError('VALIDATION_ERROR', `asOf: ${message}`, {
      details: [{ field: 'asOf', message, limit: head }],
    });
  }
  const at = rows[0]?.at?.toISOString();
  if (at !== undefined || position === 0 || position > floor) return { position, at: at ?? null };
  return { position, at: await archivedTime(db, archive, space, position) };
}

async function archivedTime(db: Database, archive: LogArchive, { shard }: Space, position: number): Promise<string> {
  for await (const [event] of archive.read(db, shard, { after: position - 1, upTo: position })) {
    if (event) return new Date(decodeArchived(event).recordedAt).toISOString();
  }
  // Its space does not keep it any longer: what the file last held is never too early.
  const { rows } = await sql<{ at: Date }>`
    select max(o.recorded_until) as at from log_segments s
    join log_segment_spaces o on o.shard = s.shard and o.first = s.first
    where s.shard = ${shard} and s.first <= ${position} and s.last >= ${position}`.execute(db);
  const [row] = rows;
  if (!row) throw new Error(`position ${position} of shard ${shard} is neither in the table nor archived`);
  return row.at.toISOString();
}

/**
 * Times never fall within a space (they may within a shard, where a space was imported with its own), so that halving
 * finds the place by as many looks as the log has binary digits; each looks for the space's last event until there.
 */
async function lastPositionUntil(
  db: Database,
  archive: LogArchive,
  space: Space,
  time: string,
  floor: number,
): Promise<number> {
  const { shard, id } = space;
  const { rows } = await sql<{ position: number }>`
    with recursive halves(low, high) as (
      select ${floor}::bigint, position from shard_heads where shard = ${shard}
      union all
      select case when is_until then middle else low end, case when is_until then high else middle - 1 end
      from (
        select low, high, middle, coalesce((
          select e.recorded_at <= ${time}::timestamptz from events e
          where e.shard = ${shard} and e.space_id = ${id} and e.position <= middle and e.position > ${floor}
          order by e.position desc limit 1), true) as is_until
        from (select low, high, (low + high + 1) / 2 as middle from halves where low < high) h) looked)
    select low as position from halves where low = high`.execute(db);
  const position = rows[0]?.position ?? 0;
  return floor > 0 && position === floor ? lastArchivedUntil(db, archive, space, time) : position;
}

/** All that is in the table was recorded later. */
async function lastArchivedUntil(db: Database, archive: LogArchive, space: Space, time: string): Promise<number> {
  const { shard, id: spaceId } = space;
  const { rows } = await sql<{ first: number; last: number; isUntil: boolean }>`
    select s.first, s.last, o.recorded_until <= ${time}::timestamptz as "isUntil" from log_segment_spaces o
    join log_segments s on s.shard = o.shard and s.first = o.first
    where o.shard = ${shard} and o.space_id = ${spaceId} and o.recorded_from <= ${time}::timestamptz
    order by o.first desc limit 1`.execute(db);
  const [found] = rows;
  if (!found || found.isUntil) return found?.last ?? 0;
  const range = { after: found.first - 1, upTo: found.last };
  await archive.requireWhole(db, shard, spaceId, range);
  for await (const events of archive.read(db, shard, range, { spaceId }, { descending: true })) {
    const until = events.find((event) => decodeArchived(event).recordedAt <= Date.parse(time));
    if (until) return until.position;
  }
  return found.first - 1;
}
