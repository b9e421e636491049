import { AnimaError, type ErrorCode } from '@anima/core';
import type { FastifyInstance } from 'fastify';
import { describe, expect, it } from 'vitest';
import { hostOf } from './host.ts';
import { type LoggedLine, stubParts } from './stub-parts.ts';

const secret = 'the vault opens with 4711';

/** What PGlite throws: the statement and its parameters are on it. */
function databaseDefect(): Error {
  return Object.assign(new Error(`syntax error in tsquery: "${secret}"`), {
    name: 'error',
    code: '42601',
    query: 'select $1',
    params: [secret],
    detail: `Failing row contains (${secret})`,
  });
}

/** The same request on both faces, and where each puts core's view of the error. */
const faces = [
  {
    face: 'REST',
    add: (app: FastifyInstance) =>
      app.inject({ method: 'POST', url: '/api/v1/memories/add', payload: { content: secret } }),
    errorOf: (body: unknown) => (body as { error: Record<string, unknown> }).error,
  },
  {
    face: 'tRPC',
    add: (app: FastifyInstance) =>
      app.inject({ method: 'POST', url: '/trpc/memories.add', payload: { content: secret } }),
    errorOf: (body: unknown) => (body as { error: { data: { anima: Record<string, unknown> } } }).error.data.anima,
  },
];

describe.each(faces)('errors over $face', ({ add, errorOf }) => {
  async function failWith(error: unknown) {
    const parts = stubParts({
      add: async () => {
        throw error;
      },
    });
    const app = await hostOf(parts);
    const response = await add(app);
    await app.close();
    return { response, error: errorOf(response.json()), lines: logged(parts.lines) };
  }

  it.each<[ErrorCode, number]>([
    ['VALIDATION_ERROR', 400],
    ['UNAUTHORIZED', 401],
    ['FORBIDDEN', 403],
    ['NOT_FOUND', 404],
    ['CONFLICT', 409],
    ['ARCHIVED', 410],
    ['PAYLOAD_TOO_LARGE', 413],
    ['RATE_LIMITED', 429],
    ['OVERLOADED', 503],
    ['UNAVAILABLE', 503],
    ['INTERNAL', 500],
  ])('%s is answered with status %i, its code and its details', async (code, status) => {
    const details = [{ field: 'content', message: 'is not welcome', limit: 3 }];
    const { response, error } = await failWith(new AnimaError(code, 'not now', { details }));
    expect(response.statusCode).toBe(status);
    expect(error).toMatchObject(code === 'INTERNAL' ? { code } : { code, message: 'not now', details });
  });

  it.each(['RATE_LIMITED', 'OVERLOADED', 'UNAVAILABLE'] as const)('%s says when to come back', async (code) => {
    const { response } = await failWith(new AnimaError(code, 'not now'));
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
  });

  it.each([
    ['an error of the database', databaseDefect()],
    ['an error caused by one of the database', new Error('append failed', { cause: databaseDefect() })],
    ['a syntax error of our own', new SyntaxError(`Unexpected token 'h', "${secret}" is not valid JSON`)],
    ['something that is not an error', { secret }],
  ])('%s is INTERNAL, tells the caller nothing and never logs content', async (_name, thrown) => {
    const { response, error, lines } = await failWith(thrown);
    expect(response.statusCode).toBe(500);
    expect(error).toEqual({
      code: 'INTERNAL',
      message: 'internal error; the server logged it under this request id',
    });
    expect(response.body).not.toContain(secret);
    expect(lines.filter(({ level }) => level === 'error')).toHaveLength(1);
    expect(JSON.stringify(lines)).not.toContain('the vault');
  });

  it('a defect is logged with where it came from and the id of its request', async () => {
    const { response, lines } = await failWith(new TypeError('x is not a function'));
    const [line] = lines.filter(({ level }) => level === 'error');
    const id = response.headers['x-request-id'];
    expect(line?.fields).toMatchObject({ requestId: id, code: 'INTERNAL' });
    expect(JSON.stringify(line?.fields)).toContain('x is not a function');
    expect(JSON.stringify(line?.fields)).toContain('errors.test.ts');
  });

  it('the caller’s own mistakes are not logged as trouble', async () => {
    const { lines } = await failWith(new AnimaError('NOT_FOUND', 'no such memory'));
    expect(lines.filter(({ level }) => level !== 'debug')).toEqual([]);
  });
});

it('an error is counted once, whichever face took the request', async () => {
  const app = await hostOf(stubParts());
  await app.inject({ method: 'POST', url: '/api/v1/memories/add', payload: { content: '' } });
  await app.inject({ method: 'POST', url: '/trpc/memories.add', payload: { content: '' } });
  const { body } = await app.inject('/metrics');
  expect(body).toContain('anima_errors_total{code="VALIDATION_ERROR"} 2');
  await app.close();
});

function logged(lines: readonly LoggedLine[]): readonly LoggedLine[] {
  return lines.filter(({ message }) => message !== 'request');
}
