import { type RawBuilder, sql } from 'kysely';
import { type Database, inTransaction } from '../engine/engine.ts';
import { bloomOf } from './bloom.ts';
import { idsIn, type LogArchive } from './log-archive.ts';
import { placeName, putVerified, type Spooled, spool, withSpool } from './writer.ts';

/** A stretch of a shard's log: both ends are part of it. */
export interface Stretch {
  readonly shard: number;
  readonly first: number;
  readonly last: number;
}

/** Writes a stretch to a file, reads it back, and records it. Whoever was broken off writes the same file again. */
export async function writeSegment(
  db: Database,
  archive: LogArchive,
  writer: string,
  stretch: Stretch,
): Promise<Spooled> {
  const { shard, first, last } = stretch;
  const { rows } = await sql<{ line: string }>`
    select line from log_lines(${shard}::smallint, ${first}::bigint, ${last}::bigint)`.execute(db);
  if (rows.length !== last - first + 1) {
    throw new Error(`the log of shard ${shard} has ${rows.length} events from ${first} to ${last}: a gap`);
  }
  const lines = rows.map(({ line }) => line);
  return withSpool(async (folder) => {
    const spooled = await spool(folder, lines);
    const file = await putVerified(archive, { writer, shard, name: segmentName(stretch) }, spooled);
    await recordSegment(db, stretch, file, spooled, {
      named: new Set(lines.flatMap(idsIn)),
      spaces: sql`
        select space_id, count(*) as events, min(recorded_at) as recorded_from, max(recorded_at) as recorded_until from events
        where shard = ${shard} and position between ${first} and ${last} group by space_id`,
    });
    return spooled;
  });
}

/** What the file of a stretch is called, when it is written and when it is written anew. */
export function segmentName({ first, last }: Pick<Stretch, 'first' | 'last'>): string {
  return `${placeName(first)}-${placeName(last)}`;
}

/** What is known of the events of a file. */
interface Content {
  /** Memories that they name. */
  readonly named: ReadonlySet<string>;
  /** Rows `(space_id, events, recorded_from, recorded_until)`. */
  readonly spaces: RawBuilder<unknown>;
}

/** From here on, the stretch is read from the file. */
export function recordSegment(
  db: Database,
  { shard, first, last }: Stretch,
  file: string,
  { lines, bytes, sha256 }: Spooled,
  { named, spaces }: Content,
): Promise<void> {
  return inTransaction(db, async (trx) => {
    // One at a time, so that no two stretches overlap, whoever took a lease for run out.
    await sql`select 1 from log_archive for update`.execute(trx);
    const { numAffectedRows } = await sql`
      insert into log_segments (shard, first, last, file, events, bytes, sha256, named)
      select ${shard}::smallint, ${first}::bigint, ${last}::bigint, ${file}::text, ${lines}::integer, ${bytes}::bigint,
        decode(${sha256}, 'hex'), decode(${bloomOf(named).toString('hex')}, 'hex')
      where not exists (select from log_segments where shard = ${shard} and last >= ${first} and first <= ${last})`.execute(
      trx,
    );
    if (Number(numAffectedRows) === 0) return;
    await sql`
      insert into log_segment_spaces (shard, space_id, first, events, recorded_from, recorded_until)
      select ${shard}::smallint, s.space_id, ${first}::bigint, s.events, s.recorded_from, s.recorded_until
      from (${spaces}) s`.execute(trx);
  });
}

/** Segments whose events have not left the table, and how long ago the newest of them was written, ms. */
export async function unreleased(
  db: Database,
): Promise<{ readonly stretches: readonly Stretch[]; readonly ageMs: number }> {
  const { rows } = await sql<Stretch & { readonly age: number }>`
    select shard, first, last, (extract(epoch from clock_timestamp() - written_at) * 1000)::float8 as age
    from log_segments where released_at is null order by shard, first
    /* one machine: nothing is archived on Citus */`.execute(db);
  return { stretches: rows, ageMs: Math.min(...rows.map(({ age }) => age)) };
}

/**
 * Lets the events of a segment leave the table.
 *
 * @returns how many did
 */
export async function releaseSegment(db: Database, { shard, first }: Stretch): Promise<number> {
  const { rows } = await sql<{ gone: number }>`
    select release_log_segment(${shard}::smallint, ${first}::bigint) as gone`.execute(db);
  return rows[0]?.gone ?? 0;
}
