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

  test('as a prompt holds what has room in its text, and counts the rest as left out', async () => {
    const store = new InMemoryStore();
    const long = 'a text that is far too long for so small a budget '.repeat(20);
    await store.add(await store.openSpace('default'), [
      { ...newMemory, content: 'tea' },
      ...['one', 'two', 'three', 'four', 'five', 'six'].map((name) => ({ ...newMemory, content: `${name}: ${long}` })),
    ]);
    const input = bootstrapInput.parse({ format: 'prompt', tokenBudget: 200 });
    const { memories, distribution, cut, prompt } = await bootstrap({ store }, input);
    expect(prompt?.text).toContain('tea');
    expect(prompt?.tokens).toBeLessThanOrEqual(200);
    expect(distribution.active).toBe(memories.active.length);
    expect(cut.active + distribution.active).toBe(1 + 7);
    expect(cut.active).toBeGreaterThan(1);
  });

  test('refuses a budget for a text that nobody asked for', async () => {
    const input = bootstrapInput.parse({ tokenBudget: 200 });
    await expect(bootstrap({ store: new InMemoryStore() }, input)).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      details: [{ field: 'tokenBudget' }],
    });
  });

  test('appends nothing (fault 2: it changes nothing that it reads)', async () => {
    const store = new InMemoryStore();
    await bootstrap({ store }, bootstrapInput.parse({ conversationId: 'c' }));
    expect([store.requests, store.recalls, store.cited]).toEqual([[], [], []]);
  });
});
