import { describe, expect, test } from 'vitest';
import { bootstrap, bootstrapInput } from '../../src/index.ts';
import { InMemoryStore } from '../in-memory-store.ts';

const newMemory = {
  category: null,
  tags: [],
  source: null,
  isCatalyst: false,
  conversationId: null,
  occurredAt: null,
  expiresAt: null,
};

describe('a bootstrap', () => {
  test('says how many of each tier it holds, and how many it left out', async () => {
    const store = new InMemoryStore();
    await store.add(await store.openSpace('default'), [
      { ...newMemory, content: 'tea' },
      { ...newMemory, content: 'coffee' },
    ]);
    expect(await bootstrap({ store }, bootstrapInput.parse({}))).toMatchObject({
      memories: { active: [{ content: 'tea' }, { content: 'coffee' }], thread: [], stable: [] },
      distribution: { active: 2, thread: 0, stable: 0, total: 2 },
      cut: { active: 1, thread: 2, stable: 3 },
    });
  });

  test('asks for the tiers and the limits of the request', async () => {
    const store = new InMemoryStore();
    await bootstrap({ store }, bootstrapInput.parse({ limit: 10, activeLimit: 3, includeThread: false }));
    expect(store.selections).toEqual([
      { limit: 10, activeLimit: 3, include: { active: true, thread: false, stable: true } },
    ]);
  });

  test('appends nothing (fault 2: it changes nothing that it reads)', async () => {
    const store = new InMemoryStore();
    await bootstrap({ store }, bootstrapInput.parse({ conversationId: 'c' }));
    expect([store.requests, store.recalls, store.cited]).toEqual([[], [], []]);
  });
});
