import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import {
  AnimaError,
  addInput,
  addManyInput,
  bootstrapInput,
  catalystsInput,
  citeInput,
  configureInput,
  discoverInput,
  graphInput,
  hubsInput,
  networkStatsInput,
  potentialCatalystsInput,
  queryInput,
  validationError,
} from '../src/index.ts';

const id = '0190d3a6-0000-7000-8000-000000000000';
const text = (length: number) => 'x'.repeat(length);
const list = <T>(length: number, value: T) => Array.from({ length }, () => value);

/** What the caller is told about a request that is refused. */
function refusal(schema: z.ZodType, request: unknown): AnimaError {
  const parsed = schema.safeParse(request);
  if (parsed.success) throw new Error('the request was accepted');
  return validationError(parsed.error);
}

describe('defaults', () => {
  test('of an add', () => {
    expect(addInput.parse({ content: 'hello' })).toEqual({
      content: 'hello',
      tags: [],
      isCatalyst: false,
      space: 'default',
    });
  });

  test('of addMany', () => {
    expect(addManyInput.parse({ memories: [{ content: 'hello' }] })).toEqual({
      memories: [{ content: 'hello', tags: [], isCatalyst: false }],
      space: 'default',
    });
  });

  test('of a query', () => {
    expect(queryInput.parse({ query: 'hello' })).toEqual({ query: 'hello', limit: 20, space: 'default' });
  });

  test('of a bootstrap', () => {
    expect(bootstrapInput.parse({})).toEqual({
      format: 'memories',
      limit: 50,
      includeActive: true,
      includeThread: true,
      includeStable: true,
      space: 'default',
    });
  });

  test('of reads of associations and catalysts', () => {
    const space = 'default';
    expect(discoverInput.parse({ memoryId: id })).toEqual({ memoryId: id, limit: 20, space });
    expect(graphInput.parse({ memoryId: id })).toEqual({ memoryId: id, depth: 2, maxNodes: 100, perNode: 10, space });
    expect(hubsInput.parse({})).toEqual({ limit: 20, minConnections: 5, space });
    expect(networkStatsInput.parse({})).toEqual({ space });
    expect(catalystsInput.parse({})).toEqual({ limit: 20, space });
    expect(potentialCatalystsInput.parse({})).toEqual({ limit: 20, space });
  });

  test('of a citation', () => {
    const request = { recallId: id, memoryIds: [id] };
    expect(citeInput.parse(request)).toEqual({ ...request, space: 'default' });
  });
});

describe('accepts everything up to its limits', () => {
  test.each<[string, z.ZodType, unknown]>([
    [
      'an add',
      addInput,
      {
        content: text(50_000),
        category: text(100),
        tags: list(20, text(50)),
        source: text(100),
        conversationId: text(200),
        occurredAt: '2023-05-08T13:56:00+02:00',
        space: text(100),
        idempotencyKey: text(200),
      },
    ],
    ['addMany', addManyInput, { memories: list(100, { content: 'x' }) }],
    [
      'a query',
      queryInput,
      {
        query: text(5_000),
        limit: 100,
        similarityThreshold: 1,
        tiers: ['active', 'thread', 'stable', 'network'],
        ranking: 'hybrid',
        record: false,
      },
    ],
    ['the smallest query', queryInput, { query: 'x', limit: 1, similarityThreshold: 0, tags: [] }],
    ['a bootstrap', bootstrapInput, { limit: 200, activeLimit: 1_000 }],
    ['the smallest bootstrap', bootstrapInput, { limit: 1, activeLimit: 0 }],
    ['a citation', citeInput, { recallId: id, memoryIds: list(100, id) }],
    ['any well-formed text', addInput, { content: 'naïve 東京 🧠\n\tline', conversationId: 'test-1' }],
    ['the first year there is', addInput, { content: 'x', occurredAt: '0001-01-01T00:00:00Z' }],
    ['an offset on the last day but one', addInput, { content: 'x', occurredAt: '9999-12-30T23:59:59-15:00' }],
    ['the last year there is', addInput, { content: 'x', occurredAt: '9999-12-31T23:59:59.999Z' }],
  ])('%s', (_, schema, request) => {
    expect(schema.safeParse(request).error).toBeUndefined();
  });
});

describe('refuses what breaks a limit, and names the field and the limit', () => {
  test.each<[string, z.ZodType, object, string, number | string]>([
    ['empty content', addInput, { content: '' }, 'content', 1],
    ['50,001 characters', addInput, { content: text(50_001) }, 'content', 50_000],
    ['a long category', addInput, { content: 'x', category: text(101) }, 'category', 100],
    ['an empty category', addInput, { content: 'x', category: '' }, 'category', 1],
    ['a long source', addInput, { content: 'x', source: text(101) }, 'source', 100],
    ['21 tags', addInput, { content: 'x', tags: list(21, 'tag') }, 'tags', 20],
    ['a long tag', addInput, { content: 'x', tags: ['tag', text(51)] }, 'tags.1', 50],
    ['an empty tag', addInput, { content: 'x', tags: [''] }, 'tags.0', 1],
    ['a long conversation id', addInput, { content: 'x', conversationId: text(201) }, 'conversationId', 200],
    ['an empty conversation id', addInput, { content: 'x', conversationId: '' }, 'conversationId', 1],
    ['a long space', addInput, { content: 'x', space: text(101) }, 'space', 100],
    ['an empty space', addInput, { content: 'x', space: '' }, 'space', 1],
    ['a long idempotency key', addInput, { content: 'x', idempotencyKey: text(201) }, 'idempotencyKey', 200],
    ['no memories', addManyInput, { memories: [] }, 'memories', 1],
    ['101 memories', addManyInput, { memories: list(101, { content: 'x' }) }, 'memories', 100],
    ['one bad memory', addManyInput, { memories: [{ content: 'x' }, { content: '' }] }, 'memories.1.content', 1],
    ['an empty query', queryInput, { query: '' }, 'query', 1],
    ['5,001 characters', queryInput, { query: text(5_001) }, 'query', 5_000],
    ['limit 0', queryInput, { query: 'x', limit: 0 }, 'limit', 1],
    ['limit 101', queryInput, { query: 'x', limit: 101 }, 'limit', 100],
    ['threshold −0.1', queryInput, { query: 'x', similarityThreshold: -0.1 }, 'similarityThreshold', 0],
    ['threshold 2', queryInput, { query: 'x', similarityThreshold: 2 }, 'similarityThreshold', 1],
    ['no tiers', queryInput, { query: 'x', tiers: [] }, 'tiers', 1],
    ['an unknown tier', queryInput, { query: 'x', tiers: ['warm'] }, 'tiers.0', 'active | thread | stable | network'],
    ['an unknown ranking', queryInput, { query: 'x', ranking: 'best' }, 'ranking', 'hybrid | structural'],
    ['limit 0', bootstrapInput, { limit: 0 }, 'limit', 1],
    ['limit 201', bootstrapInput, { limit: 201 }, 'limit', 200],
    ['activeLimit −1', bootstrapInput, { activeLimit: -1 }, 'activeLimit', 0],
    ['activeLimit 1,001', bootstrapInput, { activeLimit: 1_001 }, 'activeLimit', 1_000],
    ['expand −1', queryInput, { query: 'x', expand: -1 }, 'expand', 0],
    ['expand 51', queryInput, { query: 'x', expand: 51 }, 'expand', 50],
    ['101 associations', discoverInput, { memoryId: id, limit: 101 }, 'limit', 100],
    ['a strength above 1', discoverInput, { memoryId: id, minStrength: 1.1 }, 'minStrength', 1],
    ['a graph of depth 4', graphInput, { memoryId: id, depth: 4 }, 'depth', 3],
    ['a graph of 501 nodes', graphInput, { memoryId: id, maxNodes: 501 }, 'maxNodes', 500],
    ['101 of one node', graphInput, { memoryId: id, perNode: 101 }, 'perNode', 100],
    ['101 hubs', hubsInput, { limit: 101 }, 'limit', 100],
    ['hubs of no connection', hubsInput, { minConnections: 0 }, 'minConnections', 1],
    ['101 catalysts', catalystsInput, { limit: 101 }, 'limit', 100],
    ['a weight of 2', configureInput, { settings: { lexicalWeight: 2 } }, 'settings.lexicalWeight', 1],
    ['a lift below 0', configureInput, { settings: { neighbourTurnLift: -1 } }, 'settings.neighbourTurnLift', 0],
    ['no ids', citeInput, { recallId: id, memoryIds: [] }, 'memoryIds', 1],
    ['101 ids', citeInput, { recallId: id, memoryIds: list(101, id) }, 'memoryIds', 100],
  ])('%s', (_, schema, request, field, limit) => {
    const { code, details, message } = refusal(schema, request);
    expect(code).toBe('VALIDATION_ERROR');
    expect(details).toEqual([{ field, message: expect.any(String), limit }]);
    expect(message).toBe(`${field}: ${details![0]!.message}`);
  });
});

describe('refuses what is no value of the field, and names the field', () => {
  test.each<[string, z.ZodType, unknown, string]>([
    ['content of another type', addInput, { content: 7 }, 'content'],
    ['no content', addInput, {}, 'content'],
    ['null for an optional field', addInput, { content: 'x', category: null }, 'category'],
    ['a catalyst that is no boolean', addInput, { content: 'x', isCatalyst: 'yes' }, 'isCatalyst'],
    ['tags that are no list', addInput, { content: 'x', tags: 'a,b' }, 'tags'],
    ['a time without an offset', addInput, { content: 'x', occurredAt: '2023-05-08T13:56:00' }, 'occurredAt'],
    ['a date alone', addInput, { content: 'x', occurredAt: '2023-05-08' }, 'occurredAt'],
    ['a day that was not', addInput, { content: 'x', occurredAt: '2023-02-30T00:00:00Z' }, 'occurredAt'],
    ['the year 0', addInput, { content: 'x', occurredAt: '0000-01-01T00:00:00Z' }, 'occurredAt'],
    ['an offset that is none', addInput, { content: 'x', occurredAt: '2023-05-08T13:56:00+23:00' }, 'occurredAt'],
    ['a limit that is no integer', queryInput, { query: 'x', limit: 1.5 }, 'limit'],
    ['a limit given as text', queryInput, { query: 'x', limit: '10' }, 'limit'],
    [
      'a threshold that is no number',
      queryInput,
      { query: 'x', similarityThreshold: Number.NaN },
      'similarityThreshold',
    ],
    ['a range of time given as a day', queryInput, { query: 'x', from: '2023-05-08' }, 'from'],
    ['a setting of another type', configureInput, { settings: { sentenceVectors: 1 } }, 'settings.sentenceVectors'],
    ['a memory that is none', discoverInput, { memoryId: 'm' }, 'memoryId'],
    ['a time that is none', potentialCatalystsInput, { since: 'yesterday' }, 'since'],
    ['a recall id that is none', citeInput, { recallId: 'r', memoryIds: [id] }, 'recallId'],
    ['a memory id that is none', citeInput, { recallId: id, memoryIds: [id, 'm'] }, 'memoryIds.1'],
    ['a list for the whole', addInput, [], 'body'],
    ['nothing for the whole', queryInput, undefined, 'body'],
  ])('%s', (_, schema, request, field) => {
    expect(refusal(schema, request).details).toContainEqual(expect.objectContaining({ field }));
  });

  test.each<[string, z.ZodType, object, string]>([
    ['an add', addInput, { content: 'x', contents: 'y' }, 'contents'],
    ['a memory of addMany', addManyInput, { memories: [{ content: 'x', space: 's' }] }, 'memories.0.space'],
    ['a query', queryInput, { query: 'x', treshold: 1 }, 'treshold'],
    ['a bootstrap', bootstrapInput, { limits: 1 }, 'limits'],
    ['a citation', citeInput, { recallId: id, memoryIds: [id], why: 'x' }, 'why'],
  ])('a field that %s does not have', (_, schema, request, field) => {
    expect(refusal(schema, request).details).toEqual([
      { field, message: `unknown field "${field.split('.').at(-1)}"` },
    ]);
  });
});

describe('refuses text that Postgres cannot store, wherever it stands', () => {
  const bad = [
    ['NUL', 'a\0b', 'must not contain NUL characters'],
    ['half of a surrogate pair', 'a\ud800b', 'must be well-formed Unicode (it has a lone surrogate)'],
    ['the other half', 'a\udc00', 'must be well-formed Unicode (it has a lone surrogate)'],
  ] as const;
  const places: [string, z.ZodType, (value: string) => object][] = [
    ['content', addInput, (content) => ({ content })],
    ['category', addInput, (category) => ({ content: 'x', category })],
    ['tags.0', addInput, (tag) => ({ content: 'x', tags: [tag] })],
    ['source', addInput, (source) => ({ content: 'x', source })],
    ['conversationId', addInput, (conversationId) => ({ content: 'x', conversationId })],
    ['space', addInput, (space) => ({ content: 'x', space })],
    ['idempotencyKey', addInput, (idempotencyKey) => ({ content: 'x', idempotencyKey })],
    ['memories.0.content', addManyInput, (content) => ({ memories: [{ content }] })],
    ['query', queryInput, (query) => ({ query })],
    ['category', queryInput, (category) => ({ query: 'x', category })],
    ['tags.0', queryInput, (tag) => ({ query: 'x', tags: [tag] })],
    ['conversationId', queryInput, (conversationId) => ({ query: 'x', conversationId })],
    ['space', bootstrapInput, (space) => ({ space })],
    ['conversationId', bootstrapInput, (conversationId) => ({ conversationId })],
    ['space', citeInput, (space) => ({ recallId: id, memoryIds: [id], space })],
  ];

  test.each(
    places.flatMap(([field, schema, request]) =>
      bad.map(([name, value, message]) => ({ field, schema, request, name, value, message })),
    ),
  )('$name in $field', ({ field, schema, request, value, message }) => {
    expect(refusal(schema, request(value)).details).toEqual([{ field, message }]);
  });
});

test('an error keeps its code, its details and its cause', () => {
  const cause = new Error('the reason');
  const error = new AnimaError('CONFLICT', 'twice', { details: [{ field: 'f', message: 'm' }], cause });
  expect(error).toMatchObject({ name: 'AnimaError', code: 'CONFLICT', message: 'twice', cause });
  expect(error.details).toEqual([{ field: 'f', message: 'm' }]);
});
