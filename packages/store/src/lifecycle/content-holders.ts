import type { Space } from '@anima/core';
import { sql } from 'kysely';
import type { Database } from '../engine/engine.ts';

/** Lets others have the content of memories: a hash is one memory's at a time. */
export async function giveUpContent(trx: Database, { shard, id }: Space, ids: readonly string[]): Promise<void> {
  await sql`update memories set content_hash = null
    where shard = ${shard} and space_id = ${id} and memory_id = any(${ids}::uuid[])`.execute(trx);
}

/**
 * Takes the content of memories back where nobody has it, one after the other: two of them may say the same.
 *
 * @returns those that have theirs now
 */
export async function regainContent(
  trx: Database,
  { shard, id }: Space,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const regained = new Set<string>();
  for (const memoryId of ids) {
    const { rows } = await sql`
      update memories m set content_hash = said.hash
      from (
        select sha256(convert_to(content, 'UTF8')) as hash from memories
        where shard = ${shard} and space_id = ${id} and memory_id = ${memoryId}) said
      where m.shard = ${shard} and m.space_id = ${id} and m.memory_id = ${memoryId} and not exists (
        select from memories o where o.shard = ${shard} and o.space_id = ${id} and o.content_hash = said.hash
          and o.memory_id <> m.memory_id)
      returning 1`.execute(trx);
    if (rows.length > 0) regained.add(memoryId);
  }
  return regained;
}
