import { beforeAll, describe, expect, it, vi } from 'vitest';
import { get, newSpace, post } from './request.ts';

const space = newSpace();
const contents = [
  'tea in the morning',
  'tea with milk',
  'finally a tea that I like',
  'tea at noon',
  'tea at six',
  'tea',
];
let ids: string[];

const ask = async (path: string, more = '') => {
  const { status, body } = await get(`/api/v1${path}?space=${space}${more}`);
  expect(status).toBe(200);
  return body.data;
};

beforeAll(async () => {
  ids = [];
  for (const content of contents) {
    const { body } = await post('/api/v1/memories/add', { content, space, isCatalyst: content === 'tea' });
    ids.push(body.data.memory.id);
  }
  for (let times = 0; times < 3; times += 1) {
    await post('/api/v1/memories/query', { query: 'tea', conversationId: 'c', similarityThreshold: 1, space });
  }
  const isFolded = async () => (await ask('/associations/network-stats')).meanStrength > 0.06;
  await vi.waitUntil(isFolded, { timeout: 30_000, interval: 100 });
}, 60_000);

describe('associations of a whole server', () => {
  it('discover, graph, hubs and network stats tell of the same pairs', async () => {
    const { associations } = await ask('/associations/discover', `&memoryId=${ids[0]}`);
    expect(associations.map(({ count }: { count: number }) => count)).toEqual([3, 3, 3, 3, 3]);
    expect(associations[0].memory).toHaveProperty('resonance_phi');
    const { nodes, edges, truncated } = await ask('/associations/graph', `&memoryId=${ids[0]}&depth=2`);
    expect([nodes.length, edges.length, truncated]).toEqual([6, 15, false]);
    const { hubs } = await ask('/associations/hubs', '&minConnections=5');
    expect(hubs).toHaveLength(6);
    const stats = await ask('/associations/network-stats', `&memoryId=${ids[0]}`);
    expect(stats).toMatchObject({ memories: 6, pairs: 15, memory: { memoryId: ids[0], connections: 5 } });
  });

  it('a query offers them beside its results, and changes nothing by it', async () => {
    const query = { query: 'morning', limit: 1, similarityThreshold: 1, record: false, space };
    const plain = await post('/api/v1/memories/query', query);
    const expanded = await post('/api/v1/memories/query', { ...query, expand: 2 });
    expect(expanded.body.data.memories).toEqual(plain.body.data.memories);
    expect(expanded.body.data.associated).toHaveLength(2);
    expect(expanded.body.data.associated[0]).toMatchObject({ via: ids[0], count: 3 });
    expect(plain.body.data).not.toHaveProperty('associated');
  });

  it('catalysts are listed, and what could be one is reported with its reasons and not made one', async () => {
    expect((await ask('/memories/catalysts')).catalysts).toMatchObject([{ id: ids[5], is_catalyst: true }]);
    const { potential } = await ask('/memories/catalysts/potential', '&limit=1');
    expect(potential).toMatchObject([
      {
        memory: { id: ids[2], is_catalyst: false },
        reasons: [
          { kind: 'accesses', count: 3, withinMinutes: 10 },
          { kind: 'associations', count: 5 },
          { kind: 'marker', word: 'finally' },
        ],
      },
    ]);
    expect((await ask('/memories/catalysts')).count).toBe(1);
  });

  it('another space has none of them', async () => {
    const { status, body } = await get(`/api/v1/associations/discover?memoryId=${ids[0]}&space=${newSpace()}`);
    expect([status, body.error.code]).toEqual([404, 'NOT_FOUND']);
  });
});
