import type { Memory } from '../memory.ts';
import type { Visibility } from '../memory-state.ts';
import type { Filters, RequestKey, Space } from '../ports.ts';
import type { Tier } from '../tiers.ts';

/** A memory whatever became of it, but erased. */
export interface StoredEntry extends Memory {
  readonly visibility: Visibility;
  /** The memory that it is a variant of. */
  readonly mergedInto: string | null;
  readonly expiresAt: string | null;
  readonly embedding: 'ready' | 'pending';
}

/** One wording of a memory; the last of them is the current one. */
export interface MemoryVersion {
  readonly version: number;
  readonly content: string;
  /** When the next one took its place; null for the current one. */
  readonly replacedAt: string | null;
}

/** What a list is ordered by. */
export const listOrders = ['created', 'accessed', 'resonance'] as const;
export type ListOrder = (typeof listOrders)[number];

/** Which memories are meant: those that meet every condition given. */
export interface Selection extends Filters {
  /** That have all of these words, in any form of them. */
  readonly words?: string | undefined;
  /** Whether they wait for their vector; undefined where that does not matter. */
  readonly isPending?: true | undefined;
  readonly source?: string | undefined;
  readonly isCatalyst?: boolean | undefined;
  readonly visibility: Visibility;
}

/** A place in a list: behind the memory that has this value of what it is ordered by. */
export interface ListPlace {
  readonly value: string;
  readonly memoryId: string;
}

export interface ListPage {
  readonly selection: Selection;
  readonly order: ListOrder;
  readonly descending: boolean;
  readonly after: ListPlace | undefined;
  readonly limit: number;
  /** Set where something is decided by what is found: then it is read where it cannot be behind. */
  readonly isCurrent?: true;
}

/** What an update replaces; null clears, undefined leaves as it is. */
export interface MemoryChanges {
  readonly content?: string | undefined;
  readonly category?: string | null | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly source?: string | null | undefined;
  readonly occurredAt?: string | null | undefined;
  readonly expiresAt?: string | null | undefined;
}

/** Why a change did not concern a memory: what it is, or that its content is another memory's by now. */
export type NotChanged = Visibility | 'duplicate';

/** What a change of several memories did. */
export interface ChangedMemories {
  readonly changed: readonly string[];
  readonly unchanged: readonly { readonly memoryId: string; readonly because: NotChanged }[];
}

/**
 * What happens to memories after they were added. Every method appends facts and returns once they are durable.
 * An id that the space does not have is a `NOT_FOUND`, and nothing happens; what an erased memory was is gone,
 * so it is not found either.
 */
export interface LifecycleStore {
  /** In the order of `ids`, whatever their visibility. */
  readEntries(space: Space, ids: readonly string[]): Promise<readonly StoredEntry[]>;
  /** First to current. */
  readVersions(space: Space, memoryId: string): Promise<readonly MemoryVersion[]>;
  /** The memories merged into one, directly. */
  readVariants(space: Space, memoryId: string): Promise<readonly string[]>;
  /** One page of a list; `next` where there may be more. */
  list(
    space: Space,
    page: ListPage,
  ): Promise<{ readonly memories: readonly StoredEntry[]; readonly next: ListPlace | undefined }>;
  /** How many memories meet the conditions. */
  count(space: Space, selection: Selection): Promise<number>;
  /**
   * Replaces what is named. Other content is a new version, which has no vector yet.
   *
   * @throws AnimaError `CONFLICT` when the memory is not live, or another one has that content
   */
  update(
    space: Space,
    memoryId: string,
    changes: MemoryChanges,
    request?: RequestKey,
  ): Promise<{ readonly memoryId: string; readonly version: number; readonly isNewVersion: boolean }>;
  /** Hides live memories. */
  forget(space: Space, ids: readonly string[], request?: RequestKey): Promise<ChangedMemories>;
  /** Shows forgotten and expired memories again. */
  restore(space: Space, ids: readonly string[], request?: RequestKey): Promise<ChangedMemories>;
  /** Removes all that was said, in these memories and in those merged into them, for good. */
  erase(space: Space, ids: readonly string[], request?: RequestKey): Promise<ChangedMemories>;
  /** Sets a tier by hand; a reason is kept beside the log. */
  setTier(
    space: Space,
    ids: readonly string[],
    tier: Tier,
    reason: string | undefined,
    request?: RequestKey,
  ): Promise<ChangedMemories>;
  /** Makes memories catalysts, or no longer. */
  mark(space: Space, ids: readonly string[], catalyst: boolean, request?: RequestKey): Promise<ChangedMemories>;
  /**
   * Makes one of two live memories a variant of the other: the later-added of the earlier. Undefined when one
   * of them is not live any more, or they were parted before.
   */
  merge(
    space: Space,
    pair: readonly [string, string],
    similarity: number,
    request?: RequestKey,
  ): Promise<{ readonly survivor: string; readonly merged: string } | undefined>;
  /**
   * Makes a variant a memory of its own again.
   *
   * @throws AnimaError `CONFLICT` when it is none
   */
  unmerge(space: Space, memoryId: string, request?: RequestKey): Promise<{ readonly survivor: string }>;
}
