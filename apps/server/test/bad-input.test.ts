import { Readable } from 'node:stream';
import { describe, expect, inject, it } from 'vitest';
import { get, newSpace, post, postText } from './request.ts';

interface BadInput {
  readonly name: string;
  readonly operation: 'add' | 'query' | 'cite' | 'addMany';
  readonly body: Record<string, unknown>;
  readonly field: string;
  readonly limit?: number | string;
}

const content = 'fine';
const uuid = '00000000-0000-4000-8000-000000000000';
const table: readonly BadInput[] = [
  { name: 'empty content', operation: 'add', body: { content: '' }, field: 'content', limit: 1 },
  {
    name: '50,001 characters',
    operation: 'add',
    body: { content: 'x'.repeat(50_001) },
    field: 'content',
    limit: 50_000,
  },
  { name: 'no content', operation: 'add', body: {}, field: 'content' },
  { name: 'content of another type', operation: 'add', body: { content: 7 }, field: 'content' },
  { name: 'NUL in content', operation: 'add', body: { content: 'a\0b' }, field: 'content' },
  { name: 'NUL in a tag', operation: 'add', body: { content, tags: ['a\0'] }, field: 'tags.0' },
  { name: 'NUL in the space', operation: 'add', body: { content, space: '\0' }, field: 'space' },
  { name: 'a lone surrogate', operation: 'add', body: { content: 'a\ud800' }, field: 'content' },
  {
    name: 'a lone surrogate in the category',
    operation: 'add',
    body: { content, category: '\udc00' },
    field: 'category',
  },
  { name: '21 tags', operation: 'add', body: { content, tags: Array(21).fill('t') }, field: 'tags', limit: 20 },
  { name: 'a tag of 51', operation: 'add', body: { content, tags: ['t'.repeat(51)] }, field: 'tags.0', limit: 50 },
  { name: 'tags that are no list', operation: 'add', body: { content, tags: 'one' }, field: 'tags' },
  {
    name: 'a category of 101',
    operation: 'add',
    body: { content, category: 'c'.repeat(101) },
    field: 'category',
    limit: 100,
  },
  { name: 'a date without a time', operation: 'add', body: { content, occurredAt: '2026-01-01' }, field: 'occurredAt' },
  { name: 'an unknown field', operation: 'add', body: { content, colour: 'red' }, field: 'colour' },
  {
    name: 'a conversation id of 201',
    operation: 'add',
    body: { content, conversationId: 'c'.repeat(201) },
    field: 'conversationId',
    limit: 200,
  },
  { name: 'an empty batch', operation: 'addMany', body: { memories: [] }, field: 'memories', limit: 1 },
  {
    name: '101 memories',
    operation: 'addMany',
    body: { memories: Array(101).fill({ content }) },
    field: 'memories',
    limit: 100,
  },
  { name: 'an empty query', operation: 'query', body: { query: '' }, field: 'query', limit: 1 },
  { name: 'a query of 5,001', operation: 'query', body: { query: 'q'.repeat(5_001) }, field: 'query', limit: 5_000 },
  { name: 'limit 0', operation: 'query', body: { query: 'q', limit: 0 }, field: 'limit', limit: 1 },
  { name: 'limit 101', operation: 'query', body: { query: 'q', limit: 101 }, field: 'limit', limit: 100 },
  { name: 'limit 2.5', operation: 'query', body: { query: 'q', limit: 2.5 }, field: 'limit' },
  {
    name: 'threshold 2',
    operation: 'query',
    body: { query: 'q', similarityThreshold: 2 },
    field: 'similarityThreshold',
    limit: 1,
  },
  {
    name: 'threshold −1',
    operation: 'query',
    body: { query: 'q', similarityThreshold: -1 },
    field: 'similarityThreshold',
    limit: 0,
  },
  {
    name: 'an unknown tier',
    operation: 'query',
    body: { query: 'q', tiers: ['deep'] },
    field: 'tiers.0',
    limit: 'active | thread | stable | network',
  },
  {
    name: 'an unknown ranking',
    operation: 'query',
    body: { query: 'q', ranking: 'magic' },
    field: 'ranking',
    limit: 'hybrid | structural',
  },
  {
    name: 'a recall id that is none',
    operation: 'cite',
    body: { recallId: 'x', memoryIds: [uuid] },
    field: 'recallId',
  },
  { name: 'no memory ids', operation: 'cite', body: { recallId: uuid, memoryIds: [] }, field: 'memoryIds', limit: 1 },
];

const restPaths = { add: 'add', addMany: 'add-many', query: 'query', cite: 'cite' };
const faces = [
  {
    face: 'REST',
    path: (operation: BadInput['operation']) => `/api/v1/memories/${restPaths[operation]}`,
    // biome-ignore lint/suspicious/noExplicitAny: an answer as it came
    errorOf: (body: any) => body.error,
  },
  {
    face: 'tRPC',
    path: (operation: BadInput['operation']) => `/trpc/memories.${operation}`,
    // biome-ignore lint/suspicious/noExplicitAny: an answer as it came
    errorOf: (body: any) => body.error.data.anima,
  },
];

describe.each(faces)('bad input over $face', ({ path, errorOf }) => {
  it.each(table)('$operation.400: $name', async ({ operation, body, field, limit }) => {
    const answer = await post(path(operation), { space: newSpace(), ...body });
    expect(answer.status).toBe(400);
    const error = errorOf(answer.body);
    expect(error.code).toBe('VALIDATION_ERROR');
    expect(error.message).toContain(field);
    const detail = error.details.find((each: { field: string }) => each.field === field);
    expect(detail).toEqual({ field, message: expect.any(String), ...(limit === undefined ? {} : { limit }) });
  });

  it.each([
    ['malformed JSON', '{"content": "my secret'],
    ['no JSON at all', 'hello'],
    ['a list', '[]'],
    ['null', 'null'],
    ['a number', '7'],
    ['an empty body', ''],
    ['a poisoned prototype', '{"__proto__": {"x": 1}, "content": "fine"}'],
    ['depth of 100,000', `{"content": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ])('add.400: %s', async (_name, text) => {
    const answer = await postText(path('add'), text);
    expect(answer.status).toBe(400);
    expect(errorOf(answer.body)).toMatchObject({ code: 'VALIDATION_ERROR', details: [{ field: expect.any(String) }] });
    expect(JSON.stringify(answer.body)).not.toContain('my secret');
  });

  it.each([
    ['at once', JSON.stringify({ content: 'x'.repeat(10_000_000) })],
    ['in chunks of unknown number', Readable.toWeb(Readable.from(Array(1_000).fill(Buffer.alloc(10_000, ' '))))],
  ])('add.413: a body of 10 MB, sent %s', async (_name, sent) => {
    const answer = await postText(path('add'), sent);
    expect(answer.status).toBe(413);
    expect(errorOf(answer.body)).toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
      details: [{ field: 'body', limit: 4 * 1024 * 1024 }],
    });
  });

  it.each(['text/plain', 'application/xml', 'multipart/form-data; boundary=x', 'nonsense'])(
    'add.400: a body of type %s',
    async (type) => {
      const answer = await postText(path('add'), '{"content": "fine"}', { 'content-type': type });
      expect(answer.status).toBe(400);
      expect(errorOf(answer.body)).toMatchObject({ code: 'VALIDATION_ERROR', details: [{ field: 'Content-Type' }] });
    },
  );
});

describe('bootstrap.400', () => {
  it.each([
    ['limit=abc', 'limit', 'must be a whole number'],
    ['limit=', 'limit', 'must be a whole number'],
    ['limit=1.5', 'limit', 'must be a whole number'],
    ['limit=1&limit=2', 'limit', 'must be a whole number'],
    ['limit=0', 'limit', 'must be at least 1'],
    ['limit=201', 'limit', 'must be at most 200'],
    ['activeLimit=1001', 'activeLimit', 'must be at most 1000'],
    ['includeActive=maybe', 'includeActive', 'must be true or false'],
    ['space=', 'space', 'must not be empty'],
    ['space=%00', 'space', 'NUL'],
    ['conversationId=', 'conversationId', 'must not be empty'],
    ['colour=red', 'colour', 'unknown field'],
  ])('?%s', async (query, field, message) => {
    const { status, body } = await get(`/api/v1/memories/bootstrap?${query}`);
    expect(status).toBe(400);
    expect(body.error.code).toBe('VALIDATION_ERROR');
    expect(body.error.details).toEqual([expect.objectContaining({ field, message: expect.stringContaining(message) })]);
  });
});

describe('Idempotency-Key.400', () => {
  it('a key of 201 characters is refused by the name of the header', async () => {
    const { status, body } = await post('/api/v1/memories/add', { content }, { 'idempotency-key': 'k'.repeat(201) });
    expect(status).toBe(400);
    expect(body.error.details).toEqual([
      { field: 'Idempotency-Key', message: 'must be at most 200 characters', limit: 200 },
    ]);
  });

  it('a key in the body is refused: over REST it is a header', async () => {
    const { status, body } = await post('/api/v1/memories/add', { content, idempotencyKey: 'k' });
    expect(status).toBe(400);
    expect(body.error.details).toEqual([expect.objectContaining({ field: 'idempotencyKey' })]);
  });
});

describe('what is not there, or not so', () => {
  it.each([
    ['GET', '/api/v1/nothing', 404, 'NOT_FOUND'],
    ['GET', '/api/v1/memories/add', 400, 'VALIDATION_ERROR'],
    ['GET', '/api/v1/memories/add/more', 404, 'NOT_FOUND'],
    ['GET', '/trpc/memories.nothing', 404, 'NOT_FOUND'],
    ['GET', '/trpc/a/b/c', 404, 'NOT_FOUND'],
    ['GET', '/trpc/memories.add', 400, 'VALIDATION_ERROR'],
    ['DELETE', '/trpc/memories.add', 400, 'VALIDATION_ERROR'],
    ['GET', '/trpc/memories.bootstrap?input=%7B', 400, 'VALIDATION_ERROR'],
    ['GET', '/trpc/memories.bootstrap?input=%7B%7D&connectionParams=x', 400, 'VALIDATION_ERROR'],
    ['GET', '/trpc/memories.bootstrap,memories.bootstrap?batch=1&input=7', 400, 'VALIDATION_ERROR'],
    ['GET', `/trpc/${'meta.health,'.repeat(300)}?batch=1`, 400, 'VALIDATION_ERROR'],
    ['GET', '/trpc/%ff', 400, 'VALIDATION_ERROR'],
    ['GET', '/%ff', 400, 'VALIDATION_ERROR'],
    ['GET', '/trpc/__proto__.constructor', 404, 'NOT_FOUND'],
  ])('%s %s is %i %s', async (method, path, status, code) => {
    const response = await fetch(inject('url') + path, { method });
    expect(response.status).toBe(status);
    const body: unknown = await response.json();
    // biome-ignore lint/suspicious/noExplicitAny: an answer as it came
    const answer: any = Array.isArray(body) ? body[0] : body;
    expect((answer.error.data?.anima ?? answer.error).code).toBe(code);
  });

  it('a tRPC batch that is no object is refused, call by call', async () => {
    const { status, body } = await post('/trpc/memories.add,memories.query?batch=1', 7);
    expect(status).toBe(400);
    expect(body.map((each: { error: { data: { anima: { code: string } } } }) => each.error.data.anima.code)).toEqual([
      'VALIDATION_ERROR',
      'VALIDATION_ERROR',
    ]);
  });
});
