import { get } from 'node:http';
import Fastify from 'fastify';
import { expect, it } from 'vitest';
import { createApi } from '../src/index.ts';
import { hostOf } from './host.ts';
import { stubParts } from './stub-parts.ts';

const ask = (path: string, input?: object) =>
  `/trpc/${path}${input ? `?input=${encodeURIComponent(JSON.stringify(input))}` : ''}`;

it('the log, jobs, merges, checkpoints and settings are read over tRPC', async () => {
  const app = await hostOf(stubParts());
  const read = async (path: string, input?: object) => (await app.inject(ask(path, input))).json().result.data;
  expect(await read('events.list', {})).toEqual({ events: [], next: null });
  expect(await read('jobs.list', { state: 'failed' })).toEqual({ queues: [], jobs: [] });
  expect(await read('memories.merges', {})).toEqual({ merges: [], next: null });
  expect(await read('associations.network', { maxNodes: 2_000 })).toEqual({ nodes: [], edges: [], truncated: false });
  expect(await read('projections.checkpoints')).toEqual([]);
  expect(await read('meta.settings')).toEqual([{ name: 'PORT', value: '7100', source: 'default', isSecret: false }]);
  await app.close();
});

it('what cannot be asked is refused by field and limit', async () => {
  const app = await hostOf(stubParts());
  const refused = async (path: string, input: object) => (await app.inject(ask(path, input))).json().error.data.anima;
  expect(await refused('events.list', { types: ['memory.invented'] })).toMatchObject({ code: 'VALIDATION_ERROR' });
  expect(await refused('events.list', { limit: 201 })).toMatchObject({ details: [{ field: 'limit', limit: 200 }] });
  expect(await refused('associations.network', { maxNodes: 2_001 })).toMatchObject({
    details: [{ field: 'maxNodes', limit: 2_000 }],
  });
  expect(await refused('events.get', { position: 7 })).toMatchObject({ code: 'NOT_FOUND' });
  await app.close();
});

it('a failed job is done anew by a call that carries a key, as the client has every mutation do', async () => {
  const app = await hostOf(stubParts());
  const jobId = '01a20390-0000-7000-8000-000000000000';
  const payload = { queue: 'anima-embed', jobId, idempotencyKey: 'of this call' };
  const { statusCode, json } = await app.inject({ method: 'POST', url: '/trpc/jobs.retry', payload });
  expect({ statusCode, data: json().result.data }).toEqual({ statusCode: 200, data: { jobId } });
  await app.close();
});

it('who follows the log of a space gets what comes, and is let go when the server stops', async () => {
  let head = 1;
  const event = { position: 2, eventId: 'e', type: 'memory.added', at: new Date(0).toISOString(), memoryIds: [] };
  const parts = stubParts({
    endOfLog: async () => head,
    readLog: async () => ({ events: [{ ...event, payload: {}, conversation: null, excerpt: null }], reached: 2 }),
  });
  const api = createApi(parts);
  const app = Fastify(api.fastifyOptions);
  await app.register(api.plugin, { faces: 'all' });
  const url = await app.listen({ port: 0 });
  let said = '';
  // A connection of its own, which ends with the answer.
  const ended = new Promise<void>((resolve) => {
    get(url + ask('events.tail', {}), { agent: false }, (response) => {
      response.setEncoding('utf8').on('data', (words: string) => {
        said += words;
      });
      response.on('end', resolve);
    });
  });
  await expect.poll(() => said).toContain('"position":1');
  head = 2;
  await expect.poll(() => said).toContain('"type":"memory.added"');
  api.drain();
  await ended;
  await app.close();
});

it('the log and the merges are read over REST, by the fields of the reference', async () => {
  const at = new Date(0).toISOString();
  const [memoryId, other, eventId] = ['a', 'b', 'c'].map((digit) => `0190d3a6-0000-7000-8000-00000000000${digit}`);
  const side = { memoryId: memoryId!, content: 'tea', visibility: 'live' as const };
  const app = await hostOf(
    stubParts({
      readLog: async (_space, { types, limit }) => ({
        events: [
          {
            position: 9,
            eventId: eventId!,
            type: types![0]!,
            at,
            memoryIds: [memoryId!],
            payload: { limit },
            conversation: null,
            excerpt: 'tea',
          },
        ],
        reached: 9,
      }),
      readMerges: async () => [
        { position: 3, at, survivor: side, merged: { ...side, memoryId: other! }, similarity: 0.97, isMerged: true },
      ],
    }),
  );
  const rest = async (path: string) => (await app.inject(`/api/v1${path}`)).json();
  expect((await rest('/events?types=memory.added,memory.cited&limit=7')).data).toEqual({
    events: [
      {
        position: 9,
        event_id: eventId,
        type: 'memory.added',
        at,
        memory_ids: [memoryId],
        payload: { limit: 7 },
        conversation: null,
        excerpt: 'tea',
      },
    ],
    next: 9,
  });
  expect((await rest('/memories/merges')).data.merges).toMatchObject([
    { position: 3, survivor: { memory_id: memoryId, content: 'tea' }, merged: { memory_id: other }, is_merged: true },
  ]);
  expect((await rest('/events/7')).error).toMatchObject({ code: 'NOT_FOUND' });
  expect((await rest('/events/none')).error).toMatchObject({ code: 'VALIDATION_ERROR' });
  await app.close();
});
