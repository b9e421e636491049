import type { Space } from '@anima/core';
import { type RawBuilder, sql } from 'kysely';
import type { Database } from '../engine/engine.ts';
import { type Allowed, countAllowed } from './filters.ts';

/** Where a search looks, and how thoroughly. */
export interface SearchTarget {
  readonly vectorsTable: string;
  /** Type of the vector column, with its dimension. */
  readonly vectorColumn: string;
  /** Whether comparing all vectors of what is searched, one by one, is cheaper than the HNSW index. */
  readonly exact: boolean;
  /** Whether it is so little that one plan serves all that are as little; a larger space has plans of its own. */
  readonly isSmall?: boolean;
  /** Whether to look at all there is, without the bounds on words and lists: for little, and to measure the bounds. */
  readonly exhaustive?: boolean;
}

/** What the choice of the vector arm depends on. */
export interface VectorSize {
  /** Vectors of the space. */
  readonly ofSpace: number;
  /** Vectors that the graph holds, which is of all spaces of a shard; 0 where that is not known. */
  readonly ofIndex: number;
  /** Up to how many of a space the exact scan is the cheaper way, whatever else the index holds. */
  readonly exactScanBound: number;
}

/** How many vectors of the space a search takes from the index: 50 memories, and again as many for their chunks. */
const listed = 100;

/** A vector visited in the graph, in vectors compared one after the other: 14 µs to 2 (ADR 24). */
const visitCost = 7;

/**
 * Whether the exact scan compares fewer vectors than the graph, which the spaces of a shard share, is worth: until the
 * graph has `listed` of one space it visits those of the others that stand between them.
 */
export function isExactCheaper({ ofSpace, ofIndex, exactScanBound }: VectorSize): boolean {
  return ofSpace <= exactScanBound || ofSpace <= (visitCost * listed * ofIndex) / ofSpace;
}

/** Chooses between comparing vectors one by one and the HNSW index, by cost. */
export async function chooseTarget(
  db: Database,
  vectors: Pick<SearchTarget, 'vectorsTable' | 'vectorColumn'>,
  size: VectorSize,
  space: Space,
  allowed: Allowed,
): Promise<SearchTarget> {
  const { ofSpace, exactScanBound: bound } = size;
  if (ofSpace <= bound) return { ...vectors, exact: true, isSmall: true };
  // What sharp filters leave is little enough to be searched whole.
  const isLittle = allowed.isFiltered && (await countAllowed(db, space, allowed, bound + 1)) <= bound;
  return { ...vectors, exact: isLittle || isExactCheaper(size), isSmall: isLittle, exhaustive: isLittle };
}

/** The cosine distance of `vectors v`: an expression instead of the bare one keeps the index out of an exact scan. */
export function distanceTo({ exact }: SearchTarget, vector: RawBuilder<unknown>): RawBuilder<unknown> {
  return exact ? sql`(v.embedding <=> ${vector}) + 0` : sql`v.embedding <=> ${vector}`;
}
