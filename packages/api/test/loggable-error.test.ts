import { expect, it } from 'vitest';
import { loggableError } from '../src/loggable-error.ts';

it.each([
  ['syntax error in tsquery: "my secret"', 'syntax error in tsquery: "…"'],
  [`Unexpected token 'm', "my secret"... is not valid JSON`, `Unexpected token 'm', "…"... is not valid JSON`],
  ['cut off: "my secr', 'cut off: "…"'],
  ['invalid input syntax for type uuid: "abc"', 'invalid input syntax for type uuid: "…"'],
  ['a quote in it: "my \\"secret\\" here"', 'a quote in it: "…"'],
])('a message loses the values that it quotes: %s', (message, kept) => {
  expect(loggableError(new Error(message)).message).toBe(kept);
});

it.each([
  'relation "events" does not exist',
  'column "shard" of relation "events" does not exist',
  'duplicate key value violates unique constraint "events_pkey"',
])('a message keeps the names of the schema: %s', (message) => {
  expect(loggableError(new Error(message)).message).toBe(message);
});

it('what the database attaches is dropped, but for the names of the schema', () => {
  const error = Object.assign(new Error('duplicate key value'), {
    code: '23505',
    table: 'contents',
    constraint: 'contents_pkey',
    detail: 'Key (content)=(my secret) already exists.',
    query: 'insert …',
    params: ['my secret'],
  });
  expect(loggableError(error)).toEqual({
    type: 'Error',
    message: 'duplicate key value',
    stack: expect.stringContaining('loggable-error.test.ts'),
    code: '23505',
    table: 'contents',
    constraint: 'contents_pkey',
  });
});

it('every error of an aggregate and every cause is kept', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  const error = new Error('no database', { cause: new AggregateError([refused], 'all addresses refused') });
  expect(loggableError(error)).toMatchObject({
    message: 'no database',
    cause: { type: 'AggregateError', errors: [{ code: 'ECONNREFUSED' }] },
  });
});

it('an error that is its own cause does not go on for ever', () => {
  const error = new Error('round and round');
  error.cause = error;
  expect(JSON.stringify(loggableError(error))).toContain('round and round');
});
