import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AnimaError, associationStrength, type Candidate, type Embedder, query, queryInput } from '../../src/index.ts';
import { AssociatedStore } from '../associated-store.ts';
import { embedder, unavailable } from '../embedders.ts';
import { candidate, type InMemoryStore } from '../in-memory-store.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const queryEmbedBudgetMs = 200;

async function setup({ model = embedder(), contents = ['green tea', 'black tea', 'coffee'] } = {}) {
  const store = new AssociatedStore();
  const memories = contents.map((content) => ({
    content,
    category: null,
    tags: [],
    source: null,
    isCatalyst: false,
    conversationId: null,
    occurredAt: null,
    expiresAt: null,
  }));
  await store.add(await store.openSpace('default'), memories);
  store.requests.length = 0;
  const dependencies = {
    store,
    embedder: model as Embedder,
    queryEmbedBudgetMs,
    similarityThreshold: 0.25,
    ranking: 'hybrid' as const,
  };
  return { store, query: (request: object) => query(dependencies, queryInput.parse(request)) };
}

const found = (candidates: readonly Candidate[]) => (store: InMemoryStore) => {
  store.candidates = candidates;
};

describe('a query', () => {
  test('answers with what was found, best first, each with its breakdown, and names the recall', async () => {
    const { store, query } = await setup();
    found([
      candidate('m1', { similarity: 0.3, lexical: 0.1 }),
      candidate('m2', { similarity: 0.9, lexical: 0.1, phi: 1_000 }),
    ])(store);
    const result = await query({ query: 'tea' });
    expect(result).toMatchObject({
      count: 2,
      query: 'tea',
      recallId: 'r1',
      memories: [
        { id: 'm2', content: 'black tea', similarity: 0.9, lexical: 1, phi: 1 },
        { id: 'm1', content: 'green tea', similarity: 0.3, lexical: 1, phi: 0 },
      ],
    });
    expect(result).not.toHaveProperty('degraded');
    expect(result.memories[0]).not.toHaveProperty('embedded');
  });

  test('is recorded as one event with the ids it returned and its conversation', async () => {
    const { store, query } = await setup();
    await query({ query: 'tea', conversationId: 'c', limit: 1 });
    expect(store.recalls).toEqual([{ recallId: 'r1', ids: ['m1'], conversationId: 'c', profile: 'hybrid' }]);
  });

  test('that finds nothing is recorded too, and answers with nothing', async () => {
    const { store, query } = await setup();
    expect(await query({ query: 'wine' })).toMatchObject({ memories: [], count: 0, recallId: 'r1', promotions: [] });
    expect(store.recalls).toMatchObject([{ ids: [] }]);
  });

  test('with record: false appends nothing and promises nothing', async () => {
    const { store, query } = await setup();
    found([candidate('m1', { lexical: 1, accessCount: 4 })])(store);
    expect(await query({ query: 'tea', record: false })).toMatchObject({ count: 1, recallId: null, promotions: [] });
    expect(store.requests).toEqual([]);
    expect(store.recalls).toEqual([]);
  });

  test('whose event cannot be appended fails: never an unrecorded answer', async () => {
    const { store, query } = await setup();
    store.appendError = new AnimaError('UNAVAILABLE', 'the database is away');
    await expect(query({ query: 'tea' })).rejects.toBe(store.appendError);
  });

  test('takes the threshold of the request, else the server’s', async () => {
    const { store, query } = await setup();
    found([candidate('m1', { similarity: 0.3 }), candidate('m2', { similarity: 0.2 })])(store);
    expect((await query({ query: 'x' })).memories.map(({ id }) => id)).toEqual(['m1']);
    expect((await query({ query: 'x', similarityThreshold: 0.1 })).memories.map(({ id }) => id)).toEqual(['m1', 'm2']);
    expect((await query({ query: 'x', similarityThreshold: 0.4 })).memories).toEqual([]);
  });

  test('passes its filters to the search, and asks each arm for at least as many as it may return', async () => {
    const { store, query } = await setup();
    const range = { from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z' };
    const filters = { tiers: ['stable'], category: 'habit', tags: ['tea'], ...range };
    await query({ query: 'tea', ...filters });
    await query({ query: 'tea', limit: 100 });
    expect(store.searches).toMatchObject([
      { text: 'tea', filters, depth: 50 },
      { text: 'tea', filters: { tiers: undefined, category: undefined, tags: undefined }, depth: 100 },
    ]);
  });

  test('given a range of time that ends before it begins, says so', async () => {
    const { query } = await setup();
    const range = { from: '2026-02-01T00:00:00Z', to: '2026-01-31T23:00:00-02:00' };
    await expect(query({ query: 'tea', ...range })).resolves.toBeDefined();
    await expect(query({ query: 'tea', ...range, to: '2026-01-31T23:59:59Z' })).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      details: [{ field: 'from', message: 'must not be later than to' }],
    });
  });

  test('is ranked as the request says, else its space, else the server', async () => {
    const { store, query } = await setup();
    await query({ query: 'tea' });
    expect(store.structuralSearches).toHaveLength(0);
    store.settings = { ranking: 'structural' };
    await query({ query: 'tea' });
    expect(store.structuralSearches).toHaveLength(1);
    await query({ query: 'tea', ranking: 'hybrid' });
    expect(store.structuralSearches).toHaveLength(1);
    expect(store.recalls.map(({ profile }) => profile)).toEqual(['hybrid', 'structural', 'hybrid']);
  });

  test('by structural weight is answered by words where there is no vector to weigh', async () => {
    const { store, query } = await setup({ model: embedder({ error: unavailable() }) });
    expect(await query({ query: 'tea', ranking: 'structural' })).toMatchObject({ degraded: 'lexical', count: 2 });
    expect(store.recalls).toMatchObject([{ profile: 'hybrid' }]);
  });

  test('follows the threshold and the weights of its space, and looks for neighbours only where they count', async () => {
    const { store, query } = await setup();
    const list = [
      candidate('m1', { similarity: 0.4 }),
      candidate('m2', { similarity: 0.3, neighbours: ['m3'] }),
      candidate('m3', { similarity: 0.35, neighbours: ['m2'] }),
    ];
    found(list)(store);
    const ids = async () => (await query({ query: 'x' })).memories.map(({ id }) => id);
    expect(await ids()).toEqual(['m1', 'm3', 'm2']);
    store.settings = { similarityThreshold: 0.38 };
    expect(await ids()).toEqual(['m1']);
    store.settings = { neighbourTurnLift: 0.3 };
    expect(await ids()).toEqual(['m3', 'm2', 'm1']);
    expect(store.searches.map(({ neighbours }) => neighbours)).toEqual([false, false, true]);
  });

  test('leaves out a memory that was removed between the search and the read', async () => {
    const { store, query } = await setup();
    found([candidate('m1', { lexical: 1 }), candidate('gone', { lexical: 1 })])(store);
    const { memories, count } = await query({ query: 'tea' });
    expect(memories.map(({ id }) => id)).toEqual(['m1']);
    expect(count).toBe(1);
  });
});

describe('a query about the past', () => {
  test('is ranked by the states of then, records nothing and says which moment it saw', async () => {
    const { store, query } = await setup();
    found([candidate('m1', { lexical: 1, accessCount: 4 })])(store);
    const result = await query({ query: 'tea', asOf: 3 });
    expect(result).toMatchObject({
      count: 1,
      recallId: null,
      promotions: [],
      asOf: { position: 3 },
      memories: [{ id: 'm1', accessCount: 4 }],
    });
    await query({ query: 'tea', asOf: '2026-01-01T00:00:00Z', ranking: 'structural', record: false });
    expect(store.structuralSearches).toHaveLength(1);
    expect(store.recalls).toEqual([]);
  });

  test('that is to be recorded is refused', async () => {
    const { query } = await setup();
    await expect(query({ query: 'tea', asOf: 3, record: true })).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      details: [{ field: 'record' }],
    });
  });
});

describe('a query never waits for a model past its budget', () => {
  test('given a model slower than the budget, answers from the words alone, and says so', async () => {
    const slow = embedder({ afterMs: 3_000 });
    const { store, query } = await setup({ model: slow });
    const answer = query({ query: 'tea' });
    await vi.advanceTimersByTimeAsync(queryEmbedBudgetMs);
    const { degraded, memories } = await answer;
    expect(degraded).toBe('lexical');
    expect(memories.map(({ id, similarity }) => [id, similarity])).toEqual([
      ['m1', null],
      ['m2', null],
    ]);
    expect(store.searches[0]!.vector).toBeUndefined();
    expect(slow.signals.map((signal) => signal?.aborted)).toEqual([true]);
  });

  test('given a model that is down, answers from the words at once, and says so', async () => {
    const { query } = await setup({ model: embedder({ error: unavailable() }) });
    expect(await query({ query: 'tea' })).toMatchObject({ degraded: 'lexical', count: 2, recallId: 'r1' });
  });

  test('given a defect in the embedder, fails with it', async () => {
    const defect = new TypeError('undefined is not a function');
    const { store, query } = await setup({ model: embedder({ error: defect }) });
    await expect(query({ query: 'tea' })).rejects.toBe(defect);
    expect(store.recalls).toEqual([]);
  });
});

describe('promotions are a forecast of what this query causes', () => {
  test('given a result one access before a threshold, it is foretold, and no other', async () => {
    const { store, query } = await setup();
    found([
      candidate('m1', { lexical: 1, accessCount: 4 }),
      candidate('m2', { lexical: 1, accessCount: 19, tier: 'thread' }),
      candidate('m3', { lexical: 1, accessCount: 3 }),
    ])(store);
    expect((await query({ query: 'tea' })).promotions).toEqual([
      { memoryId: 'm1', toTier: 'thread' },
      { memoryId: 'm2', toTier: 'stable' },
    ]);
  });

  test('given a result that the limit cuts off, it is not foretold', async () => {
    const { store, query } = await setup();
    found([candidate('m1', { lexical: 1 }), candidate('m2', { lexical: 0.1, accessCount: 4 })])(store);
    expect((await query({ query: 'tea', limit: 1 })).promotions).toEqual([]);
  });
});

describe('a retried query', () => {
  test('answers with what the first one returned, under the same recall', async () => {
    const { store, query } = await setup();
    found([candidate('m1', { lexical: 1, similarity: 0.7 }), candidate('m2', { lexical: 0.5 })])(store);
    const first = await query({ query: 'tea', idempotencyKey: 'k' });
    found([candidate('m3', { lexical: 1 })])(store);
    const retry = await query({ query: 'tea', idempotencyKey: 'k' });
    expect(retry.memories).toEqual(first.memories);
    expect(retry.recallId).toBe(first.recallId);
    expect(store.recalls).toHaveLength(1);
  });

  test('given that the first one is folded by now, still shows its scores and foretells what it caused', async () => {
    const { store, query } = await setup();
    found([candidate('m1', { lexical: 1, accessCount: 4 })])(store);
    const first = await query({ query: 'tea', idempotencyKey: 'k' });
    found([candidate('m1', { lexical: 1, accessCount: 5, tier: 'thread', phi: 10 })])(store);
    const retry = await query({ query: 'tea', idempotencyKey: 'k' });
    expect(retry.promotions).toEqual([{ memoryId: 'm1', toTier: 'thread' }]);
    expect(retry).toEqual(first);
  });

  test('has to repeat everything but its key', async () => {
    const { store, query } = await setup();
    await query({ query: 'tea', limit: 5, idempotencyKey: 'k' });
    expect(store.requests).toEqual([
      { key: 'k', operation: 'query', body: { query: 'tea', limit: 5, record: true, space: 'default' } },
    ]);
  });
});

describe('a query that asks for what is associated with its results', () => {
  const expanded = async () => {
    const setUp = await setup({ contents: ['green tea', 'black tea', 'coffee', 'milk', 'sugar'] });
    found([candidate('m1', { lexical: 1 }), candidate('m2', { lexical: 0.5 })])(setUp.store);
    setUp.store.associate(
      ['m1', 'm2', 50],
      ['m1', 'm3', 9],
      ['m2', 'm3', 20],
      ['m4', 'm1', 9],
      ['m2', 'm4', 9],
      ['m5', 'm4', 70],
    );
    return setUp;
  };

  test('gets the neighbours of its results beside them, by their strongest association, and via the better result', async () => {
    const { query } = await expanded();
    const { associated } = await query({ query: 'tea', expand: 5 });
    expect(associated).toMatchObject([
      { memory: { id: 'm3', content: 'coffee' }, via: 'm2', count: 20, strength: associationStrength(20) },
      { memory: { id: 'm4' }, via: 'm1', count: 9, strength: 0.1 },
    ]);
    expect((await query({ query: 'tea', expand: 1 })).associated).toMatchObject([{ memory: { id: 'm3' } }]);
  });

  test('has the same results, and is recorded the same, as one that does not', async () => {
    const { store, query } = await expanded();
    const plain = await query({ query: 'tea' });
    const { associated: _, ...rest } = await query({ query: 'tea', expand: 50 });
    expect({ ...rest, recallId: plain.recallId }).toEqual(plain);
    expect(store.recalls[1]).toEqual({ ...store.recalls[0], recallId: 'r2' });
  });

  test('costs nothing where it is not asked for', async () => {
    const { store, query } = await expanded();
    expect(await query({ query: 'tea' })).not.toHaveProperty('associated');
    expect(await query({ query: 'tea', expand: 0 })).toMatchObject({ associated: [] });
    expect(store.neighbourSearches).toEqual([]);
  });

  test('that finds nothing, has nothing associated with it', async () => {
    const { query } = await setup();
    expect(await query({ query: 'wine', expand: 5 })).toMatchObject({ count: 0, associated: [] });
  });

  test('expands its first 20 results, and none of the others counts as their neighbour', async () => {
    const contents = Array.from({ length: 25 }, (_, index) => `memory ${index}`);
    const { store, query } = await setup({ contents });
    found(contents.map((_, index) => candidate(`m${index + 1}`, { lexical: 1 - index / 100 })))(store);
    await query({ query: 'memory', limit: 25, expand: 3 });
    const [{ memoryIds, search }] = store.neighbourSearches as [(typeof store.neighbourSearches)[0]];
    expect(memoryIds).toHaveLength(20);
    expect(search).toMatchObject({ leastCount: 1, perMemory: 3 });
    expect(search.except).toHaveLength(25);
  });
});
