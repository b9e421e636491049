import type { Space } from '@anima/core';
import { sql } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { Database } from '../engine/engine.ts';
import type { Models } from '../models.ts';
import { vectorIndexOf } from '../schema/vector-indexes.ts';
import type { VectorSize } from './search-target.ts';

/** How long a count may be old: a space does not change its order of magnitude faster. */
const freshMs = 10_000;

/** Counting stops here: past it the exact scan is out of the question, at 2 µs a vector. */
const countedUpTo = 30_000;

/** Roughly how many vectors of its model each space has, and its shard together, for the choice of the vector arm. */
export class VectorCounts {
  readonly #models: Models;
  readonly #counts: LRUCache<string, number, Space>;
  readonly #sizes: LRUCache<string, number>;

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
        const count = rows[0]?.count ?? 0;
        return count < countedUpTo ? count : Number.POSITIVE_INFINITY;
      },
    });
    this.#sizes = new LRUCache<string, number>({
      max: 1_000,
      ttl: freshMs,
      allowStale: true,
      fetchMethod: async (index) => {
        const { rows } = await sql<{ rows: number }>`
          select greatest(reltuples, 0)::float8 as rows from pg_class where oid = to_regclass(${index})`.execute(db);
        return rows[0]?.rows ?? 0;
      },
    });
  }

  /** As the last count was; a stale one answers at once while it is renewed. Very many are infinitely many. */
  async of(space: Space): Promise<Pick<VectorSize, 'ofSpace' | 'ofIndex'>> {
    const { modelId, vectorsTable } = this.#models.of(space.model);
    const [ofSpace = 0, ofIndex = 0] = await Promise.all([
      this.#counts.fetch(`${modelId} ${space.id}`, { context: space }),
      this.#sizes.fetch(vectorIndexOf(vectorsTable, space.shard)),
    ]);
    return { ofSpace, ofIndex };
  }
}
