import { describe, expect, it } from 'vitest';
import { hostOf } from './host.ts';
import { stubParts } from './stub-parts.ts';

const requests = [
  { name: 'an answer', method: 'GET', url: '/health' },
  { name: 'a tRPC answer', method: 'GET', url: '/trpc/meta.health' },
  { name: 'a refused body', method: 'POST', url: '/api/v1/memories/add', payload: { content: '' } },
  { name: 'a refused tRPC input', method: 'POST', url: '/trpc/memories.add', payload: { content: '' } },
  { name: 'an unknown route', method: 'GET', url: '/nowhere' },
  { name: 'an unknown procedure', method: 'GET', url: '/trpc/nowhere' },
  { name: 'a URL that cannot be decoded', method: 'GET', url: '/%ff' },
] as const;

describe.each(requests)('$name', ({ name: _, ...request }) => {
  it('has X-Response-Time and X-Request-Id', async () => {
    const app = await hostOf(stubParts());
    const { headers } = await app.inject(request);
    expect(headers['x-response-time']).toMatch(/^\d+(\.\d)?ms$/);
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    await app.close();
  });
});

it('a caller’s own request id is taken over, in the header and in the envelope', async () => {
  const app = await hostOf(stubParts());
  const { headers, json } = await app.inject({ url: '/nowhere', headers: { 'x-request-id': 'job-7.attempt:2' } });
  expect(headers['x-request-id']).toBe('job-7.attempt:2');
  expect(json()).toMatchObject({ meta: { requestId: 'job-7.attempt:2' } });
  await app.close();
});

it.each(['', 'x'.repeat(129), 'two words', 'ä', '<script>'])(
  'a request id that is not sane is replaced: %j',
  async (id) => {
    const app = await hostOf(stubParts());
    const { headers } = await app.inject({ url: '/health', headers: { 'x-request-id': id } });
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    await app.close();
  },
);

it('an operation above the limit is a warning with its name, time and request, and no content', async () => {
  const parts = stubParts({}, { slowRequestMs: -1 });
  const app = await hostOf(parts);
  const request = { method: 'POST', url: '/trpc/memories.query', payload: { query: 'my secret' } } as const;
  const { headers } = await app.inject(request);
  const warnings = parts.lines.filter(({ level }) => level === 'warn');
  expect(warnings).toEqual([
    {
      level: 'warn',
      message: 'slow request',
      fields: { operation: 'query', status: 'ok', ms: expect.any(Number), requestId: headers['x-request-id'] },
    },
  ]);
  expect(JSON.stringify(parts.lines)).not.toContain('my secret');
  await app.close();
});
