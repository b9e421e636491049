import type { Space } from '../ports.ts';

/** Two live memories that were recalled together; `a < b`. */
export interface AssociatedPair {
  readonly a: string;
  readonly b: string;
  readonly count: number;
}

/** A look at all associations of a space at once. A merged memory is seen as its last survivor. */
export interface NetworkStore {
  /**
   * The pairs that were recalled together the most often, the most often first.
   *
   * @throws AnimaError `OVERLOADED` when the space has more pairs than can be read in the time there is
   */
  strongestPairs(
    space: Space,
    search: { readonly leastCount: number; readonly limit: number },
  ): Promise<readonly AssociatedPair[]>;
}
