import { type RawBuilder, sql } from 'kysely';

/** How a statement that many requests share says of which shards it is. */
export interface NamedShards {
  /** Stands behind the statement's name. */
  readonly note: RawBuilder<unknown>;
  /** A condition on a table, to be followed by others. */
  readonly inShard: (table: string) => RawBuilder<unknown>;
}

/**
 * Names the shard of a batch that is of one: on a distributed database only that makes a statement one node's work, so
 * there every batch is. One machine takes batches of many, whose rows say the shard.
 */
export function nameShards(shards: Iterable<number>): NamedShards {
  const [shard, ...others] = new Set(shards);
  if (others.length > 0) {
    return { note: sql` /* one machine: a batch of many shards */`, inShard: () => sql`` };
  }
  return { note: sql``, inShard: (table) => sql`${sql.ref(`${table}.shard`)} = ${shard} and ` };
}
