import { AnimaError } from '@anima/core';
import { sql } from 'kysely';
import type { Database } from '../engine/engine.ts';

/**
 * Locks the heads of these shards until the transaction ends, in shard order, so that no two appenders wait for each other.
 *
 * @returns the spaces that are being imported, which nobody else may write to
 */
export async function lockHeads(trx: Database, shards: readonly number[]): Promise<ReadonlySet<string>> {
  const [shard] = shards;
  const lock =
    shards.length === 1
      ? sql<{ importing: string[] }>`/* lock head */
        select importing from shard_heads where shard = ${shard} for update`
      : sql<{ importing: string[] }>`/* lock heads */ /* one machine: a batch of many shards */
        select importing from shard_heads where shard = any(${shards}::smallint[]) order by shard for update`;
  const { rows } = await lock.execute(trx);
  return new Set(rows.flatMap(({ importing }) => importing));
}

/** The refusal of a space that is not whole yet. */
export function beingImported(spaceName: string): AnimaError {
  return new AnimaError(
    'CONFLICT',
    `space "${spaceName}" is being imported: run "anima import" with its file again if that was broken off`,
  );
}
