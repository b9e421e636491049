import { afterAll, beforeAll, expect, it } from 'vitest';
import { onEveryEngine, type TestDatabase } from './databases.ts';
import { type MemoryCounts, readHistory } from './history.ts';
import { countPairs } from './ledger.ts';
import { type ModelServer, startModel } from './model-server.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { folded, readMemories } from './settled.ts';

const patience = { timeout: 180_000 };

// biome-ignore lint/suspicious/noExplicitAny: an answer as it came
type Answer = { readonly status: number; readonly data: any };

onEveryEngine(({ create }) => {
  let database: TestDatabase;
  let model: ModelServer;
  let server: ServerProcess & { readonly url: string };

  const post = async (path: string, body: object): Promise<Answer> => {
    const response = await fetch(`${server.url}/api/v1/memories/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const { data } = (await response.json()) as { data: unknown };
    return { status: response.status, data };
  };
  // On a machine that is busy, some of twenty at once would be asked to come again: what is counted here is answers.
  const start = () => startServer({ ...database.settings, ...model.settings, SHED_ABOVE_MS: '0' });

  beforeAll(async () => {
    database = await create();
    model = await startModel();
    server = await start();
  }, 120_000);
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await model?.[Symbol.asyncDispose]();
    await database?.[Symbol.asyncDispose]();
  });

  it('fault 8: ten identical adds at once are one memory, ten good answers and nine accesses', patience, async () => {
    const body = { content: 'Ada prefers tea to coffee', space: 'identical' };
    const answers = await Promise.all(Array.from({ length: 10 }, () => post('add', body)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([...Array(9).fill(200), 201]);
    const ids = new Set(answers.map(({ data }) => data.memory.id));
    await folded(server.url);
    const counts: MemoryCounts = { accessCount: 9, phi: 900, tier: 'thread' };
    expect(await readMemories(server.url, body.space)).toEqual(new Map([...ids].map((id) => [id, counts])));
    expect(ids.size).toBe(1);
  });

  it(
    'faults 4 and 5: of sixty overlapping queries, twenty at once, every one is answered, and every pair is counted though the server is killed right after the last',
    patience,
    async () => {
      const space = 'overlapping';
      const memories = Array.from({ length: 20 }, (_, index) => ({ content: `the tide, seen on day ${index}` }));
      await post('add-many', { memories, space });
      const recalls: string[][] = [];
      const askThree = async (_: unknown, caller: number) => {
        for (let turn = 0; turn < 3; turn += 1) {
          const body = { query: 'the tide', limit: 20 - (caller % 5), conversationId: `talk ${caller % 4}`, space };
          const { status, data } = await post('query', body);
          expect(status).toBe(200);
          recalls.push(data.memories.map(({ id }: { id: string }) => id));
        }
      };
      await Promise.all(Array.from({ length: 20 }, askThree));
      await server.end('SIGKILL');

      server = await start();
      await folded(server.url);
      await server.end('SIGTERM');
      const { pairs } = await database.read((sql) => readHistory(sql, [space]));
      expect(recalls).toHaveLength(60);
      expect(recalls.every((memoryIds) => memoryIds.length >= 16)).toBe(true);
      expect(pairs).toEqual(countPairs(recalls));
    },
  );
});
