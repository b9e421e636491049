import { sql } from 'kysely';
import type { LogArchive } from '../archive/log-archive.ts';
import type { Engine } from '../engine/engine.ts';
import type { DatabaseGauges } from '../gauges.ts';
import type { Models } from '../models.ts';
import { type Found, failure, ok, one } from './look.ts';

interface Archived {
  readonly files: number;
  readonly events: number;
  /** The newest of all files, and whose events it has. */
  readonly shard: number | null;
  readonly first: number;
  readonly last: number;
}

/** Reads the newest file to its end: it is there, and it is what was written. */
export async function lookAtArchive(
  { db }: Engine,
  _models: Models,
  _gauges: () => Promise<DatabaseGauges>,
  archive: LogArchive,
): Promise<Found> {
  const { files, events, shard, first, last } = await one(
    db,
    sql<Archived>`
      select n.*, newest.shard, newest.first, newest.last
      from (select count(*)::int as files, coalesce(sum(events), 0)::float8 as events from log_segments) n
      left join (select * from log_segments order by written_at desc, shard, first desc limit 1) newest on true
      /* across shards: the doctor looks at all */`,
  );
  if (shard === null) return ok(archive.place ? 'nothing was archived yet' : 'none: all events are in the database');
  const state = `${events} events in ${files} files`;
  try {
    for await (const _ of archive.read(db, shard, { after: first - 1, upTo: last }));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return failure(
      `${state}, of which the newest cannot be read: ${reason}`,
      'See "The log for years" in docs/operations.md.',
    );
  }
  return ok(`${state}, the newest of which was read`);
}
