import type { Readable } from 'node:stream';
import { type Principal, roles } from '@anima/core';
import Fastify, { type FastifyInstance, type InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { accessTable } from '../src/access.ts';
import { createApi } from '../src/index.ts';
import { openToolbox } from '../src/mcp/tools.ts';
import { createRouter } from '../src/trpc/router.ts';
import { stubParts } from './stub-parts.ts';
import { id, procedures, type Row, routes, tools } from './ways-in.ts';

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

test('tRPC lets each key do what the table says, and nothing else', { timeout: 60_000 }, async () => {
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

test('REST lets each key do what the table says, and nothing else', { timeout: 60_000 }, async () => {
  await walk(routes, async (route, input, key) => {
    const [method = '', path = ''] = route.split(' ');
    const url = path.replace(/:(memoryId|recallId|id)/, known).replace(':position', '1');
    if (method === 'GET') {
      const query = new URLSearchParams((input ?? {}) as Record<string, string>).toString();
      return (await inject({ url: `${url}?${query}`, headers: headersOf(key) })).statusCode;
    }
    const type = path === '/api/v1/restore' ? 'application/x-ndjson' : 'application/json';
    const headers = { ...headersOf(key), 'content-type': type };
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

test('MCP tools let each key do what the table says, and nothing else', { timeout: 60_000 }, async () => {
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
