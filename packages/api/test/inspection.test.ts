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
