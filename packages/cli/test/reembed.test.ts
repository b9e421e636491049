import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { type RunningServer, startServer } from '@anima/client/node/start-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { anima } from './running-command.ts';

/** Ollama, with one model that gives every text the same vector, and knows no other. */
const ollama = createServer(async (request, response) => {
  const { input, model } = (await json(request)) as { input: string[]; model: string };
  response.writeHead(model === 'all-minilm' ? 200 : 404, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ embeddings: input.map(() => Array(384).fill(1)) }));
});
let server: RunningServer;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  ollama.listen(0, '127.0.0.1');
  await once(ollama, 'listening');
  const OLLAMA_URL = `http://127.0.0.1:${(ollama.address() as AddressInfo).port}`;
  server = await startServer({ ...process.env, DATABASE_URL: undefined, ANIMA_DATA_DIR: 'memory://', OLLAMA_URL });
  env = { ANIMA_URL: server.url };
}, 60_000);
afterAll(async () => {
  await server?.stop();
  ollama.close();
});

const builtin = { provider: 'builtin', name: 'energetic-ai/en', dimensions: 512 };
const minilm = { provider: 'ollama', name: 'all-minilm', dimensions: 384 };
const toMinilm = ['--provider', 'ollama', '--model', 'all-minilm'];

test('a space gets another model, which is told; asked for again there is nothing to do', async () => {
  const space = randomUUID();
  for (const content of ['Ada prefers tea', 'Ben met Ada']) await anima(['add', content, '--space', space], env);
  const shown = await anima(['reembed', space, '--json'], env);
  expect(JSON.parse(shown.stdout)).toEqual({ space, settings: {}, model: builtin, failed: 0, reembedding: null });

  const done = await anima(['reembed', space, ...toMinilm, '--rate', '100', '--json'], env);
  expect(done).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(done.stdout)).toEqual({ space, model: minilm, outcome: 'switched', memories: 2, failed: 0 });
  const query = JSON.parse((await anima(['query', 'tea', '--space', space, '--json'], env)).stdout);
  expect(query).toMatchObject({ embeddingProvider: 'ollama', memories: [{ similarity: 1 }, { similarity: 1 }] });

  const again = await anima(['reembed', space, ...toMinilm], env);
  expect(again).toMatchObject({
    code: 0,
    stdout: `Nothing to do: ${space} has ollama all-minilm, 384 dimensions already.\n`,
  });
});

test('one under way is shown, watched again and given up', async () => {
  const space = randomUUID();
  for (const content of ['one', 'two', 'three', 'four', 'five']) await anima(['add', content, '--space', space], env);
  const watched = anima(['reembed', space, ...toMinilm, '--rate', '1'], env);
  await expect
    .poll(async () => (await anima(['reembed', space], env)).stdout, { timeout: 20_000 })
    .toMatch(/^.* has builtin .*\. On its way to ollama all-minilm, 384 dimensions: \d of 5 memories\.\n$/);
  const other = await anima(['reembed', space, '--provider', 'ollama', '--model', 'mxbai-embed-large'], env);
  expect(other).toMatchObject({ code: 1, stderr: expect.stringMatching(/^UNAVAILABLE: .*ollama pull/) });
  const cancelled = await anima(['reembed', space, '--cancel'], env);
  expect(cancelled).toMatchObject({ code: 0, stdout: `${space} has builtin energetic-ai/en, 512 dimensions.\n` });
  expect(await watched).toMatchObject({ code: 1, stdout: `Given up: ${space} keeps the model it had.\n` });
  const nothing = await anima(['reembed', space, '--cancel'], env);
  expect(nothing).toMatchObject({ code: 1, stderr: expect.stringMatching(/^NOT_FOUND: /) });
});

test('what cannot be is refused before anything changes, and says what to do', async () => {
  const space = randomUUID();
  const refusals = [
    [['--provider', 'openai'], 'VALIDATION_ERROR: provider: needs OPENAI_API_KEY'],
    [['--provider', 'builtin', '--model', 'gpt'], 'VALIDATION_ERROR: model: must be energetic-ai/en'],
    [[...toMinilm, '--dimensions', '100'], 'VALIDATION_ERROR: dimensions: model "all-minilm" has vectors of 384'],
    [[...toMinilm, '--rate', '0'], 'VALIDATION_ERROR: textsPerSecond: must be at least 1'],
    [['--provider', 'ollama', '--model', 'nomic-embed-text'], 'UNAVAILABLE: ollama model "nomic-embed-text"'],
  ] as const;
  for (const [args, said] of refusals) {
    const { code, stderr } = await anima(['reembed', space, ...args], env);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(said) });
  }
  expect((await anima(['reembed', space], env)).stdout).toBe(`${space} has builtin energetic-ai/en, 512 dimensions.\n`);
  expect((await anima(['reembed', space, '--provider', 'nobody'], env)).code).toBe(2);
});
