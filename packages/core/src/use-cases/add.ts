import { AnimaError } from '../errors.ts';
import type { AddInput, AddManyInput } from '../inputs/memories.ts';
import type { Memory } from '../memory.ts';
import type { LifecycleStore } from '../ports/lifecycle.ts';
import type { AddOutcome, Embedder, MemoryStore, NewMemory, RequestKey, Space, StoredMemory } from '../ports.ts';
import { withinBudget } from './budget.ts';

export interface AddResult {
  readonly memory: Memory;
  readonly isDuplicate: boolean;
  /** Present and true when the very same content was known; near-duplicates are found later, in the background. */
  readonly exactMatch?: true;
  /** `pending`: durable and found by its words now, by its meaning once a worker has embedded it. */
  readonly embedding: 'ready' | 'pending';
  /** Whose vectors the space has. */
  readonly embeddingProvider: string;
  readonly isCatalyst: boolean;
}

export interface AddDependencies {
  readonly store: MemoryStore & Pick<LifecycleStore, 'readEntries'>;
  readonly embedder: Embedder;
  /** How long an add waits for its vector to be there, ms from its start. */
  readonly addEmbedBudgetMs: number;
}

/** Remembers one text: durable when this returns, embedded if the model answered within its budget. */
export async function add(dependencies: AddDependencies, input: AddInput): Promise<AddResult> {
  const { space, idempotencyKey, ...memory } = input;
  const [result] = await addAll(dependencies, space, [memory], requestKey('add', idempotencyKey, memory));
  if (!result) throw new AnimaError('INTERNAL', 'add had no outcome');
  return result;
}

/** Remembers many texts in one append: all of them or, on an error, none. */
export async function addMany(dependencies: AddDependencies, input: AddManyInput): Promise<readonly AddResult[]> {
  const { space, idempotencyKey, memories } = input;
  return addAll(dependencies, space, memories, requestKey('addMany', idempotencyKey, memories));
}

async function addAll(
  { store, embedder, addEmbedBudgetMs }: AddDependencies,
  spaceName: string,
  inputs: AddManyInput['memories'],
  request: RequestKey | undefined,
): Promise<readonly AddResult[]> {
  const space = await store.openSpace(spaceName);
  const memories = inputs.map(newMemory);
  const contents = memories.map(({ content }) => content);
  const adding = store.add(space, memories, request);
  const embed = async (signal: AbortSignal) => {
    const vectors = await embedder.embedContents(space, contents, signal);
    await saveVectors(store, space, await adding, vectors);
    return true;
  };
  const hasNew = adding.then((outcomes) => outcomes.some(({ isNew }) => isNew));
  const [outcomes, isEmbedded = false] = await Promise.all([
    adding,
    withinBudget(addEmbedBudgetMs, embed, isUnavailable, hasNew),
  ]);
  const known = await readKnown(store, space, outcomes);
  const results = outcomes.map((outcome) => addResult(space, outcome, known, isEmbedded));
  if (results.some(({ embedding }) => embedding === 'pending')) store.requestEmbedding(space);
  return results;
}

function newMemory(input: AddManyInput['memories'][number]): NewMemory {
  return {
    content: input.content,
    category: input.category ?? null,
    tags: input.tags,
    source: input.source ?? null,
    isCatalyst: input.isCatalyst,
    conversationId: input.conversationId ?? null,
    occurredAt: input.occurredAt ?? null,
    expiresAt: input.expiresAt ?? null,
  };
}

async function saveVectors(
  store: MemoryStore,
  space: Space,
  outcomes: readonly AddOutcome[],
  vectors: readonly Float32Array[][],
): Promise<void> {
  const fresh = outcomes.flatMap(({ memoryId, version, isNew }, index) => {
    const chunks = vectors[index];
    return isNew && chunks ? [{ memoryId, version, chunks }] : [];
  });
  if (fresh.length > 0) await store.saveVectors(space, fresh);
}

async function readKnown(
  store: AddDependencies['store'],
  space: Space,
  outcomes: readonly AddOutcome[],
): Promise<ReadonlyMap<string, StoredMemory>> {
  const ids = new Set(outcomes.flatMap(({ isNew, memoryId }) => (isNew ? [] : [memoryId])));
  const live = await store.readMemories(space, [...ids]);
  const known = new Map(live.map((memory) => [memory.id, memory]));
  // What was merged or forgotten since it was recorded was remembered all the same.
  const others = [...ids].filter((id) => !known.has(id));
  for (const entry of others.length > 0 ? await store.readEntries(space, others) : []) {
    const { visibility: _, mergedInto: _into, expiresAt: _end, embedding, ...memory } = entry;
    known.set(entry.id, { ...memory, embedded: embedding === 'ready' });
  }
  return known;
}

function addResult(
  { model }: Space,
  outcome: AddOutcome,
  known: ReadonlyMap<string, StoredMemory>,
  isEmbedded: boolean,
): AddResult {
  const embeddingProvider = model.provider;
  if (outcome.isNew) {
    const { memory } = outcome;
    const embedding = isEmbedded ? 'ready' : 'pending';
    return { memory, isDuplicate: false, embedding, embeddingProvider, isCatalyst: memory.isCatalyst };
  }
  const found = known.get(outcome.memoryId);
  if (!found) throw new AnimaError('NOT_FOUND', `memory ${outcome.memoryId} was erased while it was being added`);
  const { embedded, ...memory } = found;
  return {
    memory,
    isDuplicate: true,
    exactMatch: true,
    embedding: embedded ? 'ready' : 'pending',
    embeddingProvider,
    isCatalyst: memory.isCatalyst,
  };
}

/** The key of a request, where the client gave one, with the body that a retry must repeat. */
export function requestKey(operation: string, key: string | undefined, body: unknown): RequestKey | undefined {
  return key === undefined ? undefined : { key, operation, body };
}

/** The failures of a model that a latency budget absorbs; a defect is not one of them. */
export function isUnavailable(error: unknown): boolean {
  return error instanceof AnimaError && error.code === 'UNAVAILABLE';
}
