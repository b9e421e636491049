import { AnimaError, noSuchMemory } from '../errors.ts';
import type { ChangeInput, MarkInput, SetTierInput } from '../inputs/lifecycle.ts';
import { limits } from '../limits.ts';
import type { Visibility } from '../memory-state.ts';
import type { ChangedMemories, LifecycleStore, ListPlace } from '../ports/lifecycle.ts';
import type { Embedder, MemoryStore, RequestKey, Space } from '../ports.ts';
import { requestKey } from './add.ts';

export interface ChangeResult {
  /** Memories that were changed, or would be: the first 1,000 of them. */
  readonly memoryIds: readonly string[];
  readonly count: number;
  /** Those that were named, and why it did not concern them. */
  readonly unchanged: ChangedMemories['unchanged'];
  readonly isDryRun: boolean;
}

type Store = MemoryStore & LifecycleStore;

/** What one kind of change concerns, and how it is made. */
interface Kind {
  readonly operation: string;
  readonly concerns: (visibility: Visibility) => boolean;
  /** What `where` means when it does not say. */
  readonly visibility: 'live' | 'hidden';
  readonly apply: (space: Space, ids: readonly string[], request?: RequestKey) => Promise<ChangedMemories>;
}

const isLive = (visibility: Visibility) => visibility === 'live';

/** Hides memories from queries; they can be restored, and come back when their content is added again. */
export function forgetMemories(store: Store, input: ChangeInput): Promise<ChangeResult> {
  const apply: Kind['apply'] = (space, ids, request) => store.forget(space, ids, request);
  return change(store, input, { operation: 'forget', concerns: isLive, visibility: 'live', apply });
}

/** Shows forgotten and expired memories again, with all their history. */
export function restoreMemories(store: Store, input: ChangeInput): Promise<ChangeResult> {
  const apply: Kind['apply'] = (space, ids, request) => store.restore(space, ids, request);
  const concerns = (visibility: Visibility) => visibility === 'hidden' || visibility === 'expired';
  return change(store, input, { operation: 'restore', concerns, visibility: 'hidden', apply });
}

/** Removes what was said for good: contents, versions, variants, vectors. The log keeps ids and numbers only. */
export function eraseMemories(
  { store, embedder }: { readonly store: Store; readonly embedder: Pick<Embedder, 'forget'> },
  input: ChangeInput,
): Promise<ChangeResult> {
  const apply: Kind['apply'] = async (space, ids, request) => {
    const outcome = await store.erase(space, ids, request);
    embedder.forget(space);
    return outcome;
  };
  return change(store, input, { operation: 'erase', concerns: () => true, visibility: 'live', apply });
}

/** Sets a tier by hand. It stays until the threshold of a higher one is crossed anew. */
export function setTiers(store: Store, { tier, reason, ...input }: SetTierInput): Promise<ChangeResult> {
  const apply: Kind['apply'] = (space, ids, request) => store.setTier(space, ids, tier, reason, request);
  return change(store, input, { operation: `tier ${tier} ${reason}`, concerns: isLive, visibility: 'live', apply });
}

/** Marks catalysts: φ + 1.0; or unmarks them, which takes that back. */
export function markCatalysts(store: Store, { catalyst, ...input }: MarkInput): Promise<ChangeResult> {
  const apply: Kind['apply'] = (space, ids, request) => store.mark(space, ids, catalyst, request);
  return change(store, input, { operation: `mark ${catalyst}`, concerns: isLive, visibility: 'live', apply });
}

/** Ids that an answer lists; all are counted. */
const listed = 1_000;

async function change(store: Store, input: ChangeInput, kind: Kind): Promise<ChangeResult> {
  const space = await store.openSpace(input.space);
  const { memoryIds: named, where, dryRun: isDryRun } = input;
  if (named) {
    const ids = [...new Set(named)];
    const request = requestKey(kind.operation, input.idempotencyKey, ids);
    const { changed, unchanged } = isDryRun
      ? await foresee(store, space, ids, kind)
      : await kind.apply(space, ids, request);
    return { memoryIds: changed.slice(0, listed), count: changed.length, unchanged, isDryRun };
  }
  const memoryIds: string[] = [];
  let count = 0;
  for await (const ids of pages(store, space, { ...where, visibility: where?.visibility ?? kind.visibility })) {
    const { changed } = isDryRun
      ? await foresee(store, space, ids, kind)
      : await applyToWhatIsLeft(store, space, ids, kind);
    memoryIds.push(...changed.slice(0, listed - memoryIds.length));
    count += changed.length;
  }
  return { memoryIds, count, unchanged: [], isDryRun };
}

/** Ids of all that meet the conditions, oldest first, as many at a time as one change names. */
async function* pages(store: Store, space: Space, selection: Parameters<Store['list']>[1]['selection']) {
  let after: ListPlace | undefined;
  do {
    const page = {
      selection,
      order: 'created',
      descending: false,
      after,
      limit: limits.changed,
      isCurrent: true,
    } as const;
    const { memories, next } = await store.list(space, page);
    if (memories.length > 0) yield memories.map(({ id }) => id);
    after = next;
  } while (after);
}

/** Somebody may have erased one of them since they were listed. */
async function applyToWhatIsLeft(store: Store, space: Space, ids: readonly string[], kind: Kind) {
  try {
    return await kind.apply(space, ids);
  } catch (error) {
    if (!(error instanceof AnimaError) || error.code !== 'NOT_FOUND') throw error;
    const left = await store.readEntries(space, ids);
    return kind.apply(
      space,
      left.map(({ id }) => id),
    );
  }
}

/** What a change would do now. */
async function foresee(
  store: Store,
  space: Space,
  ids: readonly string[],
  { concerns }: Kind,
): Promise<ChangedMemories> {
  const entries = await store.readEntries(space, ids);
  const known = new Set(entries.map(({ id }) => id));
  const missing = ids.filter((id) => !known.has(id));
  if (missing.length > 0) throw noSuchMemory('memoryIds', missing, space.id);
  return {
    changed: entries.filter(({ visibility }) => concerns(visibility)).map(({ id }) => id),
    unchanged: entries.flatMap(({ id, visibility }) =>
      concerns(visibility) ? [] : [{ memoryId: id, because: visibility }],
    ),
  };
}
