import { createAnimaClient } from '@anima/client';
import { expect, it } from 'vitest';
import { startOpenAiModel } from '../openai-model.ts';
import { onEveryEngine } from './databases.ts';
import { startModel } from './model-server.ts';
import { startServer } from './server-process.ts';
import { embedded, expectVerified } from './settled.ts';

const space = 'reembedded';
const contents = Array.from({ length: 90 }, (_, index) => `the ${index}th heron over the lagoon`);
const openai = { provider: 'openai', name: 'text-embedding-3-small', dimensions: 1536 };
const nomic = { provider: 'ollama', name: 'nomic-embed-text', dimensions: 768 };

onEveryEngine(({ create }) => {
  it('a server killed while it reembeds a space goes on where it was, keeps answering, and switches once', {
    timeout: 240_000,
  }, async () => {
    await using database = await create();
    await using model = await startModel();
    const next = await startOpenAiModel();
    const patient = { ADD_EMBED_BUDGET_MS: '20000', QUERY_EMBED_BUDGET_MS: '20000' };
    // New spaces have Ollama's model all the time: a restart must not change what an old one has.
    const settings = { ...next.settings, ...database.settings, ...model.settings, ...patient };
    let server = await startServer(settings);
    try {
      const anima = () => createAnimaClient({ url: server.url });
      const state = () => anima().spaces.describe.query({ space });
      const recall = async (content: string) => {
        const query = { query: content, space, limit: 1, record: false };
        const { memories, degraded, embeddingProvider } = await anima().memories.query.mutate(query);
        expect({ degraded, found: memories[0]?.content }).toEqual({ degraded: undefined, found: content });
        expect(memories[0]?.similarity).toBeCloseTo(1, 2);
        return embeddingProvider;
      };

      await anima().memories.addMany.mutate({ space, memories: contents.map((content) => ({ content })) });
      await embedded(server.url);
      const request = { space, provider: 'openai' as const, textsPerSecond: 10 };
      const watched = await anima().spaces.reembed.mutate(request);
      let done = 0;
      for await (const step of watched) {
        if (step.type === 'progress') done = step.progress.done;
        if (done >= 20) break;
      }

      for (const kill of [1, 2]) {
        await expect
          .poll(async () => (await state()).reembedding?.done, { timeout: 30_000 })
          .toBeGreaterThan(20 * kill);
        await server.end('SIGKILL');
        server = await startServer(settings);
        const after = await state();
        expect(after).toMatchObject({ model: nomic, reembedding: { model: openai, total: contents.length } });
        expect(after.reembedding?.done).toBeGreaterThanOrEqual(20 * kill);
        expect(await recall(contents[kill]!)).toBe('ollama');
      }
      const late = 'a late otter below the birch';
      await anima().memories.add.mutate({ space, content: late });

      // Nobody asks for it again: it goes on by itself.
      const providers = new Set<string>();
      for (let round = 0; (await state()).reembedding !== null; round += 1) {
        providers.add(await recall(contents[round % contents.length]!));
      }
      expect([...providers]).toContain('ollama');
      expect(await state()).toMatchObject({ model: openai, failed: 0 });
      for (const content of [...contents, late]) expect(await recall(content)).toBe('openai');
      const again = await anima().spaces.reembed.mutate(request);
      for await (const step of again) expect(step).toMatchObject({ report: { outcome: 'unchanged' } });

      // A page that was in hand when it was killed may be embedded twice; the rest is not.
      const twice = next.asked.filter((text) => contents.includes(text)).length - contents.length;
      expect(twice).toBeLessThanOrEqual(2 * 10 + contents.length);
      await expectVerified(server.url);
      expect((await server.end('SIGTERM')).code).toBe(0);

      server = await startServer(settings);
      expect(await recall(late), 'the settings name another model').toBe('openai');
      expect((await anima().spaces.describe.query({ space: 'new' })).model).toEqual(nomic);
      await server.end('SIGTERM');
      const counted = await database.read((sql) =>
        sql<{ events: number }>("select count(*)::int as events from events where type = 'space.reembedded'"),
      );
      expect(counted).toEqual([{ events: 1 }]);
    } finally {
      await server.end('SIGKILL');
      next.close();
    }
  });
});
