import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hostOf } from './host.ts';
import { stubParts } from './stub-parts.ts';

let app: FastifyInstance;

beforeAll(async () => {
  app = await hostOf(stubParts());
  await app.inject({ method: 'POST', url: '/api/v1/memories/add', payload: { content: 'Ada prefers tea' } });
});
afterAll(() => app.close());

const rest = async (query: string) => (await app.inject(`/api/v1/memories/bootstrap?${query}`)).json();
const trpc = async (input: object) =>
  (await app.inject(`/trpc/memories.bootstrap?input=${encodeURIComponent(JSON.stringify(input))}`)).json();

it('a bootstrap as a prompt is the same text over REST and tRPC', async () => {
  const { data } = await rest('format=prompt&tokenBudget=500');
  const { result } = await trpc({ format: 'prompt', tokenBudget: 500 });
  expect(data.prompt.text).toContain('Ada prefers tea');
  expect(data.prompt).toEqual(result.data.prompt);
  expect(data.memories.active).toHaveLength(1);
});

it('without a format there is no text', async () => {
  expect((await rest('')).data).not.toHaveProperty('prompt');
});

it.each([
  ['format=xml', 'format'],
  ['format=prompt&tokenBudget=99', 'tokenBudget'],
  ['format=prompt&tokenBudget=100001', 'tokenBudget'],
  ['format=prompt&tokenBudget=many', 'tokenBudget'],
  ['tokenBudget=500', 'tokenBudget'],
])('refuses %s and names the field', async (query, field) => {
  expect(await rest(query)).toMatchObject({ error: { code: 'VALIDATION_ERROR', details: [{ field }] } });
});
