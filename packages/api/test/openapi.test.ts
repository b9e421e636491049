import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostOf } from './host.ts';
import { stubParts } from './stub-parts.ts';

interface OpenapiOperation {
  readonly requestBody?: { readonly content: Record<string, { readonly schema: Record<string, unknown> }> };
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: object }[];
  readonly responses: Record<string, { readonly content: Record<string, { readonly schema: object }> }>;
}

interface OpenapiDocument {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, OpenapiOperation>>;
  readonly components: { readonly schemas: Record<string, { readonly properties: Record<string, unknown> }> };
}

describe('the OpenAPI document', () => {
  let app: FastifyInstance;
  let document: OpenapiDocument;

  beforeAll(async () => {
    app = await hostOf(stubParts());
    document = (await app.inject('/api/v1/openapi.json')).json();
  });
  afterAll(() => app.close());

  it('has every route of REST, each with the schemas of its answers', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths).toSorted()).toEqual([
      '/api/v1/archive',
      '/api/v1/associations/discover',
      '/api/v1/associations/graph',
      '/api/v1/associations/hubs',
      '/api/v1/associations/network-stats',
      '/api/v1/backup',
      '/api/v1/bench/runs',
      '/api/v1/bench/runs/{id}',
      '/api/v1/events',
      '/api/v1/events/{position}',
      '/api/v1/memories',
      '/api/v1/memories/add',
      '/api/v1/memories/add-many',
      '/api/v1/memories/bootstrap',
      '/api/v1/memories/catalysts',
      '/api/v1/memories/catalysts/potential',
      '/api/v1/memories/cite',
      '/api/v1/memories/erase',
      '/api/v1/memories/forget',
      '/api/v1/memories/mark',
      '/api/v1/memories/merges',
      '/api/v1/memories/query',
      '/api/v1/memories/receipts/{recallId}',
      '/api/v1/memories/restore',
      '/api/v1/memories/unmerge',
      '/api/v1/memories/update-tier',
      '/api/v1/memories/{memoryId}',
      '/api/v1/memories/{memoryId}/history',
      '/api/v1/memories/{memoryId}/tiers',
      '/api/v1/meta/cache-stats',
      '/api/v1/meta/metrics',
      '/api/v1/projections/rebuild',
      '/api/v1/restore',
      '/api/v1/spaces',
      '/api/v1/spaces/cancel-reembed',
      '/api/v1/spaces/consolidate',
      '/api/v1/spaces/export',
      '/api/v1/spaces/import/apply',
      '/api/v1/spaces/import/stage',
      '/api/v1/spaces/model',
      '/api/v1/spaces/overview',
      '/api/v1/spaces/reembed',
      '/api/v1/spaces/settings',
      '/health',
      '/health/live',
      '/health/ready',
      '/metrics',
    ]);
    for (const operation of operations(document)) {
      for (const response of Object.values(operation.responses)) {
        expect(Object.values(response.content)[0]?.schema).toBeTypeOf('object');
      }
    }
  });

  it('has the limits of core in the requests', () => {
    const add = document.paths['/api/v1/memories/add']!.post!;
    expect(add.requestBody!.content['application/json']!.schema).toMatchObject({
      required: ['content'],
      additionalProperties: false,
      properties: {
        content: { type: 'string', minLength: 1, maxLength: 50_000 },
        tags: { type: 'array', maxItems: 20, items: { maxLength: 50 } },
      },
    });
    expect(add.parameters).toMatchObject([{ name: 'idempotency-key', in: 'header', schema: { maxLength: 200 } }]);
    const bootstrap = document.paths['/api/v1/memories/bootstrap']!.get!;
    const limit = bootstrap.parameters!.find(({ name }) => name === 'limit');
    expect(limit?.schema).toEqual({ type: 'integer', minimum: 1, maximum: 200, default: 50 });
  });

  it('names a memory with exactly the fields of the reference', () => {
    const fields =
      'id content content_hash tier category tags source access_count last_accessed resonance_phi is_catalyst created_at updated_at'.split(
        ' ',
      );
    const { Memory, RecalledMemory } = document.components.schemas;
    expect(Object.keys(Memory!.properties)).toEqual(fields);
    expect(Object.keys(RecalledMemory!.properties)).toEqual([
      ...fields,
      ...['similarity', 'lexical', 'structural_weight', 'score', 'terms'],
    ]);
  });

  it('refers only to schemas that it has, and has none that nothing refers to', () => {
    const text = JSON.stringify(document);
    const referred = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
    expect([...new Set(referred)].toSorted()).toEqual(Object.keys(document.components.schemas).toSorted());
  });

  it('never marks a field of a request as read-only', () => {
    expect(JSON.stringify(document)).not.toContain('readOnly');
  });
});

function operations(document: OpenapiDocument): OpenapiOperation[] {
  return Object.values(document.paths).flatMap((path) => Object.values(path));
}
