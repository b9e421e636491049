import { describe, expect, test } from 'vitest';
import {
  associationGraph,
  associationHubs,
  associationStrength,
  catalystsInput,
  discoverAssociations,
  discoverInput,
  graphInput,
  hubsInput,
  networkStats,
  networkStatsInput,
  potentialCatalysts,
  potentialCatalystsInput,
  topCatalysts,
} from '../../src/index.ts';
import { AssociatedStore } from '../associated-store.ts';
import { storedMemory } from '../in-memory-store.ts';

/** Memories by their numbers: as an input names one, it has to be a UUID. */
const id = (number: number) => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`;

function storeOf(count: number, contents: Readonly<Record<number, string>> = {}) {
  const store = new AssociatedStore();
  for (let number = 1; number <= count; number += 1) {
    const content = contents[number] ?? `memory ${number}`;
    const bare = {
      category: null,
      tags: [],
      source: null,
      isCatalyst: false,
      conversationId: null,
      occurredAt: null,
      expiresAt: null,
    };
    store.memories.set(id(number), { ...storedMemory(id(number), { content, ...bare }), embedded: true });
  }
  return {
    store,
    associate: (...pairs: readonly (readonly [number, number, number])[]) =>
      store.associate(...pairs.map(([a, b, count]) => [id(a), id(b), count] as const)),
  };
}

describe('what a memory is associated with', () => {
  test('is shown the strongest first, with its strength', async () => {
    const { store, associate } = storeOf(4);
    associate([1, 2, 3], [3, 1, 9], [2, 3, 50]);
    const result = await discoverAssociations(store, discoverInput.parse({ memoryId: id(1) }));
    expect(result.memoryId).toBe(id(1));
    expect(result.associations).toMatchObject([
      { memory: { id: id(3), content: 'memory 3' }, strength: 0.1, count: 9 },
      { memory: { id: id(2) }, strength: associationStrength(3), count: 3 },
    ]);
    expect(result.associations[0]!.memory).not.toHaveProperty('embedded');
  });

  test('is cut by the least strength and by the limit', async () => {
    const { store, associate } = storeOf(5);
    associate([1, 2, 9], [1, 3, 8], [1, 4, 12], [1, 5, 12]);
    const ids = async (bounds: object) => {
      const found = await discoverAssociations(store, discoverInput.parse({ memoryId: id(1), ...bounds }));
      return found.associations.map(({ memory }) => memory.id);
    };
    expect(await ids({ minStrength: 0.1 })).toEqual([id(4), id(5), id(2)]);
    expect(await ids({ limit: 2 })).toEqual([id(4), id(5)]);
  });

  test('is not told of a memory that is not live; of a merged one its survivor is named', async () => {
    const { store } = storeOf(1);
    store.survivors.set(id(8), id(1));
    const ask = (memoryId: string) => discoverAssociations(store, discoverInput.parse({ memoryId }));
    await expect(ask(id(9))).rejects.toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining(id(9)) });
    await expect(ask(id(8))).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining(`merged into ${id(1)}`),
    });
  });
});

describe('a graph', () => {
  /** 1 – 2 – 3 – 4 – 5 in a row, and 1 – 3 beside. */
  const row = () => {
    const { store, associate } = storeOf(5);
    associate([1, 2, 9], [2, 3, 8], [3, 4, 7], [4, 5, 6], [1, 3, 2]);
    return store;
  };
  const graph = async (store: AssociatedStore, bounds: object) => {
    const { nodes, edges, truncated } = await associationGraph(store, graphInput.parse({ memoryId: id(1), ...bounds }));
    const number = (memoryId: string) => Number(memoryId.slice(-12));
    return {
      nodes: nodes.map(({ memory, depth }) => [number(memory.id), depth]),
      edges: edges.map(({ from, to, count }) => [number(from), number(to), count]),
      truncated,
    };
  };

  test('goes as deep as it is asked to, by the shortest way, and has each association once', async () => {
    expect(await graph(row(), { depth: 1 })).toEqual({
      nodes: [
        [1, 0],
        [2, 1],
        [3, 1],
      ],
      edges: [
        [1, 2, 9],
        [1, 3, 2],
      ],
      truncated: false,
    });
    expect(await graph(row(), {})).toEqual({
      nodes: [
        [1, 0],
        [2, 1],
        [3, 1],
        [4, 2],
      ],
      edges: [
        [1, 2, 9],
        [1, 3, 2],
        [2, 3, 8],
        [3, 4, 7],
      ],
      truncated: false,
    });
    expect((await graph(row(), { depth: 3 })).nodes.at(-1)).toEqual([5, 3]);
  });

  test('asks the store once for each depth', async () => {
    const store = row();
    await graph(store, { depth: 3 });
    expect(store.neighbourSearches.map(({ memoryIds }) => memoryIds.length)).toEqual([1, 2, 1]);
  });

  test('that its bounds cut short takes the strongest, and says so', async () => {
    expect(await graph(row(), { maxNodes: 2 })).toMatchObject({
      nodes: [
        [1, 0],
        [2, 1],
      ],
      truncated: true,
    });
    expect(await graph(row(), { perNode: 1 })).toEqual({
      nodes: [
        [1, 0],
        [2, 1],
      ],
      edges: [[1, 2, 9]],
      truncated: true,
    });
    expect(await graph(row(), { maxNodes: 1 })).toEqual({ nodes: [[1, 0]], edges: [], truncated: true });
  });

  test('leaves out what is weaker than asked for, and does not call that cut short', async () => {
    expect(await graph(row(), { minStrength: 0.1 })).toEqual({
      nodes: [
        [1, 0],
        [2, 1],
      ],
      edges: [[1, 2, 9]],
      truncated: false,
    });
  });

  test('of a memory without associations is that memory', async () => {
    const { store } = storeOf(1);
    expect(await graph(store, {})).toEqual({ nodes: [[1, 0]], edges: [], truncated: false });
  });
});

describe('a network', () => {
  test('has its hubs, each with the mean strength of its associations', async () => {
    const { store, associate } = storeOf(4);
    associate([1, 2, 9], [1, 3, 99], [1, 4, 9], [2, 3, 1]);
    const { hubs } = await associationHubs(store, hubsInput.parse({ minConnections: 2, limit: 2 }));
    expect(hubs).toMatchObject([{ memory: { id: id(1) }, connections: 3 }, { connections: 2 }]);
    expect(hubs[0]!.meanStrength).toBeCloseTo((0.1 + 0.2 + 0.1) / 3);
  });

  test('is summed up, with one of its memories where that is named', async () => {
    const { store, associate } = storeOf(4);
    associate([1, 2, 9], [2, 3, 1]);
    const whole = await networkStats(store, networkStatsInput.parse({}));
    expect(whole).toMatchObject({ memories: 3, pairs: 2, maxStrength: 0.1 });
    expect(whole).not.toHaveProperty('memory');
    const stats = async (number: number) => networkStats(store, networkStatsInput.parse({ memoryId: id(number) }));
    expect(await stats(1)).toEqual({
      ...whole,
      memory: expect.objectContaining({ memoryId: id(1), connections: 1, meanStrength: 0.1, maxStrength: 0.1 }),
    });
    expect((await stats(4)).memory).toMatchObject({ connections: 0, meanStrength: 0, maxStrength: 0 });
  });
});

describe('catalysts', () => {
  test('are listed as the store orders them', async () => {
    const { store } = storeOf(3);
    for (const number of [2, 3])
      store.memories.set(id(number), { ...store.memories.get(id(number))!, isCatalyst: true });
    const { catalysts, count } = await topCatalysts(store, catalystsInput.parse({}));
    expect([catalysts.map((memory) => memory.id), count]).toEqual([[id(2), id(3)], 2]);
  });

  test('that could be some are reported with all their reasons, those with the most first, and nothing is changed', async () => {
    const { store, associate } = storeOf(8, { 1: 'finally', 2: 'an insight', 7: 'finally, and one already' });
    store.memories.set(id(7), { ...store.memories.get(id(7))!, isCatalyst: true });
    store.memories.set(id(8), { ...store.memories.get(id(8))!, resonancePhi: 2 });
    store.accesses = [
      { memoryId: id(2), times: [0, 1, 2] },
      { memoryId: id(8), times: [0, 1, 2, 3] },
      { memoryId: id(3), times: [0, 1, 2_000_000] },
    ];
    store.marked = [id(1), id(2)];
    associate(...[1, 3, 4, 5, 6].map((other) => [2, other, 1] as const));
    const before = structuredClone(store.memories);
    const result = await potentialCatalysts(store, potentialCatalystsInput.parse({ limit: 3 }));
    expect(result).toMatchObject({
      count: 3,
      accessesSince: '2026-01-01T00:00:00.000Z',
      potential: [
        {
          memory: { id: id(2) },
          reasons: [
            { kind: 'accesses', count: 3, withinMinutes: 10 },
            { kind: 'associations', count: 5 },
            { kind: 'marker', word: 'insight' },
          ],
        },
        { memory: { id: id(8) }, reasons: [{ kind: 'accesses', count: 4 }] },
        { memory: { id: id(1) }, reasons: [{ kind: 'marker', word: 'finally' }] },
      ],
    });
    expect(store.memories).toEqual(before);
  });

  test('that could be some: none, in a space without any', async () => {
    const { store } = storeOf(0);
    expect(await potentialCatalysts(store, potentialCatalystsInput.parse({}))).toMatchObject({
      potential: [],
      count: 0,
    });
  });
});
