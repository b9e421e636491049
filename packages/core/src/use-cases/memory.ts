import { AnimaError, noSuchMemory, refusal } from '../errors.ts';
import type { GetInput, ListInput, UnmergeInput, UpdateInput } from '../inputs/lifecycle.ts';
import {
  type LifecycleStore,
  type ListPlace,
  listOrders,
  type MemoryVersion,
  type StoredEntry,
} from '../ports/lifecycle.ts';
import type { Embedder, MemoryStore, Space } from '../ports.ts';
import { isUnavailable, requestKey } from './add.ts';
import { withinBudget } from './budget.ts';

export interface GetResult extends StoredEntry {
  /** First to current. */
  readonly versions: readonly Omit<MemoryVersion, 'content'>[];
  /** Memories that were merged into this one. */
  readonly variants: readonly string[];
}

export interface ListResult {
  readonly memories: readonly StoredEntry[];
  /** The `cursor` of the next page; null on the last. */
  readonly next: string | null;
}

export interface UpdateResult {
  readonly memory: StoredEntry;
  /** Whether the content is another than before. */
  readonly isNewVersion: boolean;
}

export interface UpdateDependencies {
  readonly store: MemoryStore & LifecycleStore;
  readonly embedder: Embedder;
  /** How long an update waits for the vector of new content, ms from its start. */
  readonly addEmbedBudgetMs: number;
}

/** One memory, whatever became of it, with its versions and what was merged into it. */
export async function getMemory(store: MemoryStore & LifecycleStore, input: GetInput): Promise<GetResult> {
  const space = await store.openSpace(input.space);
  const [entry, versions, variants] = await Promise.all([
    readEntry(store, space, input.memoryId),
    store.readVersions(space, input.memoryId),
    store.readVariants(space, input.memoryId),
  ]);
  const { version = entry.version } = input;
  const wanted = versions.find((one) => one.version === version);
  if (!wanted) {
    throw new AnimaError('NOT_FOUND', `version: memory ${entry.id} has versions 1 to ${entry.version}`);
  }
  return {
    ...entry,
    content: wanted.content,
    version,
    versions: versions.map(({ content: _, ...rest }) => rest),
    variants,
  };
}

async function readEntry(store: LifecycleStore, space: Space, memoryId: string): Promise<StoredEntry> {
  const [entry] = await store.readEntries(space, [memoryId]);
  if (!entry) throw noSuchMemory('memoryId', [memoryId], space.id);
  return entry;
}

/** A page of the memories that meet every condition. */
export async function listMemories(store: MemoryStore & LifecycleStore, input: ListInput): Promise<ListResult> {
  const { cursor, order, descending, limit, space: spaceName, ...selection } = input;
  const space = await store.openSpace(spaceName);
  const after = cursor === undefined ? undefined : readCursor(cursor, order);
  const { memories, next } = await store.list(space, { selection, order, descending, after, limit });
  return { memories, next: next ? writeCursor(next, order) : null };
}

/** A cursor names its order, so that it is not taken for a place in another list. */
function writeCursor({ value, memoryId }: ListPlace, order: ListInput['order']): string {
  return btoa([listOrders.indexOf(order), value, memoryId].join('|'));
}

function readCursor(cursor: string, order: ListInput['order']): ListPlace {
  const place = /^[\w+/]+=*$/.test(cursor) ? /^(\d)\|([\d :.+-]+)\|([\da-f-]{36})$/.exec(decode(cursor)) : null;
  const [, ofOrder, value, memoryId] = place ?? [];
  if (value !== undefined && memoryId !== undefined && Number(ofOrder) === listOrders.indexOf(order)) {
    return { value, memoryId };
  }
  throw refusal('cursor', 'is not the next of a page in this order');
}

function decode(cursor: string): string {
  try {
    return atob(cursor);
  } catch {
    return '';
  }
}

/** Replaces what is named. New content is durable when this returns, embedded if the model answered in time. */
export async function updateMemory(dependencies: UpdateDependencies, input: UpdateInput): Promise<UpdateResult> {
  const { store, embedder, addEmbedBudgetMs } = dependencies;
  const { space: spaceName, idempotencyKey, memoryId, ...changes } = input;
  const space = await store.openSpace(spaceName);
  const request = requestKey('update', idempotencyKey, { memoryId, ...changes });
  const updating = store.update(space, memoryId, changes, request);
  const { content } = changes;
  const embed = async (signal: AbortSignal) => {
    if (content === undefined) return;
    const [chunks] = await embedder.embedContents(space, [content], signal);
    const { version } = await updating;
    if (chunks) await store.saveVectors(space, [{ memoryId, version, chunks }]);
  };
  const isNew = updating.then(({ isNewVersion }) => isNewVersion);
  const [{ isNewVersion }] = await Promise.all([updating, withinBudget(addEmbedBudgetMs, embed, isUnavailable, isNew)]);
  const memory = await readEntry(store, space, memoryId);
  if (memory.embedding === 'pending') store.requestEmbedding(space);
  return { memory, isNewVersion };
}

/** Makes a variant a memory of its own again, as it would be had it never been merged. */
export async function unmergeMemory(
  store: MemoryStore & LifecycleStore,
  { space: spaceName, memoryId, idempotencyKey }: UnmergeInput,
): Promise<{ readonly memoryId: string; readonly survivor: string }> {
  const space = await store.openSpace(spaceName);
  const { survivor } = await store.unmerge(space, memoryId, requestKey('unmerge', idempotencyKey, { memoryId }));
  return { memoryId, survivor };
}
