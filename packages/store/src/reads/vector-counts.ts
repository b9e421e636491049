import type { Space } from '@anima/core';
import { sql } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { Database } from '../engine/engine.ts';
import type { Models } from '../models.ts';

/** How long a count may be old: a space does not change its order of magnitude faster. */
const freshMs = 10_000;

/** Counting stops here: past it the exact scan is out of the question. */
const countedUpTo = 10_000;

/** Roughly how many vectors of its model each space has, for the choice of the vector arm. */
export class VectorCounts {
  readonly #models: Models;
  readonly #counts: LRUCache<string, number, Space>;

  constructor(db: Database, models: Models) {
    this.#models = models;
    this.#counts = new LRUCache<string, number, Space>({
      max: 10_000,
      ttl: freshMs,
      allowStale: true,
      fetchMethod: async (_key, _stale, { context: { id, shard, model } }) => {
        const { rows } = await sql<{ count: number }>`/* count vectors */
          select count(*)::int as count from (
            select from ${sql.table(models.of(model).vectorsTable)} where shard = ${shard} and space_id = ${id}
            limit ${countedUpTo}::integer) v`.execute(db);
        return rows[0]?.count ?? 0;
      },
    });
  }

  /** At most {@link countedUpTo}; a stale count answers at once while it is renewed. */
  async ofSpace(space: Space): Promise<number> {
    const key = `${this.#models.of(space.model).modelId} ${space.id}`;
    return (await this.#counts.fetch(key, { context: space })) ?? 0;
  }
}
