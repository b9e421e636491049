import { describe, expect, it, type TestContext } from 'vitest';
import { type CachedEmbedder, openEmbedder, type ProviderOptions } from '../src/index.ts';
import { openOllama } from '../src/ollama.ts';
import { openOpenAi } from '../src/openai.ts';
import { settle } from './controlled-provider.ts';
import { type ModelServer, startModelServer } from './model-server.ts';
import { recordingLog } from './recording-log.ts';

const spaceOf = ({ model }: CachedEmbedder) => ({ id: 'here', shard: 0, settings: {}, model });

interface Remote {
  readonly name: 'ollama' | 'openai';
  readonly dimensions: number;
  readonly concurrency: number;
  readonly options: (url: string, model?: string) => ProviderOptions;
  readonly openWithTimeout: (url: string, timeoutMs: number) => ReturnType<typeof openOllama>;
}

const remotes: readonly Remote[] = [
  {
    name: 'ollama',
    dimensions: 768,
    concurrency: 4,
    options: (url, model = 'nomic-embed-text') => ({ provider: 'ollama', url, model }),
    openWithTimeout: (url, timeoutMs) => openOllama({ url, model: 'nomic-embed-text', timeoutMs }, recordingLog()),
  },
  {
    name: 'openai',
    dimensions: 1536,
    concurrency: 8,
    options: (url, model = 'text-embedding-3-small') => ({
      provider: 'openai',
      apiKey: 'secret',
      baseUrl: `${url}/v1`,
      model,
    }),
    openWithTimeout: (url, timeoutMs) =>
      openOpenAi(
        { apiKey: 'secret', baseUrl: `${url}/v1`, model: 'text-embedding-3-small', timeoutMs },
        recordingLog(),
      ),
  },
];

const toOpenAi = ({ url }: ModelServer) =>
  ({ provider: 'openai', apiKey: 'secret', baseUrl: `${url}/v1`, model: 'text-embedding-3-small' }) as const;

/** Tests run side by side, so each cleans up through its own context. */
async function serve({ onTestFinished }: TestContext, dimensions: number): Promise<ModelServer> {
  const server = await startModelServer({ dimensions });
  onTestFinished(() => server.stop());
  return server;
}

async function open({ onTestFinished }: TestContext, options: ProviderOptions): Promise<CachedEmbedder> {
  const embedder = await openEmbedder({ ...options, cache: { max: 100, ttlMs: 60_000 }, log: recordingLog() });
  onTestFinished(() => embedder.close());
  return embedder;
}

async function start(test: TestContext, { options, dimensions }: Remote) {
  const server = await serve(test, dimensions);
  return { server, embedder: await open(test, options(server.url)) };
}

describe.each(remotes)('$name', { concurrent: true }, (remote) => {
  it('gets unit vectors for a batch in one request, each for its own text', async (test) => {
    const { server, embedder } = await start(test, remote);
    const vectors = await embedder.embedContents(spaceOf(embedder), ['a', 'bb', 'ccc']);
    expect(embedder.model).toMatchObject({ provider: remote.name, dimensions: remote.dimensions });
    expect(vectors.map(([vector]) => vector?.indexOf(1))).toEqual([1, 2, 3]);
    expect(vectors.map(([vector]) => vector?.length)).toEqual(Array(3).fill(remote.dimensions));
    expect(server.requests.map(({ texts }) => texts)).toEqual([['a', 'bb', 'ccc']]);
  });

  it.for([{ status: 429 }, { status: 500 }, { status: 503 }, 'reset', 'cut'] as const)(
    'repeats a call that fails with %j',
    async (failure, test) => {
      const { server, embedder } = await start(test, remote);
      server.behave = (_, index) => (index === 0 ? failure : undefined);
      expect(await embedder.embedQuery(spaceOf(embedder), 'a')).toHaveLength(remote.dimensions);
      expect(server.requests).toHaveLength(2);
    },
  );

  it.for([{ 'retry-after': '1' }, { 'retry-after': () => new Date(Date.now() + 2_000).toUTCString() }] as const)(
    'waits before it repeats a call for as long as 429 asks: %j',
    async ({ 'retry-after': asked }, test) => {
      const { server, embedder } = await start(test, remote);
      const askedAt: number[] = [];
      server.behave = (_, index) => {
        askedAt.push(performance.now());
        const value = typeof asked === 'string' ? asked : asked();
        return index === 0 ? { status: 429, headers: { 'retry-after': value } } : undefined;
      };
      await embedder.embedQuery(spaceOf(embedder), 'a');
      // A date has whole seconds.
      expect(askedAt[1]! - askedAt[0]!).toBeGreaterThan(990);
      expect(server.requests).toHaveLength(2);
    },
  );

  it('does not hold a call for a 429 that asks for minutes', async (test) => {
    const { server, embedder } = await start(test, remote);
    server.behave = () => ({ status: 429, headers: { 'retry-after': '120' } });
    await expect(embedder.embedQuery(spaceOf(embedder), 'a')).rejects.toThrow('raise its limits or wait');
    expect(server.requests).toHaveLength(1);
  });

  it('gives up after a few repetitions and says who, where, which and what, never the text', async (test) => {
    const { server, embedder } = await start(test, remote);
    server.behave = ({ texts }) => ({ status: 503, body: JSON.stringify({ error: { message: texts.join() } }) });
    const error: unknown = await embedder.embedQuery(spaceOf(embedder), 'my diary').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'AnimaError', code: 'UNAVAILABLE' });
    for (const part of [remote.name, server.url, embedder.model.name, '503']) {
      expect(String(error)).toContain(part);
    }
    expect(`${String(error)}${JSON.stringify(error)}${String((error as Error).cause)}`).not.toContain('diary');
    expect(server.requests).toHaveLength(4);
  });

  it.for<[number, RegExp]>([
    [401, /OPENAI_API_KEY|OLLAMA_URL/],
    [404, /OPENAI_MODEL|ollama pull nomic-embed-text/],
  ])('does not repeat a call that HTTP %i refuses, and says what to do', async ([status, advice], test) => {
    const { server, embedder } = await start(test, remote);
    server.behave = () => ({ status });
    await expect(embedder.embedQuery(spaceOf(embedder), 'a')).rejects.toThrow(advice);
    expect(server.requests).toHaveLength(1);
  });

  it.for(['<html>', 'null', '{}', '{"data":7,"embeddings":7}', '{"data":[7],"embeddings":[7]}'])(
    'refuses %s as an answer',
    async (garbage, test) => {
      const { server, embedder } = await start(test, remote);
      server.behave = () => ({ garbage });
      await expect(embedder.embedQuery(spaceOf(embedder), 'a')).rejects.toMatchObject({
        name: 'AnimaError',
        code: 'UNAVAILABLE',
      });
    },
  );

  it('refuses vectors of another dimension', async (test) => {
    const { server, embedder } = await start(test, remote);
    server.behave = () => ({ vectors: (texts) => texts.map(() => [1, 0, 0]) });
    await expect(embedder.embedQuery(spaceOf(embedder), 'a')).rejects.toThrow(
      `3 dimensions instead of ${remote.dimensions}`,
    );
  });

  it('refuses a vector with NaN, as base64 or as the null that JSON makes of it', async (test) => {
    const { server, embedder } = await start(test, remote);
    const broken = Array(remote.dimensions).fill(1).with(7, Number.NaN);
    server.behave = () => ({ vectors: (texts) => texts.map(() => broken) });
    await expect(embedder.embedQuery(spaceOf(embedder), 'a')).rejects.toThrow(/NaN|not a number/);
  });

  it('refuses a zero vector', async (test) => {
    const { server, embedder } = await start(test, remote);
    server.behave = () => ({ vectors: (texts) => texts.map(() => Array(remote.dimensions).fill(0)) });
    await expect(embedder.embedQuery(spaceOf(embedder), 'a')).rejects.toThrow('a zero vector');
  });

  it('refuses an answer with fewer vectors than texts rather than guess whose they are', async (test) => {
    const { server, embedder } = await start(test, remote);
    const one = Array(remote.dimensions).fill(1);
    server.behave = ({ texts }) => (texts.length > 1 ? { vectors: () => [one] } : { vectors: () => [] });
    await expect(embedder.embedContents(spaceOf(embedder), ['a', 'bb'])).rejects.toThrow('0 vectors for 1 texts');
    expect(server.requests.map(({ texts }) => texts).slice(0, 2)).toEqual([['a', 'bb'], ['a']]);
  });

  it('serves the neighbours of a text that the model chokes on', async (test) => {
    const { server, embedder } = await start(test, remote);
    server.behave = ({ texts }) => (texts.includes('bad') ? { status: 400 } : undefined);
    const texts = ['a', 'bad', 'ccc'];
    const outcomes = await Promise.allSettled(texts.map((text) => embedder.embedContents(spaceOf(embedder), [text])));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('does not let one slow call stop the others, and closing ends it', async (test) => {
    const { server, embedder } = await start(test, remote);
    server.behave = ({ texts }) => (texts.includes('slow') ? { hold: new Promise(() => undefined) } : undefined);
    const isEnded = expect(embedder.embedQuery(spaceOf(embedder), 'slow')).rejects.toThrow('the embedder is closed');
    await settle();
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => embedder.embedQuery(spaceOf(embedder), 'x'.repeat(index))),
    );
    await embedder.close();
    await isEnded;
  });

  it('makes as many calls at once as the model is good for, and no more', async (test) => {
    const { server, embedder } = await start(test, remote);
    const { promise: hold, resolve: release } = Promise.withResolvers<void>();
    const { promise: full, resolve: isFull } = Promise.withResolvers<void>();
    server.behave = (_, index) => {
      if (index === remote.concurrency - 1) isFull();
      return { hold };
    };
    const answers: Promise<unknown>[] = [];
    for (let index = 0; index < 2 * remote.concurrency; index += 1) {
      answers.push(embedder.embedQuery(spaceOf(embedder), 'x'.repeat(index)));
      await settle();
    }
    await full;
    expect(server.requests).toHaveLength(remote.concurrency);
    release();
    await Promise.all(answers);
  });

  it.for([
    ['never answers', { hold: new Promise<void>(() => undefined) }],
    ['stops in the middle of its answer', 'stall'],
  ] as const)('gives a call that %s up after its time', async ([, behaviour], test) => {
    const server = await serve(test, remote.dimensions);
    server.behave = () => behaviour;
    const provider = await remote.openWithTimeout(server.url, 30);
    const call = provider.embed(['a'], new AbortController().signal);
    await expect(call).rejects.toThrow('did not answer within 30 ms');
  });

  it('opens a known model that is down, and embeds once it answers', async (test) => {
    const absent = await startModelServer({ dimensions: remote.dimensions });
    await absent.stop();
    const embedder = await open(test, remote.options(absent.url));
    await expect(embedder.embedQuery(spaceOf(embedder), 'a')).rejects.toThrow('cannot be reached');
    const server = await startModelServer({ dimensions: remote.dimensions, port: Number(new URL(absent.url).port) });
    test.onTestFinished(() => server.stop());
    expect(await embedder.embedQuery(spaceOf(embedder), 'a')).toHaveLength(remote.dimensions);
  });

  it('asks a model it does not know for its dimensions, once', async (test) => {
    const server = await serve(test, 5);
    const embedder = await open(test, remote.options(server.url, 'novel'));
    expect(embedder.model).toEqual({ provider: remote.name, name: 'novel', dimensions: 5 });
    expect(await embedder.embedQuery(spaceOf(embedder), 'a')).toHaveLength(5);
    expect(server.requests).toHaveLength(2);
  });

  it('does not open a model it does not know and cannot ask', async (test) => {
    const absent = await startModelServer();
    await absent.stop();
    await expect(open(test, remote.options(absent.url, 'novel'))).rejects.toMatchObject({
      name: 'AnimaError',
      code: 'UNAVAILABLE',
      message: expect.stringContaining('cannot be reached'),
    });
  });
});

describe('ollama', { concurrent: true }, () => {
  it('is asked to keep the model loaded', async (test) => {
    const server = await serve(test, 768);
    const embedder = await open(test, { provider: 'ollama', url: server.url, model: 'nomic-embed-text' });
    await embedder.embedQuery(spaceOf(embedder), 'a');
    expect(server.requests[0]).toMatchObject({
      path: '/api/embed',
      body: { model: 'nomic-embed-text', keep_alive: '1h' },
    });
  });

  it.for(['5m', 30, -1])('is asked to keep the model loaded for %j where that is set', async (keepAlive, test) => {
    const server = await serve(test, 768);
    const embedder = await open(test, { provider: 'ollama', url: server.url, model: 'nomic-embed-text', keepAlive });
    await embedder.embedQuery(spaceOf(embedder), 'a');
    expect(server.requests[0]!.body).toMatchObject({ keep_alive: keepAlive });
  });

  it('has one identity for a model with and without ":latest"', async (test) => {
    const url = 'http://127.0.0.1:9';
    const plain = await open(test, { provider: 'ollama', url, model: 'mxbai-embed-large' });
    const tagged = await open(test, { provider: 'ollama', url, model: 'mxbai-embed-large:latest' });
    expect(tagged.model).toEqual({ provider: 'ollama', name: 'mxbai-embed-large', dimensions: 1024 });
    expect(tagged.model).toEqual(plain.model);
  });

  it('fails a whole batch with 500 for one NaN: the others still get their vectors', async (test) => {
    const server = await serve(test, 768);
    const embedder = await open(test, { provider: 'ollama', url: server.url, model: 'nomic-embed-text' });
    server.behave = ({ texts }) => (texts.includes('bad') ? { status: 500 } : undefined);
    const texts = ['a', 'bad', 'ccc'];
    const outcomes = await Promise.allSettled(texts.map((text) => embedder.embedContents(spaceOf(embedder), [text])));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });
});

describe('openai', { concurrent: true }, () => {
  it('is shown the key', async (test) => {
    const server = await serve(test, 1536);
    const embedder = await open(test, toOpenAi(server));
    await embedder.embedQuery(spaceOf(embedder), 'a');
    expect(server.requests[0]).toMatchObject({ path: '/v1/embeddings', authorization: 'Bearer secret' });
  });

  it('is asked for shorter vectors where that is set, and they make another model', async (test) => {
    const server = await serve(test, 256);
    for (const model of ['text-embedding-3-small', 'novel']) {
      const embedder = await open(test, { ...toOpenAi(server), model, dimensions: 256 });
      expect(embedder.model).toEqual({ provider: 'openai', name: model, dimensions: 256 });
      expect(await embedder.embedQuery(spaceOf(embedder), 'a')).toHaveLength(256);
      expect(server.requests.at(-1)!.body).toMatchObject({ model, dimensions: 256 });
    }
    expect(server.requests).toHaveLength(2);
  });

  it('is not asked for the dimensions that a model has anyway: not every service knows the field', async (test) => {
    const server = await serve(test, 1536);
    for (const dimensions of [undefined, 1536]) {
      const embedder = await open(test, { ...toOpenAi(server), dimensions });
      await embedder.embedQuery(spaceOf(embedder), 'a');
      expect(server.requests.at(-1)!.body).not.toHaveProperty('dimensions');
    }
  });

  it('that does not shorten is refused with what to do', async (test) => {
    const server = await serve(test, 1536);
    const embedder = await open(test, { ...toOpenAi(server), dimensions: 256 });
    await expect(embedder.embedQuery(spaceOf(embedder), 'a')).rejects.toThrow(
      /1536 dimensions instead of 256 .*cannot have the dimensions it is asked for: correct the settings/,
    );
  });

  it.for<[string, number, string]>([
    ['text-embedding-3-small', 2000, 'cannot become 2000: lower OPENAI_DIMENSIONS'],
    ['text-embedding-ada-002', 256, 'cannot become 256: unset OPENAI_DIMENSIONS'],
  ])('does not open %s with %i dimensions', async ([model, dimensions, advice], test) => {
    const server = await serve(test, 1536);
    await expect(open(test, { ...toOpenAi(server), model, dimensions })).rejects.toThrow(advice);
  });

  it('is not asked again when its account has no credit left', async (test) => {
    const server = await serve(test, 1536);
    const embedder = await open(test, toOpenAi(server));
    const body = { error: { message: 'You exceeded your current quota', code: 'insufficient_quota' } };
    server.behave = () => ({ status: 429, body: JSON.stringify(body) });
    await expect(embedder.embedQuery(spaceOf(embedder), 'a')).rejects.toThrow(
      'HTTP 429 (insufficient_quota): its account has no',
    );
    expect(server.requests).toHaveLength(1);
  });

  it('never gets more than it takes, in the most expensive script', async (test) => {
    const server = await serve(test, 1536);
    const embedder = await open(test, toOpenAi(server));
    const contents = Array.from({ length: 4 }, (_, index) => `${index}${'語'.repeat(49_000)}`);
    await embedder.embedContents(spaceOf(embedder), contents);
    const bytes = (text: string) => Buffer.byteLength(text);
    for (const { texts } of server.requests) {
      expect(Math.max(...texts.map(bytes))).toBeLessThanOrEqual(8_192);
      expect(texts.map(bytes).reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(300_000);
    }
  });
});
