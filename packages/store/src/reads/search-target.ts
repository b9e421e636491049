import type { Space } from '@anima/core';
import { type RawBuilder, sql } from 'kysely';
import type { Database } from '../engine/engine.ts';
import { type Allowed, countAllowed } from './filters.ts';

/** Where a search looks, and how thoroughly. */
export interface SearchTarget {
  readonly vectorsTable: string;
  /** Type of the vector column, with its dimension. */
  readonly vectorColumn: string;
  /** Whether what is searched is so little that comparing its vectors one by one is cheaper than the HNSW index. */
  readonly exact: boolean;
  /** Whether to look at all there is, without the bounds on words and lists: for little, and to measure the bounds. */
  readonly exhaustive?: boolean;
}

/**
 * Chooses between comparing vectors one by one and the HNSW index, by cost: the rows that are compared
 * against those that the index visits.
 *
 * @param size vectors of the space, and up to how many the exact scan is the cheaper way
 */
export async function chooseTarget(
  db: Database,
  vectors: Pick<SearchTarget, 'vectorsTable' | 'vectorColumn'>,
  size: { readonly ofSpace: number; readonly exactScanBound: number },
  space: Space,
  allowed: Allowed,
): Promise<SearchTarget> {
  const { ofSpace, exactScanBound: bound } = size;
  if (ofSpace <= bound) return { ...vectors, exact: true };
  // What sharp filters leave is little enough to be searched whole.
  const isLittle = allowed.isFiltered && (await countAllowed(db, space, allowed, bound + 1)) <= bound;
  return { ...vectors, exact: isLittle, exhaustive: isLittle };
}

/** The cosine distance of `vectors v`: an expression instead of the bare one keeps the index out of an exact scan. */
export function distanceTo({ exact }: SearchTarget, vector: RawBuilder<unknown>): RawBuilder<unknown> {
  return exact ? sql`(v.embedding <=> ${vector}) + 0` : sql`v.embedding <=> ${vector}`;
}
