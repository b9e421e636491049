import { type Difference, duplicateThreshold, statedDifference } from '../consolidation.ts';
import type { ConsolidateInput } from '../inputs/lifecycle.ts';
import { limits } from '../limits.ts';
import type { DuplicateStore } from '../ports/duplicates.ts';
import type { LifecycleStore, ListPlace } from '../ports/lifecycle.ts';
import type { MemoryStore, Space } from '../ports.ts';

/** Two memories that are near enough to be the same. */
export interface DuplicatePair {
  readonly survivor: { readonly memoryId: string; readonly content: string };
  readonly merged: { readonly memoryId: string; readonly content: string };
  readonly similarity: number;
  /** What they state differently, and why they are left alone; null when they say the same. */
  readonly difference: Difference | null;
  /** False where they differ, in a dry run, and where they were parted before. */
  readonly isMerged: boolean;
}

export type ConsolidationStep =
  | { readonly type: 'progress'; readonly examined: number; readonly total: number }
  | { readonly type: 'pair'; readonly pair: DuplicatePair }
  | { readonly type: 'report'; readonly examined: number; readonly merged: number; readonly different: number };

/** When two memories are merged. */
export interface DuplicateRule {
  /** Cosine that a pair needs. */
  readonly threshold: number;
  /** Whether their words must say the same as well. */
  readonly isGuarded: boolean;
}

/** The rule of a space: its own settings, else what was measured for the provider of its model. */
export function duplicateRule({ settings, model }: Space): DuplicateRule {
  return {
    threshold: settings.consolidationThreshold ?? duplicateThreshold(model.provider),
    isGuarded: settings.consolidationGuard ?? true,
  };
}

/**
 * Finds the memories that one may be the same as, and merges it with those that it is the same as, the
 * later-added into the earlier; once it is merged into another itself, it has no more duplicates.
 *
 * @param options.isDryRun only says what would be merged
 * @param options.onlyEarlier leaves out those that were added later, from which the pair is found as well
 */
export async function* mergeDuplicates(
  store: DuplicateStore,
  space: Space,
  memoryId: string,
  { threshold, isGuarded }: DuplicateRule,
  options: { readonly isDryRun?: boolean; readonly onlyEarlier?: boolean } = {},
): AsyncGenerator<DuplicatePair> {
  const found = await store.nearest(space, memoryId, threshold);
  for (const { isEarlier, similarity, ...other } of found?.neighbours ?? []) {
    if (!found || (options.onlyEarlier && !isEarlier)) continue;
    const own = { memoryId, content: found.content };
    const [survivor, merged] = isEarlier ? [other, own] : [own, other];
    const difference = isGuarded ? (statedDifference(survivor.content, merged.content) ?? null) : null;
    const isMerged =
      difference === null &&
      !options.isDryRun &&
      (await store.merge(space, [survivor.memoryId, merged.memoryId], similarity)) !== undefined;
    yield { survivor, merged, similarity, difference, isMerged };
    if (isEarlier && difference === null) return;
  }
}

/** Looks through a whole space for memories that are the same, and merges them unless it is a dry run. */
export async function* consolidate(
  { store }: { readonly store: MemoryStore & LifecycleStore & DuplicateStore },
  { space: name, dryRun: isDryRun, threshold }: ConsolidateInput,
): AsyncGenerator<ConsolidationStep> {
  const space = await store.openSpace(name);
  const ofSpace = duplicateRule(space);
  const rule = { ...ofSpace, threshold: threshold ?? ofSpace.threshold };
  const counts = { examined: 0, merged: 0, different: 0 };
  const total = await store.count(space, { visibility: 'live' });
  let after: ListPlace | undefined;
  do {
    const page = { order: 'created', descending: false, after, limit: limits.listed, isCurrent: true } as const;
    const { memories, next } = await store.list(space, { ...page, selection: { visibility: 'live' } });
    for (const { id } of memories) {
      for await (const pair of mergeDuplicates(store, space, id, rule, { isDryRun, onlyEarlier: true })) {
        if (pair.isMerged) counts.merged += 1;
        if (pair.difference) counts.different += 1;
        yield { type: 'pair', pair };
      }
      counts.examined += 1;
    }
    yield { type: 'progress', examined: counts.examined, total: Math.max(total, counts.examined) };
    after = next;
  } while (after);
  yield { type: 'report', ...counts };
}
