import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch } from './launch.ts';
import { type OpenAiModel, startOpenAiModel } from './openai-model.ts';

const queries = Array.from({ length: 100 }, (_, index) => `what do I know about topic ${index}?`);
let folder: string;
let model: OpenAiModel;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'anima-restart-'));
  model = await startOpenAiModel();
});
afterAll(async () => {
  model.close();
  await rm(folder, { recursive: true });
});

async function post(url: string, operation: string, body: object): Promise<unknown> {
  const response = await fetch(`${url}/api/v1/memories/${operation}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });
  const { data } = (await response.json()) as { data: unknown };
  return data;
}

it('after a restart the first 100 known queries are answered without the model', { timeout: 120_000 }, async () => {
  const settings = { ...model.settings, ANIMA_DATA_DIR: folder, LOG_LEVEL: 'warn', QUERY_EMBED_BUDGET_MS: '10000' };
  const before = launch(settings);
  await post(await before.ready, 'add', { content: 'topic 7 is about finches' });
  for (const query of queries) await post(await before.ready, 'query', { query });
  expect(model.asked).toEqual(expect.arrayContaining(queries));
  before.process.kill('SIGTERM');
  expect((await before.ended).code).toBe(0);
  const askedBefore = model.asked.length;

  const after = launch(settings);
  const url = await after.ready;
  for (const query of queries) {
    const answer = await post(url, 'query', { query });
    expect(answer, 'the vector was there').not.toHaveProperty('degraded');
  }
  const stats = await fetch(`${url}/api/v1/meta/cache-stats`);
  expect(await stats.json()).toMatchObject({ cache: { hits: queries.length, misses: 0 } });
  expect(model.asked.slice(askedBefore)).toEqual([]);
  after.process.kill('SIGTERM');
  expect(await after.ended).toMatchObject({ code: 0, stdout: '' });
});
