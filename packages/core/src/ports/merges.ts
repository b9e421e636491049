import type { Visibility } from '../memory-state.ts';
import type { Space } from '../ports.ts';

/** One side of a merge as it is by now; without a content when it was erased. */
export interface MergedMemory {
  readonly memoryId: string;
  readonly content: string | null;
  readonly visibility: Visibility;
}

/** A memory that was taken in by another. */
export interface Merge {
  /** Place in the log of the space's shard. */
  readonly position: number;
  /** When it was recorded, ISO 8601. */
  readonly at: string;
  readonly survivor: MergedMemory;
  readonly merged: MergedMemory;
  /** Cosine of the two when they were merged. */
  readonly similarity: number;
  /** Whether they still are. */
  readonly isMerged: boolean;
}

export interface MergeStore {
  /** The newest first, those before a position; one more than `limit` where there are more. */
  readMerges(
    space: Space,
    page: { readonly before: number | undefined; readonly limit: number },
  ): Promise<readonly Merge[]>;
}
