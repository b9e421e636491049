import type { Space } from '@anima/core';
import { sql } from 'kysely';
import type { Database } from '../engine/engine.ts';
import type { ArchivedEvent, LogArchive } from './log-archive.ts';

/** By how much the clock that made an id may differ from the database's, ms. */
const skewMs = 300_000;

/** The event of a recall that is in a file: its id tells when it was made, and so which file to look into. */
export async function findRecall(
  db: Database,
  archive: LogArchive,
  { shard, id: spaceId }: Space,
  recallId: string,
): Promise<ArchivedEvent | undefined> {
  const madeAt = Number.parseInt(recallId.replaceAll('-', '').slice(0, 12), 16);
  const { rows } = await sql<{ first: number; last: number }>`
    select s.first, s.last from log_segment_spaces o join log_segments s on s.shard = o.shard and s.first = o.first
    where o.shard = ${shard} and o.space_id = ${spaceId} and o.lost < o.events
      and o.recorded_from <= to_timestamp(${(madeAt + skewMs) / 1_000}::float8)
      and o.recorded_until >= to_timestamp(${(madeAt - skewMs) / 1_000}::float8)
    order by s.first`.execute(db);
  for (const { first, last } of rows) {
    for await (const events of archive.read(db, shard, { after: first - 1, upTo: last }, { spaceId })) {
      const found = events.find(({ text }) => text.includes(`"id":"${recallId}"`) && text.includes('"via": "query"'));
      if (found) return found;
    }
  }
  return undefined;
}
