import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostOf } from './host.ts';
import { stubParts } from './stub-parts.ts';

const unknown = '0190d3a6-0000-7000-8000-000000000000';
const strength = 0.1;

let app: FastifyInstance;
let ids: string[];

beforeAll(async () => {
  app = await hostOf(stubParts());
  ids = [];
  for (const content of ['finally a breakthrough', 'tea', 'coffee']) {
    const payload = { content, isCatalyst: content === 'coffee' };
    const { json } = await app.inject({ method: 'POST', url: '/api/v1/memories/add', payload });
    ids.push(json().data.memory.id);
  }
});
afterAll(() => app.close());

/** What one face answers: `data` over REST, the result over tRPC. */
const rest = async (path: string) => (await app.inject(`/api/v1${path}`)).json().data;
const trpc = async (procedure: string, input: object) =>
  (await app.inject(`/trpc/${procedure}?input=${encodeURIComponent(JSON.stringify(input))}`)).json().result.data;

describe('associations over both faces', () => {
  it('discover names neighbours; REST shows memories by the fields of the reference', async () => {
    const data = await rest(`/associations/discover?memoryId=${ids[0]}&minStrength=0.05&limit=2`);
    expect(data.memoryId).toBe(ids[0]);
    expect(data.associations).toEqual([
      {
        memory: expect.objectContaining({ id: ids[1], resonance_phi: 0 }),
        strength,
        count: 9,
        lastAt: expect.any(String),
      },
      {
        memory: expect.objectContaining({ id: ids[2], is_catalyst: true }),
        strength,
        count: 9,
        lastAt: expect.any(String),
      },
    ]);
    const { associations } = await trpc('associations.discover', { memoryId: ids[0] });
    expect(associations[0].memory).toMatchObject({ id: ids[1], resonancePhi: 0 });
  });

  it('graph has nodes with their depths, and every edge once', async () => {
    const data = await rest(`/associations/graph?memoryId=${ids[0]}&depth=2&maxNodes=2&perNode=5`);
    expect(data).toEqual({
      nodes: [
        { memory: expect.objectContaining({ id: ids[0], is_catalyst: false }), depth: 0 },
        { memory: expect.objectContaining({ id: expect.any(String) }), depth: 1 },
      ],
      edges: [{ from: ids[0], to: data.nodes[1].memory.id, strength, count: 9 }],
      truncated: true,
    });
    const whole = await trpc('associations.graph', { memoryId: ids[0] });
    expect([whole.nodes.length, whole.edges.length, whole.truncated]).toEqual([3, 3, false]);
  });

  it('hubs and network stats', async () => {
    const { hubs, count } = await rest('/associations/hubs?limit=1&minConnections=1');
    expect({ hubs, count }).toEqual({
      hubs: [
        { memory: expect.objectContaining({ id: ids[0], access_count: 0 }), connections: 5, meanStrength: strength },
      ],
      count: 1,
    });
    expect((await trpc('associations.hubs', {})).hubs).toHaveLength(3);
    const stats = await rest(`/associations/network-stats?memoryId=${ids[0]}`);
    expect(stats).toMatchObject({
      ...{ memories: 3, pairs: 5, meanStrength: strength, maxStrength: strength },
      memory: { memoryId: ids[0], connections: 2, meanStrength: strength },
    });
    expect(await trpc('associations.networkStats', {})).not.toHaveProperty('memory');
  });

  it('a query names what is associated with its results only where it is asked to', async () => {
    const ask = async (expand?: number) => {
      const payload = { query: 'tea', limit: 1, record: false, expand };
      return (await app.inject({ method: 'POST', url: '/api/v1/memories/query', payload })).json().data;
    };
    expect(await ask()).not.toHaveProperty('associated');
    expect(await ask(0)).toMatchObject({ associated: [] });
    const { memories, associated } = await ask(1);
    expect(associated).toEqual([
      { memory: expect.objectContaining({ access_count: 0 }), strength, via: memories[0].id, count: 9 },
    ]);
    expect(associated[0].memory.id).not.toBe(memories[0].id);
  });

  it('catalysts, and potential ones with their reasons', async () => {
    const { catalysts, count } = await rest('/memories/catalysts?limit=5');
    expect({ ids: catalysts.map(({ id }: { id: string }) => id), count }).toEqual({ ids: [ids[2]], count: 1 });
    const { potential, accessesSince } = await rest('/memories/catalysts/potential?since=2026-01-01T00:00:00Z&limit=1');
    expect({ potential, accessesSince }).toEqual({
      potential: [
        {
          memory: expect.objectContaining({ id: ids[0], is_catalyst: false }),
          reasons: [
            { kind: 'accesses', count: 3, withinMinutes: 10 },
            { kind: 'associations', count: 5 },
            { kind: 'marker', word: 'breakthrough' },
          ],
        },
      ],
      accessesSince: '1970-01-01T00:00:00.000Z',
    });
    expect((await trpc('memories.potentialCatalysts', {})).potential).toHaveLength(2);
    expect((await trpc('memories.catalysts', {})).catalysts).toHaveLength(1);
  });
});

it.each([
  ['/associations/discover?memoryId=nobody', 'memoryId'],
  ['/associations/discover', 'memoryId'],
  [`/associations/discover?memoryId=${unknown}&limit=101`, 'limit'],
  [`/associations/discover?memoryId=${unknown}&minStrength=1.5`, 'minStrength'],
  [`/associations/discover?memoryId=${unknown}&minStrength=strong`, 'minStrength'],
  [`/associations/graph?memoryId=${unknown}&depth=4`, 'depth'],
  [`/associations/graph?memoryId=${unknown}&maxNodes=501`, 'maxNodes'],
  [`/associations/graph?memoryId=${unknown}&perNode=0`, 'perNode'],
  ['/associations/hubs?limit=0', 'limit'],
  ['/associations/hubs?minConnections=0', 'minConnections'],
  ['/associations/network-stats?memory=x', 'memory'],
  ['/memories/catalysts?limit=101', 'limit'],
  ['/memories/catalysts/potential?since=yesterday', 'since'],
])('a request that cannot be is refused by its field: %s', async (path, field) => {
  const response = await app.inject(`/api/v1${path}`);
  expect(response.statusCode).toBe(400);
  expect(response.json().error).toMatchObject({
    code: 'VALIDATION_ERROR',
    details: expect.arrayContaining([expect.objectContaining({ field })]),
  });
});

it.each(['discover', 'graph', 'network-stats'])('%s of an unknown memory is 404', async (name) => {
  const response = await app.inject(`/api/v1/associations/${name}?memoryId=${unknown}`);
  expect(response.statusCode).toBe(404);
  expect(response.json().error.message).toContain(`there is no memory ${unknown}`);
});
