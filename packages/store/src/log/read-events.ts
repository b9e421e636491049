import { decodeEvent, type LogEvent } from '@anima/core';
import { sql } from 'kysely';
import type { Database } from '../engine/engine.ts';

/**
 * Reads events of a shard after a position, in order, up to one that cannot be decoded: those before it
 * may be folded.
 *
 * @throws AnimaError `INTERNAL` when the very next event cannot be decoded, Error at a gap: both halt the shard
 */
export async function readEvents(
  db: Database,
  shard: number,
  range: { readonly after: number; readonly upTo?: number; readonly limit: number },
): Promise<LogEvent[]> {
  const { rows } = await sql<{ recordedAt: Date; position: number }>`/* read events */
    select shard, position, space_id as "spaceId", id, type, schema_version as "schemaVersion",
      conversation_id as "conversationId", memory_ids as "memoryIds", payload, recorded_at as "recordedAt"
    from events
    where shard = ${shard} and position > ${range.after} and position <= ${range.upTo ?? Number.MAX_SAFE_INTEGER}
    order by position limit ${range.limit}`.execute(db);
  const events: LogEvent[] = [];
  for (const row of rows) {
    if (row.position !== range.after + events.length + 1) {
      throw new Error(`the log of shard ${shard} has a gap before position ${row.position}`);
    }
    try {
      events.push(decodeEvent({ ...row, recordedAt: row.recordedAt.getTime() }));
    } catch (error) {
      if (events.length === 0) throw error;
      break;
    }
  }
  return events;
}
