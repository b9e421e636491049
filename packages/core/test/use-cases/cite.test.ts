import { describe, expect, test } from 'vitest';
import { cite, citeInput } from '../../src/index.ts';
import { InMemoryStore } from '../in-memory-store.ts';

const [recallId, a, b] = [1, 2, 3].map((digit) => `0190d3a6-0000-7000-8000-00000000000${digit}`) as [
  string,
  string,
  string,
];

function setup() {
  const store = new InMemoryStore();
  store.recalls.push({ recallId, ids: [a, b], conversationId: null, profile: 'hybrid' });
  return { store, cite: (request: object) => cite({ store }, citeInput.parse(request)) };
}

describe('citing what was used of a recall', () => {
  test('names each memory once, however often the request does', async () => {
    const { store, cite } = setup();
    expect(await cite({ recallId, memoryIds: [a, b, a] })).toEqual({ cited: [a, b] });
    expect(store.cited).toEqual([a, b]);
  });

  test('of an unknown recall fails', async () => {
    const { cite } = setup();
    await expect(cite({ recallId: a, memoryIds: [b] })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('appends under the idempotency key, with the body that a retry has to repeat', async () => {
    const { store, cite } = setup();
    await cite({ recallId, memoryIds: [a], idempotencyKey: 'k' });
    expect(store.requests).toEqual([{ key: 'k', operation: 'cite', body: { recallId, memoryIds: [a] } }]);
  });
});
