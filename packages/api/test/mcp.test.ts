import { AnimaError, estimateTokens } from '@anima/core';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { hostOf } from './host.ts';
import { stubParts } from './stub-parts.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** The official client, over HTTP, to the real faces over parts that answer from memory. */
async function connect(parts = stubParts(), query = '') {
  const app = await hostOf(parts);
  closing.push(() => app.close());
  const url = new URL(`/mcp${query}`, await app.listen({ port: 0, host: '127.0.0.1' }));
  const client = new Client({ name: 'test', version: '1.0.0' });
  const transport = new StreamableHTTPClientTransport(url);
  await client.connect(transport);
  closing.push(() => client.close());
  const call = async (name: string, args: Record<string, unknown> = {}, meta?: Record<string, unknown>) => {
    const params = { name, arguments: args, ...(meta ? { _meta: meta } : {}) };
    const { content, isError = false } = (await client.callTool(params)) as CallToolResult;
    const [first] = content;
    return { text: first?.type === 'text' ? first.text : '', isError };
  };
  return { app, client, call, session: transport.sessionId };
}

const id = /[0-9a-f]{8}-[0-9a-f-]{27}/;

describe('tools', () => {
  it('are the ones that agents know, with what they read and what they may change', async () => {
    const { client } = await connect();
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name).toSorted()).toEqual(
      [
        ...['add_memory', 'add_memories', 'search_memories', 'bootstrap_context', 'get_memory', 'list_memories'],
        ...['update_memory', 'forget_memory', 'restore_memory', 'related_memories', 'memory_history', 'cite_memories'],
      ].toSorted(),
    );
    const reading = tools.filter(({ annotations }) => annotations?.readOnlyHint).map(({ name }) => name);
    expect(reading.toSorted()).toEqual([
      ...['bootstrap_context', 'get_memory', 'list_memories', 'memory_history', 'related_memories'],
    ]);
    for (const { description, inputSchema } of tools) {
      expect(description?.length).toBeGreaterThan(40);
      expect(inputSchema.properties).toHaveProperty('space');
    }
  });

  it('fit into a conversation: all descriptions together cost fewer than 5,000 tokens', async () => {
    const { client } = await connect();
    expect(estimateTokens(JSON.stringify((await client.listTools()).tools))).toBeLessThan(5_000);
  });

  it('remember, recall, cite, read, list, change, relate and tell', async () => {
    const { call } = await connect();
    const tea = id.exec((await call('add_memory', { content: 'Ada prefers tea', tags: ['drinks'] })).text)?.[0];
    expect((await call('add_memory', { content: 'Ada prefers tea' })).text).toBe(
      `Known already as ${tea}; it is stronger now.`,
    );
    const several = await call('add_memories', {
      memories: [{ content: 'Ada prefers tea' }, { content: 'Ben: chai' }],
    });
    expect(several.text).toMatch(new RegExp(`^1 new, 1 known already; in the order given:\n${tea} known already\n`));

    const { text } = await call('search_memories', { query: 'what does Ada drink?' });
    expect(text).toContain(`${tea} (score 0.`);
    expect(text).toContain('#drinks) Ada prefers tea');
    const recallId = /recall (\S+)$/.exec(text)?.[1];
    expect((await call('cite_memories', { recallId, memoryIds: [tea] })).text).toBe('1 cited.');

    expect((await call('bootstrap_context')).text).toMatch(/^# Memory\n[\s\S]*: Ada prefers tea\n/);
    expect((await call('get_memory', { memoryId: tea })).text).toContain('version 1 of 1');
    expect((await call('list_memories')).text).toMatch(/Ada prefers tea\n[\s\S]*That is all\.$/);
    expect((await call('update_memory', { memoryId: tea, content: 'Ada prefers chai' })).text).toContain(
      `${tea} is version`,
    );
    expect((await call('related_memories', { memoryId: tea })).text).toMatch(
      /\(strength 0\.100, 9 times together\) Ben/,
    );
    expect((await call('memory_history', { memoryId: tea })).text).toMatch(/ added → active, φ 0\.0/);
    expect((await call('forget_memory', { memoryIds: [tea] })).text).toMatch(/^1 forgotten/);
    expect((await call('restore_memory', { memoryIds: [tea] })).text).toBe('1 restored.');
  });

  it('answer within the budget of tokens and say what to do about the rest', async () => {
    const { call } = await connect();
    const memories = Array.from({ length: 30 }, (_, n) => ({ content: `${n} ${'many words about tea '.repeat(20)}` }));
    await call('add_memories', { memories });
    for (const [name, args] of [
      ['search_memories', { query: 'tea', limit: 30 }],
      ['list_memories', { limit: 30 }],
      ['bootstrap_context', {}],
    ] as const) {
      const { text } = await call(name, { ...args, tokenBudget: 300 });
      expect(estimateTokens(text)).toBeLessThanOrEqual(300);
      expect(estimateTokens(text)).toBeGreaterThan(150);
      if (name !== 'bootstrap_context') expect(text).toMatch(/\d+ (more had no room|of this page left out)/);
    }
  });

  it('refuse bad input by its field and limit, so that the model can correct it', async () => {
    const { call } = await connect();
    expect(await call('add_memory', { content: '' })).toEqual({
      isError: true,
      text: 'VALIDATION_ERROR: content: must not be empty (at least 1 character)\nCorrect what is named and call again.',
    });
    expect(await call('search_memories', { query: 'tea', limit: 101 })).toMatchObject({
      isError: true,
      text: expect.stringContaining('limit: must be at most 100'),
    });
    expect(await call('search_memories', { question: 'tea' })).toMatchObject({
      isError: true,
      text: expect.stringContaining('unknown field "question"'),
    });
    expect((await call('add_memory', { content: 'x', space: '' })).text).toContain('space: must not be empty');
    expect((await call('update_memory', { memoryId: crypto.randomUUID() })).text).toContain(
      'must name something to change',
    );
  });

  it('say where ids come from when one is unknown, and hide what a defect said', async () => {
    const secret = async () => {
      throw new Error('the password is 1234');
    };
    const parts = stubParts({ readVersions: secret });
    const { call } = await connect(parts);
    const unknown = await call('forget_memory', { memoryIds: [crypto.randomUUID()] });
    expect(unknown).toMatchObject({ isError: true, text: expect.stringMatching(/^NOT_FOUND: .*\nsearch_memories/) });
    const defect = await call('get_memory', { memoryId: crypto.randomUUID() });
    expect(defect).toMatchObject({ isError: true, text: expect.stringMatching(/^INTERNAL: internal error/) });
    expect(defect.text).not.toContain('1234');
    expect(parts.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
  });

  it('hand a repeated call the key that makes it take effect once', async () => {
    const keys: unknown[] = [];
    const parts = stubParts();
    const { add } = parts.store;
    parts.store.add = (space, memories, request) => {
      keys.push(request?.key);
      return add(space, memories, request);
    };
    const { call } = await connect(parts);
    await call('add_memory', { content: 'tea' }, { 'anima/idempotencyKey': 'call-1' });
    await call('add_memory', { content: 'coffee' });
    expect(keys).toEqual(['call-1', undefined]);
  });
});

describe('sessions', () => {
  it('are conversations: what is recalled in one is recorded in it', async () => {
    const conversations: unknown[] = [];
    const parts = stubParts();
    const { recordRecall } = parts.store;
    parts.store.recordRecall = (space, recall, request) => {
      conversations.push(recall.conversationId);
      return recordRecall(space, recall, request);
    };
    const { call, session } = await connect(parts);
    await call('add_memory', { content: 'tea' });
    await call('search_memories', { query: 'tea' });
    await call('search_memories', { query: 'tea', conversationId: 'another' });
    expect(session).toMatch(id);
    expect(conversations).toEqual([session, 'another']);
  });

  it('bound to a space reach no other', async () => {
    const spaces = new Set<string>();
    const parts = stubParts();
    const { openSpace } = parts.store;
    parts.store.openSpace = (name) => {
      spaces.add(name);
      return openSpace(name);
    };
    const { call, client } = await connect(parts, '?space=ada');
    await call('add_memory', { content: 'tea' });
    expect(await call('add_memory', { content: 'tea', space: 'ben' })).toMatchObject({ isError: true });
    await expect(client.readResource({ uri: 'anima://spaces/ben' })).rejects.toThrow(/bound to the space "ada"/);
    const { tools } = await client.listTools();
    for (const { inputSchema } of tools) expect(inputSchema.properties).not.toHaveProperty('space');
    expect([...spaces]).toEqual(['ada']);
  });
});

describe('resources and prompts', () => {
  it('show the space, what matters in it, and its memories page by page', async () => {
    const { call, client } = await connect();
    const memories = Array.from({ length: 60 }, (_, n) => ({ content: `memory ${n}` }));
    await call('add_memories', { memories });
    const first = await client.listResources();
    expect(first.resources.slice(0, 2).map(({ uri }) => uri)).toEqual([
      'anima://spaces/default',
      'anima://spaces/default/context',
    ]);
    expect(first.resources).toHaveLength(52);
    expect(first.nextCursor).toBeTypeOf('string');
    const memory = first.resources[2]!;
    const { contents } = await client.readResource({ uri: memory.uri });
    expect(contents).toEqual([{ uri: memory.uri, mimeType: 'text/markdown', text: 'as it is' }]);
    const context = await client.readResource({ uri: 'anima://spaces/default/context' });
    expect(context.contents[0]).toMatchObject({ text: expect.stringContaining('memory 1') });
    const space = await client.readResource({ uri: 'anima://spaces/default' });
    expect(JSON.parse((space.contents[0] as { text: string }).text)).toMatchObject({ space: 'default' });
    expect((await client.listResourceTemplates()).resourceTemplates).toHaveLength(3);
  });

  it.each(['anima://spaces/', 'anima://spaces/a/b', 'file:///etc/passwd', 'anima://spaces/%ff'])(
    'know no %s',
    async (uri) => {
      const { client } = await connect();
      await expect(client.readResource({ uri })).rejects.toMatchObject({ code: -32_002 });
    },
  );

  it('a prompt starts a conversation with what is known, about a topic too', async () => {
    const { call, client } = await connect();
    await call('add_memory', { content: 'Ada prefers tea' });
    const { prompts } = await client.listPrompts();
    expect(prompts).toMatchObject([{ name: 'start_conversation', arguments: [{ name: 'topic' }] }]);
    const textOf = async (args: Record<string, string>) => {
      const { messages } = await client.getPrompt({ name: 'start_conversation', arguments: args });
      return JSON.stringify(messages);
    };
    expect(await textOf({})).toMatch(/bootstrap_context.*# Memory.*Ada prefers tea/);
    expect(await textOf({ topic: 'drinks' })).toMatch(/About \\"drinks\\".*Ada prefers tea.*talk about: drinks/);
    await expect(client.getPrompt({ name: 'unknown' })).rejects.toThrow(/no prompt unknown/);
  });
});

describe('over HTTP', () => {
  const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
  const headers = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
  const post = (app: FastifyInstance, payload: string | object, more: Record<string, string> = {}) =>
    app.inject({ method: 'POST', url: '/mcp', payload, headers: { ...headers, ...more } });

  it('a page of another host is refused; one of this machine is not', async () => {
    const app = await hostOf(stubParts());
    closing.push(() => app.close());
    for (const origin of ['https://evil.example', 'http://localhost.evil.example', 'null']) {
      const answer = await post(app, ping, { origin });
      expect(answer.statusCode).toBe(403);
      expect(answer.json()).toMatchObject({ jsonrpc: '2.0', id: null, error: { data: { code: 'FORBIDDEN' } } });
    }
    const near = await post(app, ping, { origin: 'http://localhost:6274' });
    expect([near.statusCode, near.json()]).toEqual([200, { jsonrpc: '2.0', id: 1, result: {} }]);
  });

  it.each([
    ['malformed JSON', '{"jsonrpc":', {}, 400],
    ['another content type', 'ping', { 'content-type': 'text/plain' }, 400],
    ['no message at all', '{}', {}, 400],
    ['an unknown protocol version', ping, { 'mcp-protocol-version': '1999-01-01' }, 400],
    ['an answer that it will not accept', ping, { accept: 'text/html' }, 406],
    ['more than the limit of a body', `"${'x'.repeat(4 * 1024 * 1024)}"`, {}, 413],
  ])('%s is a JSON-RPC error, never a 500', async (_, payload, more, status) => {
    const app = await hostOf(stubParts());
    closing.push(() => app.close());
    const answer = await post(app, payload, more as Record<string, string>);
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: expect.any(Number) } });
  });

  it('a query string that it does not know is refused', async () => {
    const app = await hostOf(stubParts());
    closing.push(() => app.close());
    const answer = await app.inject({ method: 'POST', url: '/mcp?sapce=ada', payload: ping, headers });
    expect([answer.statusCode, answer.json().error.data.code]).toEqual([400, 'VALIDATION_ERROR']);
  });

  it('there is no stream to listen to and no session to end', async () => {
    const app = await hostOf(stubParts());
    closing.push(() => app.close());
    for (const method of ['GET', 'DELETE'] as const) {
      const answer = await app.inject({ method, url: '/mcp', headers: { accept: 'text/event-stream' } });
      expect([answer.statusCode, answer.headers.allow]).toEqual([405, 'POST']);
    }
  });

  it('a database that is away is an answer that says to wait', async () => {
    const away = async () => {
      throw new AnimaError('UNAVAILABLE', 'the database does not answer');
    };
    const { call } = await connect(stubParts({ add: away }));
    expect(await call('add_memory', { content: 'tea' })).toEqual({
      isError: true,
      text: 'UNAVAILABLE: the database does not answer\nWait a moment and call again.',
    });
  });
});
