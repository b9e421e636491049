import type { LogSizes } from '@anima/core';
import { sql } from 'kysely';
import type { Database, Engine } from '../engine/engine.ts';
import type { LogArchive } from './log-archive.ts';

interface Sizes {
  readonly events: number;
  readonly left: number;
  readonly table_bytes: number;
  readonly archived: number;
  readonly files: number;
  readonly file_bytes: number;
  readonly written_at: Date | null;
  readonly snapshot_bytes: number;
}

/** By the heads, the manifest and the catalog: no event is counted. */
export async function readLogSizes(engine: Engine, archive: LogArchive, keepDays: number): Promise<LogSizes> {
  const { db, isDistributed } = engine;
  // Asked for by its own name, the table would say how large it is on the coordinator: empty.
  const sizeOf = sql.raw(isDistributed ? 'citus_total_relation_size' : 'pg_total_relation_size');
  const { rows } = await sql<Sizes>`
    select (select coalesce(sum(position), 0) from shard_heads)::float8 as events,
      ${sizeOf}('events')::float8 as table_bytes,
      coalesce(sum(left_table), 0)::float8 as left, coalesce(sum(events), 0)::float8 as archived, count(*)::int as files,
      coalesce(sum(bytes), 0)::float8 as file_bytes, max(written_at) as written_at,
      (select coalesce(sum(bytes), 0) from log_bases)::float8 as snapshot_bytes
    from log_segments /* across shards: the console shows all */`.execute(db);
  const [row] = rows;
  if (!row) throw new Error('the manifest of the archive says nothing');
  return {
    events: row.events,
    eventsOfLastDay: await countLastDay(db),
    table: { events: row.events - row.left, bytes: row.table_bytes },
    archive: {
      ...{ place: archive.place?.name ?? null, keepDays },
      ...{ events: row.archived, files: row.files, bytes: row.file_bytes },
      ...{ writtenAt: row.written_at?.toISOString() ?? null, snapshotBytes: row.snapshot_bytes },
    },
  };
}

async function countLastDay(db: Database): Promise<number> {
  const { rows } = await sql<{ shard: number }>`
    select shard from shard_heads
    where recorded_at > now() - interval '1 day' /* across shards: the console shows all */`.execute(db);
  const ofShards = await Promise.all(rows.map(({ shard }) => countLastDayOf(db, shard)));
  return ofShards.reduce((sum, events) => sum + events, 0);
}

/** Halving finds the first event of the day in a shard's log, as times of a log do not fall but where it was imported. */
async function countLastDayOf(db: Database, shard: number): Promise<number> {
  const { rows } = await sql<{ events: number }>`
    with recursive halves(head, low, high) as (
      select h.position, coalesce((select max(g.last) from log_segments g where g.shard = ${shard}), 0), h.position
      from shard_heads h where h.shard = ${shard}
      union all
      select head, case when is_before then middle else low end, case when is_before then high else middle - 1 end
      from (
        select l.*, coalesce((
          select e.recorded_at <= now() - interval '1 day' from events e
          where e.shard = ${shard} and e.position = l.middle), true) as is_before
        from (select head, low, high, (low + high + 1) / 2 as middle from halves where low < high) l) looked)
    select (head - low)::float8 as events from halves where low = high`.execute(db);
  return rows[0]?.events ?? 0;
}
