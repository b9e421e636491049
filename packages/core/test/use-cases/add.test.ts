import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AnimaError, add, addInput, addMany, addManyInput, type Embedder } from '../../src/index.ts';
import { embedder, unavailable } from '../embedders.ts';
import { InMemoryStore, storedMemory } from '../in-memory-store.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const addEmbedBudgetMs = 100;
const unsaid = {
  category: null,
  tags: [],
  source: null,
  isCatalyst: false,
  conversationId: null,
  occurredAt: null,
  expiresAt: null,
};

function setup(model: Embedder = embedder()) {
  const store = new InMemoryStore();
  const dependencies = { store, embedder: model, addEmbedBudgetMs };
  return {
    store,
    add: (request: object) => add(dependencies, addInput.parse(request)),
    addMany: (request: object) => addMany(dependencies, addManyInput.parse(request)),
  };
}

describe('adding a memory', () => {
  test('given a model within its budget, answers with the memory, embedded', async () => {
    const { store, add } = setup();
    const result = await add({ content: 'tea at five', tags: ['habit'], isCatalyst: true });
    expect(result).toMatchObject({
      memory: { id: 'm1', content: 'tea at five', tags: ['habit'], category: null },
      isDuplicate: false,
      embedding: 'ready',
      isCatalyst: true,
    });
    expect(result).not.toHaveProperty('exactMatch');
    expect(result.memory).not.toHaveProperty('embedded');
    expect(store.embeddingRequests).toEqual([]);
  });

  test('given content that is known, answers with the memory that has it', async () => {
    const { add } = setup();
    const { memory } = await add({ content: 'tea' });
    expect(await add({ content: 'tea' })).toMatchObject({ memory, isDuplicate: true, exactMatch: true });
  });

  test('given an idempotency key, appends under it, with the body that a retry has to repeat', async () => {
    const { store, add } = setup();
    await add({ content: 'tea', idempotencyKey: 'k', space: 's' });
    await add({ content: 'coffee' });
    expect(store.requests).toEqual([
      { key: 'k', operation: 'add', body: { content: 'tea', tags: [], isCatalyst: false } },
      undefined,
    ]);
  });

  test('given a failing append, fails: nothing that was not stored is acknowledged', async () => {
    const { store, add } = setup();
    store.appendError = new AnimaError('OVERLOADED', 'too many writers');
    await expect(add({ content: 'tea' })).rejects.toBe(store.appendError);
  });

  test('given known content, does not wait for a model: there is nothing to embed', async () => {
    const slow = embedder({ afterMs: 3_000 });
    const { store, add } = setup(slow);
    store.memories.set('m1', { ...storedMemory('m1', { content: 'tea', ...unsaid }), embedded: true });
    expect(await add({ content: 'tea' })).toMatchObject({ isDuplicate: true, embedding: 'ready' });
    expect(slow.signals.map((signal) => signal?.aborted)).toEqual([true]);
    expect(store.embeddingRequests).toEqual([]);
  });

  test('given known content whose memory is merged into another or forgotten in between, shows it all the same', async () => {
    const { store, add } = setup();
    const { memory } = await add({ content: 'tea' });
    const more = { visibility: 'merged', mergedInto: 'm0', expiresAt: null, embedding: 'ready' } as const;
    store.entries.set(memory.id, { ...memory, ...more });
    store.readMemories = () => Promise.resolve([]);
    expect(await add({ content: 'tea' })).toEqual({
      ...{ memory, isDuplicate: true, exactMatch: true, embedding: 'ready', isCatalyst: false },
      embeddingProvider: 'test',
    });
  });

  test('given known content whose memory is erased in between, says so', async () => {
    const { store, add } = setup();
    await add({ content: 'tea' });
    store.readMemories = () => Promise.resolve([]);
    await expect(add({ content: 'tea' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('an add is durable whatever the model does (fault 9)', () => {
  test('given a model slower than the budget, answers pending after the budget and asks for the vector later', async () => {
    const slow = embedder({ afterMs: 3_000 });
    const { store, add } = setup(slow);
    const answer = add({ content: 'tea' });
    await vi.advanceTimersByTimeAsync(addEmbedBudgetMs);
    expect(await answer).toMatchObject({ memory: { content: 'tea' }, embedding: 'pending' });
    expect(store.embeddingRequests).toEqual(['default']);
    expect(slow.signals.map((signal) => signal?.aborted)).toEqual([true]);
  });

  test('given a database that is slow to take the vector, answers pending after the budget, and keeps the vector', async () => {
    const { store, add } = setup();
    const save = store.saveVectors.bind(store);
    let saved = false;
    store.saveVectors = async (...vectors) => {
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      await save(...vectors);
      saved = true;
    };
    const adding = add({ content: 'tea' });
    await vi.advanceTimersByTimeAsync(addEmbedBudgetMs);
    expect(await adding).toMatchObject({ embedding: 'pending' });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(saved).toBe(true);
  });

  test('given a database that cannot take the vector now, answers pending: the memory itself is stored', async () => {
    const { store, add } = setup();
    store.saveVectors = () => Promise.reject(unavailable());
    expect(await add({ content: 'tea' })).toMatchObject({ embedding: 'pending' });
    expect(store.embeddingRequests).toHaveLength(1);
  });

  test('given a model that is down, answers pending at once and asks for the vector later', async () => {
    const { store, add } = setup(embedder({ error: unavailable() }));
    expect(await add({ content: 'tea' })).toMatchObject({ embedding: 'pending' });
    expect(store.embeddingRequests).toEqual(['default']);
  });

  test('given a model that fails after the budget, the add is not disturbed', async () => {
    const { add } = setup(embedder({ afterMs: 3_000, error: new Error('late') }));
    const answer = add({ content: 'tea' });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await answer).toMatchObject({ embedding: 'pending' });
  });

  test.each([
    new TypeError('undefined is not a function'),
    new AnimaError('INTERNAL', 'the model changed its dimensions'),
  ])('given a defect in the embedder, fails with it: it is never taken for a slow model (%s)', async (defect) => {
    const { add } = setup(embedder({ error: defect }));
    await expect(add({ content: 'tea' })).rejects.toBe(defect);
  });

  test('given known content that still has no vector, asks for it again', async () => {
    const { store, add } = setup(embedder({ error: unavailable() }));
    await add({ content: 'tea' });
    expect(await add({ content: 'tea' })).toMatchObject({ isDuplicate: true, embedding: 'pending' });
    expect(store.embeddingRequests).toHaveLength(2);
  });
});

describe('adding many memories', () => {
  test('is one append and one call of the model, with answers in the order of the memories', async () => {
    const model = embedder();
    const { store, addMany } = setup(model);
    const results = await addMany({
      memories: ['tea', 'coffee', 'tea'].map((content) => ({ content })),
      idempotencyKey: 'k',
    });
    expect(results.map(({ memory, isDuplicate, embedding }) => [memory.content, isDuplicate, embedding])).toEqual([
      ['tea', false, 'ready'],
      ['coffee', false, 'ready'],
      ['tea', true, 'ready'],
    ]);
    expect(model.asked).toEqual(['tea', 'coffee', 'tea']);
    expect(store.requests).toMatchObject([{ key: 'k', operation: 'addMany' }]);
  });

  test('given a model that is down, asks once for all the vectors', async () => {
    const { store, addMany } = setup(embedder({ error: unavailable() }));
    const results = await addMany({ memories: [{ content: 'tea' }, { content: 'coffee' }] });
    expect(results.map(({ embedding }) => embedding)).toEqual(['pending', 'pending']);
    expect(store.embeddingRequests).toEqual(['default']);
  });
});
