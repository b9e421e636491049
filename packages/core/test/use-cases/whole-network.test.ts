import { expect, test } from 'vitest';
import { type AssociatedPair, networkInput, type StoredMemory, wholeNetwork } from '../../src/index.ts';

const space = { id: 'default', shard: 0, settings: {}, model: { provider: 'stub', name: 'stub', dimensions: 3 } };

/** A store whose pairs are these, the strongest first; memories of `gone` are not live. */
function network(pairs: readonly (readonly [string, string, number])[], gone: readonly string[] = []) {
  const asked: object[] = [];
  return {
    asked,
    store: {
      openSpace: async () => space,
      readMemories: async (_space: unknown, ids: readonly string[]) =>
        ids
          .filter((id) => !gone.includes(id))
          .map((id) => ({ id, content: id.repeat(200), tier: 'active' }) as StoredMemory),
      strongestPairs: async (_space: unknown, search: { readonly limit: number }) => {
        asked.push(search);
        return pairs.slice(0, search.limit).map(([a, b, count]): AssociatedPair => ({ a, b, count }));
      },
    },
  };
}

test('a network has the strongest pairs that have their ends among so many memories', async () => {
  const { store } = network([
    ['a', 'b', 9],
    ['c', 'd', 8],
    ['a', 'd', 7],
    ['e', 'f', 6],
    ['b', 'c', 1],
  ]);
  const { nodes, edges, truncated } = await wholeNetwork(store, networkInput.parse({ maxNodes: 4 }));
  expect(nodes.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd']);
  expect(edges.map(({ from, to, count }) => from + to + count)).toEqual(['ab9', 'cd8', 'ad7', 'bc1']);
  expect(edges[0]!.strength).toBe(0.1);
  expect(nodes[0]!.excerpt).toHaveLength(160);
  expect(truncated).toBe(true);
});

test('a network that is shown whole says so, and what is gone meanwhile takes its pairs along', async () => {
  const { store, asked } = network(
    [
      ['a', 'b', 9],
      ['b', 'c', 1],
    ],
    ['c'],
  );
  const result = await wholeNetwork(store, networkInput.parse({ minStrength: 0.1 }));
  expect(asked).toEqual([{ leastCount: 9, limit: 1_201 }]);
  expect(result.nodes.map(({ id }) => id)).toEqual(['a', 'b']);
  expect(result.edges).toHaveLength(1);
  expect(result.truncated).toBe(false);
});
