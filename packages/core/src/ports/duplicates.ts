import type { Space } from '../ports.ts';
import type { LifecycleStore } from './lifecycle.ts';

/** A live memory that is near another. */
export interface SimilarMemory {
  readonly memoryId: string;
  readonly content: string;
  /** Cosine of their vectors; of texts of several chunks, that of the two that are furthest apart. */
  readonly similarity: number;
  /** Whether it was added before the other. */
  readonly isEarlier: boolean;
}

/** Where near-duplicates are found and merged. */
export interface DuplicateStore extends Pick<LifecycleStore, 'merge'> {
  /**
   * The live memories of a space that are nearest to one of them, of as many chunks, nearest first; undefined
   * when it is not live, or has no vector yet.
   */
  nearest(
    space: Space,
    memoryId: string,
    least: number,
  ): Promise<{ readonly content: string; readonly neighbours: readonly SimilarMemory[] } | undefined>;
}
