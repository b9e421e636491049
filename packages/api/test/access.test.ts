import type { Readable } from 'node:stream';
import type { Principal, Role } from '@anima/core';
import { roles } from '@anima/core';
import Fastify, { type FastifyInstance, type InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { accessTable } from '../src/access.ts';
import { createApi } from '../src/index.ts';
import { openToolbox } from '../src/mcp/tools.ts';
import { createRouter } from '../src/trpc/router.ts';
import { stubParts } from './stub-parts.ts';

/**
 * Every way into the server, said a second time and by hand: who may take it, and with what it is tried here. A
 * procedure, route, tool, resource or prompt that is missing here fails the first test.
 */

type Reach = 'space' | 'server' | 'own' | 'public';
type Row = readonly [role: Role, reach: Reach, input?: object];

const id = '01a2008f-4e63-70cc-947e-e9a7f1374773';
const of = { memoryId: id };
const many = { memoryIds: [id] };
const digest = 'a'.repeat(64);
const report = {
  ...{ bench: 'mix', title: 'a run', at: new Date(0).toISOString(), settings: {}, machine: {}, versions: {} },
  ...{ verdict: 'reported', failures: [], measures: [], blocks: [] },
};

const procedures: Readonly<Record<string, Row>> = {
  'memories.add': ['write', 'space', { content: 'tea' }],
  'memories.addMany': ['write', 'space', { memories: [{ content: 'tea' }] }],
  'memories.query': ['read', 'space', { query: 'tea' }],
  'memories.cite': ['write', 'space', { recallId: id, memoryIds: [id] }],
  'memories.bootstrap': ['read', 'space', {}],
  'memories.get': ['read', 'space', of],
  'memories.list': ['read', 'space', {}],
  'memories.update': ['write', 'space', { ...of, content: 'tea' }],
  'memories.forget': ['write', 'space', many],
  'memories.restore': ['write', 'space', many],
  'memories.erase': ['admin', 'space', many],
  'memories.setTier': ['write', 'space', { ...many, tier: 'stable' }],
  'memories.mark': ['write', 'space', many],
  'memories.history': ['read', 'space', of],
  'memories.tierHistory': ['read', 'space', of],
  'memories.receipt': ['read', 'space', { recallId: id }],
  'memories.merges': ['read', 'space', {}],
  'memories.unmerge': ['write', 'space', of],
  'memories.catalysts': ['read', 'space', {}],
  'memories.potentialCatalysts': ['read', 'space', {}],
  'associations.discover': ['read', 'space', of],
  'associations.graph': ['read', 'space', of],
  'associations.hubs': ['read', 'space', {}],
  'associations.network': ['read', 'space', {}],
  'associations.networkStats': ['read', 'space', {}],
  'events.list': ['read', 'space', {}],
  'events.get': ['read', 'space', { position: 1 }],
  'events.tail': ['read', 'space', {}],
  'jobs.list': ['read', 'server', {}],
  'jobs.retry': ['admin', 'server', { queue: 'embed', jobId: id }],
  'spaces.list': ['read', 'own', {}],
  'spaces.overview': ['read', 'space', {}],
  'spaces.activity': ['read', 'space', {}],
  'spaces.describe': ['read', 'space', {}],
  'spaces.configure': ['admin', 'space', { settings: {} }],
  'spaces.consolidate': ['admin', 'space', { dryRun: true }],
  'spaces.reembed': ['admin', 'space', { provider: 'builtin' }],
  'spaces.cancelReembed': ['admin', 'space', {}],
  'spaces.export': ['read', 'space', {}],
  'spaces.stageImport': ['admin', 'space', { digest, after: 0, lines: [] }],
  'spaces.applyImport': ['admin', 'space', { digest }],
  'meta.health': ['read', 'own'],
  'meta.whoAmI': ['read', 'own'],
  'meta.cacheStats': ['read', 'server'],
  'meta.metrics': ['read', 'server'],
  'meta.live': ['read', 'server'],
  'meta.doctor': ['admin', 'server'],
  'meta.settings': ['admin', 'server'],
  'bench.record': ['write', 'server', { report }],
  'bench.list': ['read', 'server', {}],
  'bench.get': ['read', 'server', { id }],
  'keys.create': ['admin', 'server', { name: 'a key', role: 'read' }],
  'keys.list': ['admin', 'server'],
  'keys.revoke': ['admin', 'server', { keyId: '0123456789ab' }],
  'projections.checkpoints': ['read', 'server'],
  'projections.rebuild': ['admin', 'server', { verify: true }],
};

const routes: Readonly<Record<string, Row>> = {
  'GET /health': ['read', 'public'],
  'GET /health/live': ['read', 'public'],
  'GET /health/ready': ['read', 'public'],
  'GET /metrics': ['read', 'server'],
  'GET /api/v1/openapi.json': ['read', 'own'],
  'GET /api/v1/meta/cache-stats': ['read', 'server'],
  'GET /api/v1/meta/metrics': ['read', 'server'],
  'POST /api/v1/memories/add': ['write', 'space', { content: 'tea' }],
  'POST /api/v1/memories/add-many': ['write', 'space', { memories: [{ content: 'tea' }] }],
  'POST /api/v1/memories/query': ['read', 'space', { query: 'tea' }],
  'POST /api/v1/memories/cite': ['write', 'space', { recallId: id, memoryIds: [id] }],
  'GET /api/v1/memories/bootstrap': ['read', 'space', {}],
  'GET /api/v1/memories': ['read', 'space', {}],
  'GET /api/v1/memories/:memoryId': ['read', 'space', {}],
  'PATCH /api/v1/memories/:memoryId': ['write', 'space', { content: 'tea' }],
  'POST /api/v1/memories/forget': ['write', 'space', many],
  'POST /api/v1/memories/restore': ['write', 'space', many],
  'POST /api/v1/memories/erase': ['admin', 'space', many],
  'POST /api/v1/memories/mark': ['write', 'space', many],
  'POST /api/v1/memories/update-tier': ['write', 'space', { ...of, tier: 'stable' }],
  'POST /api/v1/memories/unmerge': ['write', 'space', of],
  'GET /api/v1/memories/catalysts': ['read', 'space', {}],
  'GET /api/v1/memories/catalysts/potential': ['read', 'space', {}],
  'GET /api/v1/memories/merges': ['read', 'space', {}],
  'GET /api/v1/memories/:memoryId/history': ['read', 'space', {}],
  'GET /api/v1/memories/:memoryId/tiers': ['read', 'space', {}],
  'GET /api/v1/memories/receipts/:recallId': ['read', 'space', {}],
  'GET /api/v1/associations/discover': ['read', 'space', of],
  'GET /api/v1/associations/graph': ['read', 'space', of],
  'GET /api/v1/associations/hubs': ['read', 'space', {}],
  'GET /api/v1/associations/network-stats': ['read', 'space', {}],
  'GET /api/v1/events': ['read', 'space', {}],
  'GET /api/v1/events/:position': ['read', 'space', {}],
  'GET /api/v1/spaces': ['read', 'own', {}],
  'GET /api/v1/spaces/settings': ['read', 'space', {}],
  'PATCH /api/v1/spaces/settings': ['admin', 'space', { settings: {} }],
  'GET /api/v1/spaces/overview': ['read', 'space', {}],
  'GET /api/v1/spaces/model': ['read', 'space', {}],
  'POST /api/v1/spaces/reembed': ['admin', 'space', { provider: 'builtin' }],
  'POST /api/v1/spaces/cancel-reembed': ['admin', 'space', {}],
  'GET /api/v1/spaces/export': ['read', 'space', {}],
  'POST /api/v1/spaces/import/stage': ['admin', 'space', { digest, after: 0, lines: [] }],
  'POST /api/v1/spaces/import/apply': ['admin', 'space', { digest }],
  'POST /api/v1/spaces/consolidate': ['admin', 'space', { dryRun: true }],
  'POST /api/v1/projections/rebuild': ['admin', 'server', { verify: true }],
  'POST /api/v1/bench/runs': ['write', 'server', report],
  'GET /api/v1/bench/runs': ['read', 'server', {}],
  'GET /api/v1/bench/runs/:id': ['read', 'server', {}],
};

const tools: Readonly<Record<string, Row>> = {
  add_memory: ['write', 'space', { content: 'tea' }],
  add_memories: ['write', 'space', { memories: [{ content: 'tea' }] }],
  search_memories: ['read', 'space', { query: 'tea' }],
  bootstrap_context: ['read', 'space', {}],
  get_memory: ['read', 'space', of],
  list_memories: ['read', 'space', {}],
  update_memory: ['write', 'space', { ...of, content: 'tea' }],
  forget_memory: ['write', 'space', many],
  restore_memory: ['write', 'space', many],
  related_memories: ['read', 'space', of],
  memory_history: ['read', 'space', of],
  cite_memories: ['write', 'space', { recallId: id, memoryIds: [id] }],
};

/** A key of each role, for all spaces and for one. */
const keys = new Map<string, Principal>(
  roles.flatMap((role) => [
    [`${role}-all`, { keyId: `${role}-all`, role, spaces: undefined }] as const,
    [`${role}-mine`, { keyId: `${role}-mine`, role, spaces: ['mine'] }] as const,
  ]),
);
const asking = ['none', 'wrong', ...keys.keys()];

/** What the rule says; the server is asked whether it agrees. */
function expected(key: string, [role, reach]: Row, space: string): 'let pass' | 401 | 403 {
  if (reach === 'public') return 'let pass';
  const principal = keys.get(key);
  if (!principal) return 401;
  if (roles.indexOf(principal.role) < roles.indexOf(role)) return 403;
  if (principal.spaces === undefined || reach === 'own') return 'let pass';
  return reach === 'space' && space === 'mine' ? 'let pass' : 403;
}

const outcome = (status: number) => (status === 401 || status === 403 ? status : 'let pass');

let app: FastifyInstance;
let asked = 0;

/** Each from an address of its own: one address may try few keys. */
function inject(request: InjectOptions | string) {
  asked += 1;
  const options = typeof request === 'string' ? { url: request } : request;
  return app.inject({ remoteAddress: `10.0.${asked >> 8}.${asked & 255}`, ...options });
}

/** A memory that there is, in the place of `id`. */
let known = id;
const found: string[] = [];

beforeAll(async () => {
  const parts = stubParts();
  const keyStore = { ...parts.store, principalOf: async (key: string) => keys.get(key) };
  const api = createApi({ ...parts, keys: keyStore });
  app = Fastify(api.fastifyOptions);
  app.addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat()) if (each !== 'HEAD') found.push(`${each} ${url}`);
  });
  await app.register(api.plugin, { faces: 'all' });
  await app.ready();
  const made = {
    method: 'POST',
    url: '/api/v1/memories/add',
    headers: headersOf('write-all'),
    body: { content: 'tea' },
  };
  known = (await inject(made as object)).json().data.memory.id;
});
afterAll(() => app.close());

function headersOf(key: string): Record<string, string> {
  return key === 'none' ? {} : { authorization: `Bearer ${key}` };
}

const spacesOf = ([, reach]: Row) => (reach === 'space' ? ['mine', 'theirs'] : ['mine']);

/** A subscription that is refused says so as its first event, or it would be asked again and again. */
async function firstOf(events: Readable, status: number): Promise<number> {
  if (status !== 200) return status;
  for await (const event of events) {
    if (String(event).includes('event: serialized-error')) return String(event).includes('FORBIDDEN') ? 403 : 500;
    if (/^data: .+position|^data: .+samples?/m.test(String(event))) break;
  }
  return status;
}

/** Every row, as everybody, in one's own space and in another's. */
async function walk(
  table: Readonly<Record<string, Row>>,
  ask: (name: string, input: object | undefined, key: string) => Promise<number>,
): Promise<void> {
  for (const [name, row] of Object.entries(table)) {
    const [, reach, input] = row;
    for (const key of asking) {
      for (const space of spacesOf(row)) {
        const given = input && JSON.parse(JSON.stringify(input).replaceAll(id, known));
        const status = await ask(name, reach === 'space' ? { ...given, space } : given, key);
        expect(outcome(status), `${name} as ${key} in ${space} (${status})`).toBe(expected(key, row, space));
        expect(status, `${name} as ${key}`).not.toBe(500);
      }
    }
  }
}

describe('the table of who may what', () => {
  it('has every procedure, route and tool that there is', () => {
    const router = createRouter({} as never);
    expect(Object.keys(procedures).toSorted()).toEqual(Object.keys(router._def.procedures).toSorted());
    expect(Object.keys(tools).toSorted()).toEqual(openToolbox.descriptions.map(({ name }) => name).toSorted());
    const others = /^\S+ \/(trpc\/:path|mcp)$/;
    const rest = found.map((route) => route.replace(/(?<=.)\/$/, '')).filter((route) => !others.test(route));
    expect(Object.keys(routes).toSorted()).toEqual([...new Set(rest)].toSorted());
    expect(found.filter((route) => others.test(route)).length).toBeGreaterThan(2);
  });

  it('is asked of every operation, and no operation is without a place in it', () => {
    for (const { role, reach } of Object.values(accessTable)) {
      expect(roles).toContain(role);
      expect(['space', 'server', 'own']).toContain(reach);
    }
  });
});

test('tRPC lets each key do what the table says, and nothing else', async () => {
  const router = createRouter({} as never);
  const types = router._def.procedures as unknown as Record<string, { _def: { type: string } }>;
  await walk(procedures, async (path, input, key) => {
    const isMutation = types[path]!._def.type === 'mutation';
    const query = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`;
    const answer = await inject({
      method: isMutation ? 'POST' : 'GET',
      url: `/trpc/${path}${isMutation ? '' : query}`,
      headers: { ...headersOf(key), ...(isMutation ? { 'content-type': 'application/json' } : {}) },
      ...(isMutation ? { body: JSON.stringify(input ?? null) } : {}),
      payloadAsStream: true,
    });
    if (types[path]!._def.type !== 'subscription') {
      answer
        .stream()
        .on('error', () => undefined)
        .destroy();
      return answer.statusCode;
    }
    return firstOf(answer.stream(), answer.statusCode);
  });
});

test('a call in a batch is refused by itself, and its neighbours are answered', async () => {
  const input = encodeURIComponent(JSON.stringify({ 0: { space: 'mine' }, 1: { space: 'theirs' } }));
  const answer = await inject({
    url: `/trpc/memories.list,memories.list?batch=1&input=${input}`,
    headers: headersOf('read-mine'),
  });
  const [mine, theirs] = answer.json();
  expect(mine.result.data.memories).toBeInstanceOf(Array);
  expect(theirs.error.data.anima.code).toBe('FORBIDDEN');
});

test('REST lets each key do what the table says, and nothing else', async () => {
  await walk(routes, async (route, input, key) => {
    const [method = '', path = ''] = route.split(' ');
    const url = path.replace(/:(memoryId|recallId|id)/, known).replace(':position', '1');
    if (method === 'GET') {
      const query = new URLSearchParams((input ?? {}) as Record<string, string>).toString();
      return (await inject({ url: `${url}?${query}`, headers: headersOf(key) })).statusCode;
    }
    const headers = { ...headersOf(key), 'content-type': 'application/json' };
    return (await inject({ method: method as 'POST', url, headers, body: JSON.stringify(input) })).statusCode;
  });
});

/** A message to the MCP face; what it answers, as a status. */
async function message(method: string, params: object, key: string): Promise<number> {
  const answer = await inject({
    method: 'POST',
    url: '/mcp',
    headers: {
      ...headersOf(key),
      ...{ 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  if (answer.statusCode !== 200) return answer.statusCode;
  const { error, result } = answer.json();
  if (error) return error.data?.code === 'FORBIDDEN' ? 403 : 400;
  return result.isError && /FORBIDDEN/.test(result.content[0].text) ? 403 : 200;
}

test('MCP tools let each key do what the table says, and nothing else', async () => {
  // A key of one space binds its connection to it: there is no parameter to name another with.
  const bound = (key: string, input: object | undefined) => {
    const { space, ...rest } = (input ?? {}) as { space?: string };
    return keys.get(key)?.spaces === undefined ? { space, ...rest } : rest;
  };
  for (const [name, row] of Object.entries(tools)) {
    for (const key of asking) {
      const status = await message('tools/call', { name, arguments: bound(key, { ...row[2], space: 'mine' }) }, key);
      expect(outcome(status), `${name} as ${key}`).toBe(expected(key, row, 'mine'));
    }
  }
});

test('an MCP connection that asks for a space of others is refused, tool by tool', async () => {
  for (const [name, row] of Object.entries(tools)) {
    const answer = await inject({
      method: 'POST',
      url: '/mcp?space=theirs',
      headers: {
        ...headersOf('admin-mine'),
        ...{ 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: row[2] } }),
    });
    expect(answer.json().result, name).toMatchObject({ isError: true });
    expect(answer.body, name).toContain('FORBIDDEN');
  }
});

test('MCP resources and prompts show a key its own space only', async () => {
  const uris = ['', '/context', `/memories/${id}`].map((rest) => (space: string) => `anima://spaces/${space}${rest}`);
  for (const uri of uris) {
    expect(outcome(await message('resources/read', { uri: uri('mine') }, 'read-mine'))).toBe('let pass');
    expect(await message('resources/read', { uri: uri('theirs') }, 'read-mine')).toBe(403);
    expect(await message('resources/read', { uri: uri('theirs') }, 'wrong')).toBe(401);
    expect(outcome(await message('resources/read', { uri: uri('theirs') }, 'read-all'))).toBe('let pass');
  }
  for (const [method, params] of [
    ['resources/list', {}],
    ['prompts/get', { name: 'start_conversation' }],
    ['tools/list', {}],
    ['prompts/list', {}],
  ] as const) {
    expect(await message(method, params, 'none'), method).toBe(401);
    expect(await message(method, params, 'read-mine'), method).toBe(200);
  }
});

test('a path that nothing answers tells a stranger no more than that he is one', async () => {
  expect((await inject('/api/v1/nothing')).statusCode).toBe(401);
  expect((await inject({ url: '/api/v1/nothing', headers: headersOf('read-all') })).statusCode).toBe(404);
});

test('a refusal says how to ask, and never repeats the key', async () => {
  const answer = await inject({ url: '/metrics', headers: headersOf('anima_very-secret') });
  expect(answer.statusCode).toBe(401);
  expect(answer.headers['www-authenticate']).toBe('Bearer');
  expect(answer.body).not.toContain('very-secret');
  expect((await inject({ url: '/metrics', headers: { authorization: 'Basic cmVhZC1hbGw=' } })).statusCode).toBe(401);
});

test('a stream ends when its key is revoked', async () => {
  const parts = stubParts();
  let isRevoked = false;
  const principalOf = async () => (isRevoked ? undefined : keys.get('read-all'));
  const api = createApi({ ...parts, keys: { ...parts.store, principalOf } });
  const host = Fastify(api.fastifyOptions);
  await host.register(api.plugin, { faces: 'all' });
  const url = await host.listen({ port: 0, host: '127.0.0.1' });
  const answer = await fetch(`${url}/trpc/meta.live`, { headers: headersOf('read-all') });
  isRevoked = true;
  expect(await answer.text()).toContain('UNAUTHORIZED');
  await host.close();
});
