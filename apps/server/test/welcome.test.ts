import { expect, it } from 'vitest';
import { readEnv } from '../src/env.ts';
import { welcome } from '../src/welcome.ts';

const running = { url: 'http://127.0.0.1:7100', model: 'builtin/energetic-ai/en' };

it('says where things are and what to try, in commands that can be pasted', () => {
  const text = welcome(readEnv({}), running);
  expect(text).toContain('.anima (embedded PostgreSQL)');
  expect(text).toContain('builtin/energetic-ai/en');
  const bodies = [...text.matchAll(/-d '(.*)'$/gm)].map(([, body]) => JSON.parse(body ?? ''));
  expect(bodies).toEqual([{ content: expect.any(String) }, { query: expect.any(String) }]);
});

it('names the database without its password', () => {
  const text = welcome(readEnv({ DATABASE_URL: 'postgres://anima:hunter2@db.local:5432/memories' }), running);
  expect(text).toContain('PostgreSQL at db.local:5432/memories');
  expect(text).not.toContain('hunter2');
});

it('a worker has nothing to try', () => {
  const env = readEnv({ DATABASE_URL: 'postgres://localhost/anima', ANIMA_ROLE: 'worker' });
  expect(welcome(env, running)).not.toContain('curl');
});
