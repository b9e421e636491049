import type { Space } from '@anima/core';
import { sql } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { Database } from '../engine/engine.ts';
import type { RegisteredModel } from '../schema/migrate.ts';

/** How long a count may be old: a space does not change its order of magnitude faster. */
const freshMs = 10_000;

/** Counting stops here: past it the exact scan is out of the question. */
const countedUpTo = 10_000;

/** Roughly how many vectors each space has, for the choice of the vector arm. */
export class VectorCounts {
  readonly #counts: LRUCache<string, number>;

  constructor(db: Database, { vectorsTable }: RegisteredModel) {
    this.#counts = new LRUCache<string, number>({
      max: 10_000,
      ttl: freshMs,
      allowStale: true,
      fetchMethod: async (spaceId, _stale, { context }) => {
        const shard = context as number;
        const { rows } = await sql<{ count: number }>`/* count vectors */
          select count(*)::int as count from (
            select from ${sql.table(vectorsTable)} where shard = ${shard} and space_id = ${spaceId}
            limit ${countedUpTo}::integer) v`.execute(db);
        return rows[0]?.count ?? 0;
      },
    });
  }

  /** At most {@link countedUpTo}; a stale count answers at once while it is renewed. */
  async ofSpace(space: Space): Promise<number> {
    return (await this.#counts.fetch(space.id, { context: space.shard })) ?? 0;
  }
}
