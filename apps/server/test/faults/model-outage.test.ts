import { createAnimaClient } from '@anima/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { onEveryEngine, type TestDatabase } from './databases.ts';
import { type ModelServer, startModel } from './model-server.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { embedded } from './settled.ts';

interface Outage {
  readonly name: string;
  /** Whether the server is stopped and started in between. */
  readonly restarts: boolean;
  begin(model: ModelServer): Promise<void> | void;
  end(model: ModelServer): Promise<void> | void;
}

const outages: readonly Outage[] = [
  {
    name: 'takes three seconds',
    restarts: false,
    begin: (model) => {
      model.delayMs = 3_000;
    },
    end: (model) => {
      model.delayMs = 0;
    },
  },
  {
    name: 'fails',
    restarts: false,
    begin: (model) => {
      model.answers = 'an error';
    },
    end: (model) => {
      model.answers = 'well';
    },
  },
  { name: 'is gone, even at a restart', restarts: true, begin: (model) => model.stop(), end: (model) => model.start() },
];

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

  it.for(outages)(
    'fault 9: while the model $name memories are kept and found by their words; later all are embedded, without help',
    { timeout: 240_000 },
    async ({ name, restarts, begin, end }) => {
      const contents = ['a heron over the lagoon', 'an otter below the birch'];
      const remember = async (content: string) => {
        const { embedding } = await memories().add.mutate({ content, space: name });
        expect(embedding).toBe('pending');
        const { degraded, memories: found } = await memories().query.mutate({ query: content, space: name });
        expect(degraded).toBe('lexical');
        expect(found.map((memory) => memory.content)).toContain(content);
      };

      await begin(model);
      await remember(contents[0]!);
      if (restarts) {
        expect((await server.end('SIGTERM')).code).toBe(0);
        await restart();
      }
      await remember(contents[1]!);
      await end(model);

      await embedded(server.url);
      for (const content of contents) {
        const { degraded, memories: found } = await memories().query.mutate({ query: content, space: name });
        expect(degraded).toBeUndefined();
        expect(found.find((memory) => memory.content === content)?.similarity).toBeCloseTo(1, 2);
      }
    },
  );
});
