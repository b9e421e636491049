import { sql } from 'kysely';
import { type Database, inTransaction } from '../engine/engine.ts';
import type { LogArchive } from './log-archive.ts';
import { unpackLines } from './packed-lines.ts';
import { segmentName } from './segments.ts';
import { putVerified, spool, withSpool } from './writer.ts';

interface Forgotten {
  /** Events. */
  readonly done: number;
  readonly total: number;
}

interface Outdated {
  readonly shard: number;
  readonly first: number;
  readonly last: number;
  readonly file: string;
  readonly events: number;
  readonly sha256: string;
  readonly spaces: readonly string[];
  readonly lost: number;
}

/**
 * Drops from files the events of spaces that do not keep them any longer: a file is written anew without them. What a
 * stretch was folded into stays, and so does what of it is in the table.
 */
export async function* forgetLost(db: Database, archive: LogArchive, writer: string): AsyncGenerator<Forgotten> {
  const outdated = await findOutdated(db);
  const total = lostIn(outdated);
  let done = 0;
  for (const segment of outdated) {
    await rewrite(db, archive, writer, segment);
    done += segment.lost;
    yield { done, total };
  }
}

/** How many events {@link forgetLost} would drop. */
export async function countLost(db: Database): Promise<number> {
  return lostIn(await findOutdated(db));
}

const lostIn = (outdated: readonly Outdated[]) => outdated.reduce((sum, { lost }) => sum + lost, 0);

/** Only what all of the file's events of a space are too old for; what a rebuild needs is in a snapshot by then. */
async function findOutdated(db: Database): Promise<readonly Outdated[]> {
  const { rows } = await sql<Outdated>`
    select g.shard, g.first, g.last, g.file, g.events, encode(g.sha256, 'hex') as sha256,
      json_agg(o.space_id) as spaces, sum(o.events)::int as lost
    from spaces s
    join log_segment_spaces o on o.shard = s.shard and o.space_id = s.space_id and o.lost < o.events
      and o.recorded_until < now() - make_interval(days => (s.settings ->> 'archiveRetentionDays')::integer)
    join log_segments g on g.shard = o.shard and g.first = o.first and g.released_at is not null
    where s.settings ->> 'archiveRetentionDays' is not null
    group by g.shard, g.first order by g.shard, g.first
    /* one machine: nothing is archived on Citus */`.execute(db);
  return rows;
}

function rewrite(db: Database, archive: LogArchive, writer: string, segment: Outdated): Promise<void> {
  const { shard, first, file, events: lines, sha256, spaces } = segment;
  const gone = new Set(spaces);
  const kept = async function* () {
    for await (const batch of unpackLines(await archive.get(file), { lines, sha256 }, file)) {
      for (const text of batch) if (!gone.has((JSON.parse(text) as { space_id: string }).space_id)) yield text;
    }
  };
  return withSpool(async (folder) => {
    const spooled = await spool(folder, kept());
    const written = await putVerified(archive, { writer, shard, name: segmentName(segment) }, spooled);
    await inTransaction(db, async (trx) => {
      await sql`
        update log_segments set file = ${written}, events = ${spooled.lines}, bytes = ${spooled.bytes},
          sha256 = decode(${spooled.sha256}, 'hex'), replaced = file, written_at = now()
        where shard = ${shard} and first = ${first} and file = ${file}`.execute(trx);
      await sql`
        update log_segment_spaces set lost = events
        where shard = ${shard} and first = ${first} and space_id = any(${[...gone]}::text[])`.execute(trx);
    });
  });
}

/** Removes files that others took the place of, once nobody can be reading them; only what this database wrote. */
export async function removeReplaced(
  db: Database,
  archive: LogArchive,
  writer: string,
  settleMs: number,
): Promise<void> {
  for (const table of ['log_segments', 'log_bases']) {
    const { rows } = await sql<{ replaced: string }>`
      select replaced from ${sql.table(table)}
      where replaced is not null and written_at <= clock_timestamp() - make_interval(secs => ${settleMs / 1_000})
        /* one machine: nothing is archived on Citus */`.execute(db);
    for (const { replaced } of rows) {
      if (replaced.startsWith(`${writer}/`)) await archive.known.remove(replaced);
      await sql`update ${sql.table(table)} set replaced = null where replaced = ${replaced}
        /* one machine: nothing is archived on Citus */`.execute(db);
    }
  }
}
