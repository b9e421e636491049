import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, type TestContext, vi } from 'vitest';
import { type CachedEmbedder, openEmbedder, type ProviderOptions } from '../src/index.ts';
import { type ModelServer, startModelServer } from './model-server.ts';
import { type RecordingLog, recordingLog } from './recording-log.ts';

const spaceOf = ({ model }: CachedEmbedder) => ({ id: 'here', shard: 0, settings: {}, model });

interface Remote {
  readonly name: 'ollama' | 'openai';
  readonly dimensions: number;
  readonly setting: string;
  readonly options: (url: string, standbyUrl: string, model?: string) => ProviderOptions;
}

const remotes: readonly Remote[] = [
  {
    name: 'ollama',
    dimensions: 768,
    setting: 'OLLAMA_STANDBY_URL',
    options: (url, standbyUrl, model = 'nomic-embed-text') => ({ provider: 'ollama', url, standbyUrl, model }),
  },
  {
    name: 'openai',
    dimensions: 1536,
    setting: 'OPENAI_STANDBY_BASE_URL',
    options: (url, standbyUrl, model = 'text-embedding-3-small') => ({
      provider: 'openai',
      apiKey: 'secret',
      baseUrl: `${url}/v1`,
      standbyBaseUrl: `${standbyUrl}/v1`,
      standbyApiKey: 'other secret',
      model,
    }),
  },
];

async function serve({ onTestFinished }: TestContext, dimensions: number, port = 0): Promise<ModelServer> {
  const server = await startModelServer({ dimensions, port });
  onTestFinished(() => server.stop());
  return server;
}

async function open({ onTestFinished }: TestContext, options: ProviderOptions) {
  const log = recordingLog();
  const embedder = await openEmbedder({ ...options, cache: { max: 100, ttlMs: 60_000 }, log });
  onTestFinished(() => embedder.close());
  let count = 0;
  /** Asks for a text that no cache knows; how long the answer took, ms. */
  const ask = async () => {
    const startedAt = performance.now();
    count += 1;
    await embedder.embedQuery(spaceOf(embedder), 'x'.repeat(count));
    return performance.now() - startedAt;
  };
  return { embedder, log, ask };
}

async function start(test: TestContext, { options, dimensions }: Remote, standbyDimensions = dimensions) {
  const first = await serve(test, dimensions);
  const standby = await serve(test, standbyDimensions);
  return { first, standby, ...(await open(test, options(first.url, standby.url))) };
}

const linesOf = (log: RecordingLog) => log.lines.map(({ level, message }) => `${level}: ${message}`);
const failedOver = 'warn: the embedding model does not answer at its first address; its stand-by is in use';
const failedBack = 'info: the embedding model answers at its first address again';
const dropped = 'error: the stand-by of the embedding model is not asked any more';

/** Texts of tests, without those that the addresses are compared by. */
const asked = (server: ModelServer) =>
  server.requests.flatMap(({ texts }) => texts).filter((text) => /^x+$/.test(text));

/** Until both have answered what they are compared by. */
async function compared(standby: ModelServer): Promise<void> {
  await vi.waitFor(() => expect(standby.requests).toHaveLength(1));
  await sleep(50);
}

/** Vectors as another model gives them: in places of its own. */
const otherVectors = (dimensions: number) => ({
  vectors: (texts: readonly string[]) => texts.map(() => Array.from({ length: dimensions }, (_, place) => place % 7)),
});

describe.each(remotes)('the stand-by of $name', { concurrent: true }, (remote) => {
  it('is compared with the first, and not asked for anything else while that answers', async (test) => {
    const { first, standby, ask, log } = await start(test, remote);
    for (let times = 0; times < 5; times += 1) await ask();
    await vi.waitFor(() => expect(standby.requests).toHaveLength(1));
    expect(standby.requests[0]).toMatchObject({ body: { model: first.requests[0]!.body.model } });
    if (remote.name === 'openai') expect(standby.requests[0]!.authorization).toBe('Bearer other secret');
    expect(asked(standby)).toEqual([]);
    expect(log.lines).toEqual([]);
  });

  it.for([{ status: 503 }, { status: 429 }, { status: 404 }, { garbage: '<html>' }, 'reset', 'cut'] as const)(
    'answers the very call that fails at the first with %j, at once, and says it once',
    async (failure, test) => {
      const { first, standby, ask, log } = await start(test, remote);
      await ask();
      await compared(standby);
      first.behave = () => failure;
      expect(await ask()).toBeLessThan(1_000);
      for (let times = 0; times < 5; times += 1) await ask();
      expect(asked(first)).toEqual(['x', 'xx']);
      expect(asked(standby)).toHaveLength(6);
      expect(linesOf(log)).toEqual([failedOver]);
      expect(log.lines[0]).toMatchObject({ fields: { url: expect.stringContaining(standby.url) } });
    },
  );

  it('is asked too when the first does not answer in time, and later calls do not wait for that again', async (test) => {
    const { first, standby, ask, log } = await start(test, remote);
    await ask();
    await compared(standby);
    first.behave = () => ({ hold: new Promise(() => undefined) });
    expect(await ask()).toBeLessThan(4_000);
    expect(await ask()).toBeLessThan(1_000);
    expect(linesOf(log)).toEqual([failedOver]);
  });

  it('gives way when the first answers again', async (test) => {
    const { first, standby, ask, log } = await start(test, remote);
    await ask();
    await compared(standby);
    const { port } = new URL(first.url);
    await first.stop();
    await ask();
    const again = await serve(test, remote.dimensions, Number(port));
    await vi.waitFor(
      async () => {
        await ask();
        expect(asked(again)).not.toEqual([]);
      },
      { timeout: 10_000, interval: 100 },
    );
    expect(linesOf(log)).toEqual([failedOver, failedBack]);
    const before = asked(standby).length;
    await ask();
    expect(asked(standby)).toHaveLength(before);
  });

  it('serves from the start when the first is down, also a model whose dimensions only it can tell', async (test) => {
    const absent = await startModelServer();
    await absent.stop();
    const standby = await serve(test, 5);
    const { embedder, ask } = await open(test, remote.options(absent.url, standby.url, 'novel'));
    expect(embedder.model).toEqual({ provider: remote.name, name: 'novel', dimensions: 5 });
    await ask();
    expect(asked(standby)).toEqual(['x']);
  });

  it('with other dimensions is found out before it is needed, and never asked again', async (test) => {
    const { first, standby, ask, log } = await start(test, remote, 5);
    await ask();
    await vi.waitFor(() => expect(linesOf(log)).toEqual([dropped]));
    expect(String((log.lines[0]!.fields as { err: unknown }).err)).toMatch(
      new RegExp(`${standby.url}.* 5 dimensions instead of ${remote.dimensions}: .*correct ${remote.setting}`),
    );
    first.behave = () => ({ status: 401 });
    await expect(ask()).rejects.toThrow('HTTP 401');
    expect(asked(standby)).toEqual([]);
  });

  it('with other dimensions is refused, though the first has never answered', async (test) => {
    const { first, standby, ask, log } = await start(test, remote, 5);
    first.behave = () => ({ status: 401 });
    await expect(ask()).rejects.toThrow(
      new RegExp(`HTTP 401.*; and the stand-by .* 5 dimensions instead of ${remote.dimensions}: .*${remote.setting}`),
    );
    await expect(ask()).rejects.toThrow('HTTP 401');
    expect(asked(standby)).toEqual(['x']);
    expect(linesOf(log)).toEqual([dropped, 'warn: the embedding model fails']);
  });

  it('of the same name and dimensions that is another model is found out, and never asked again', async (test) => {
    const { first, standby, ask, log } = await start(test, remote);
    standby.behave = () => otherVectors(remote.dimensions);
    await ask();
    await vi.waitFor(() => expect(linesOf(log)).toEqual([dropped]));
    expect(String((log.lines[0]!.fields as { err: unknown }).err)).toContain('gives another vector for the same text');
    first.behave = () => ({ status: 401 });
    await expect(ask()).rejects.toThrow('HTTP 401');
    expect(asked(standby)).toEqual([]);
  });

  it('of another model that had to be trusted is dropped once the first answers', async (test) => {
    const { first, standby, ask, log } = await start(test, remote);
    standby.behave = () => otherVectors(remote.dimensions);
    first.behave = () => ({ status: 401 });
    await ask();
    first.behave = () => undefined;
    await sleep(2_000);
    await ask();
    await vi.waitFor(() => expect(linesOf(log)).toContain(dropped));
    await ask();
    expect(asked(first).at(-1)).toBe('xxx');
  });

  it('that is down as well fails the call with what both need', async (test) => {
    const { first, standby, ask, log } = await start(test, remote);
    first.behave = () => ({ status: 401 });
    standby.behave = () => ({ status: 404 });
    const error: unknown = await ask().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'AnimaError', code: 'UNAVAILABLE' });
    for (const part of [first.url, '401', standby.url, '404']) expect(String(error)).toContain(part);
    expect(linesOf(log)).toContain('warn: the embedding model fails');
  });

  it('that is down is said once while the first answers, and does no harm', async (test) => {
    const { first, standby, ask, log } = await start(test, remote);
    await standby.stop();
    await ask();
    await vi.waitFor(() => expect(linesOf(log)).toEqual(['warn: the stand-by of the embedding model does not answer']));
    await sleep(2_100);
    await ask();
    expect(asked(first)).toEqual(['x', 'xx']);
    expect(log.lines).toHaveLength(1);
  });

  it('is not asked for a text that the first refuses', async (test) => {
    const { first, standby, ask, log } = await start(test, remote);
    first.behave = ({ texts }) => (texts.includes('x') ? { status: 400 } : undefined);
    await expect(ask()).rejects.toThrow('HTTP 400');
    expect(asked(standby)).toEqual([]);
    expect(linesOf(log)).toEqual(['warn: the embedding model fails']);
  });

  it('serves the neighbours of a text that it chokes on', async (test) => {
    const { first, standby, embedder } = await start(test, remote);
    await first.stop();
    standby.behave = ({ texts }) => (texts.includes('bad') ? { status: 400 } : undefined);
    const texts = ['a', 'bad', 'ccc'];
    const outcomes = await Promise.allSettled(texts.map((text) => embedder.embedContents(spaceOf(embedder), [text])));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('does not keep a call alive when the embedder is closed', async (test) => {
    const { first, standby, embedder, log } = await start(test, remote);
    for (const server of [first, standby]) server.behave = () => ({ hold: new Promise(() => undefined) });
    const isEnded = expect(embedder.embedQuery(spaceOf(embedder), 'a')).rejects.toThrow('the embedder is closed');
    await vi.waitFor(() => expect(standby.requests).toHaveLength(1), { timeout: 3_000 });
    await embedder.close();
    await isEnded;
    expect(log.lines).toEqual([]);
  });
});
