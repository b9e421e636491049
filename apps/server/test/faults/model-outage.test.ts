import { createAnimaClient } from '@anima/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { onEveryEngine, type TestDatabase } from './databases.ts';
import { type ModelServer, startModel } from './model-server.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { embedded } from './settled.ts';

onEveryEngine(({ create }) => {
  let database: TestDatabase;
  let model: ModelServer;
  let server: ServerProcess & { readonly url: string };

  const restart = async () => {
    server = await startServer({ ...database.settings, ...model.settings });
  };
  const memories = () => createAnimaClient({ url: server.url }).memories;

  beforeAll(async () => {
    database = await create();
    model = await startModel();
    await restart();
  }, 120_000);
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await model?.[Symbol.asyncDispose]();
    await database?.[Symbol.asyncDispose]();
  });

  it('fault 9: while the model is gone, even at a restart, memories are kept and found by their words; later all are embedded, without help', {
    timeout: 240_000,
  }, async () => {
    const contents = ['a heron over the lagoon', 'an otter below the birch'] as const;
    const remember = async (content: string) => {
      const { embedding } = await memories().add.mutate({ content });
      expect(embedding).toBe('pending');
      const { degraded, memories: found } = await memories().query.mutate({ query: content });
      expect(degraded).toBe('lexical');
      expect(found.map((memory) => memory.content)).toContain(content);
    };

    await model.stop();
    await remember(contents[0]);
    expect((await server.end('SIGTERM')).code).toBe(0);
    await restart();
    await remember(contents[1]);
    await model.start();

    await embedded(server.url);
    for (const content of contents) {
      const { degraded, memories: found } = await memories().query.mutate({ query: content });
      expect(degraded).toBeUndefined();
      expect(found.find((memory) => memory.content === content)?.similarity).toBeCloseTo(1, 2);
    }
  });
});
