import { decodeEvent, type LogEvent } from '@anima/core';
import { sql } from 'kysely';
import type { Database } from '../engine/engine.ts';

/**
 * Reads events of a shard after a position, in order.
 *
 * @throws AnimaError `INTERNAL` at an event that cannot be decoded, Error at a gap: both halt the shard
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
  return rows.map((row, index) => {
    if (row.position !== range.after + index + 1) {
      throw new Error(`the log of shard ${shard} has a gap before position ${row.position}`);
    }
    return decodeEvent({ ...row, recordedAt: row.recordedAt.getTime() });
  });
}
