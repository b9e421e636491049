import type { Space } from '../ports.ts';

/** When a memory was accessed. */
export interface Accesses {
  readonly memoryId: string;
  /** Epoch milliseconds, in order. */
  readonly times: readonly number[];
}

export interface AccessWindow {
  /** From when on the log was looked at: ISO 8601, UTC; null when it has no event there. */
  readonly since: string | null;
  readonly accesses: readonly Accesses[];
}

/** Reads that look for catalysts. A merged memory counts as its survivor; only live ones are shown. */
export interface CatalystStore {
  /** Ids of the catalysts of the highest φ, the highest first. */
  catalysts(space: Space, limit: number): Promise<readonly string[]>;
  /**
   * Accesses of memories that are no catalysts, in a bounded stretch of the newest log: of those that
   * were accessed at least `least` times, those with the most.
   */
  recentAccesses(
    space: Space,
    search: { readonly least: number; readonly since: string | undefined },
  ): Promise<AccessWindow>;
  /** Ids of the newest memories, none of them a catalyst, in whose content one of these words or phrases stands. */
  memoriesWithWords(space: Space, words: readonly string[], limit: number): Promise<readonly string[]>;
}
