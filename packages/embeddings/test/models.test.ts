import { AnimaError, type EmbeddingModel } from '@anima/core';
import { describe, expect, it, type TestContext } from 'vitest';
import { openEmbedder, type ReachModel } from '../src/index.ts';
import { type ModelServer, startModelServer } from './model-server.ts';
import { recordingLog } from './recording-log.ts';

const nomic: EmbeddingModel = { provider: 'ollama', name: 'nomic-embed-text', dimensions: 768 };
const mxbai: EmbeddingModel = { provider: 'ollama', name: 'mxbai-embed-large', dimensions: 1024 };
const spaceOf = (model: EmbeddingModel, id = 'here') => ({ id, shard: 0, settings: {}, model });

/** A server whose new spaces have `nomic-embed-text`, and that reaches every model at one other address. */
async function open({ onTestFinished }: TestContext, dimensions = 1024) {
  const own = await startModelServer();
  const others = await startModelServer({ dimensions });
  const log = recordingLog();
  const embedder = await openEmbedder({
    ...{ provider: 'ollama', url: own.url, model: 'nomic-embed-text', log, cache: { max: 100, ttlMs: 60_000 } },
    reachModel: reach(others),
  });
  onTestFinished(async () => {
    await embedder.close();
    await own.stop();
    await others.stop();
  });
  return { embedder, own, others, log };
}

function reach({ url }: ModelServer): ReachModel {
  return ({ provider, name = 'nomic-embed-text' }) => {
    if (provider === 'ollama') return { provider, url, model: name };
    if (provider === 'openai') return { provider, apiKey: 'any', baseUrl: `${url}/v1`, model: name };
    throw new AnimaError('VALIDATION_ERROR', 'provider: not reached here');
  };
}

const modelsAsked = ({ requests }: ModelServer) => requests.map(({ body }) => body.model);

describe('a space of another model', () => {
  it('is embedded by that model, and the cache keeps the two apart', async (test) => {
    const { embedder, own, others } = await open(test);
    expect(await embedder.embedQuery(spaceOf(nomic), 'a')).toHaveLength(768);
    expect(await embedder.embedQuery(spaceOf(mxbai), 'a')).toHaveLength(1024);
    expect(await embedder.embedContents(spaceOf(mxbai), ['a'])).toEqual([[expect.objectContaining({ length: 1024 })]]);
    expect(embedder.cacheStats()).toMatchObject({ hits: 1, misses: 2, size: 2 });
    expect([modelsAsked(own), modelsAsked(others)]).toEqual([['nomic-embed-text'], ['mxbai-embed-large']]);
    expect(embedder.model, 'new spaces keep theirs').toEqual(nomic);
  });

  it('shares one queue with other spaces of that model', async (test) => {
    const { embedder, others } = await open(test);
    await embedder.embedQuery(spaceOf(mxbai), 'first');
    await Promise.all([embedder.embedQuery(spaceOf(mxbai), 'a'), embedder.embedQuery(spaceOf(mxbai, 'there'), 'b')]);
    expect(others.requests.map(({ texts }) => texts)).toEqual([['first'], ['a', 'b']]);
  });

  it('is UNAVAILABLE where the settings do not reach its model, which says why and stops nobody else', async (test) => {
    const { embedder, log } = await open(test);
    const lost = spaceOf({ provider: 'elsewhere', name: 'lost', dimensions: 3 });
    for (let times = 0; times < 2; times += 1) {
      await expect(embedder.embedQuery(lost, 'a')).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: expect.stringMatching(/elsewhere model "lost" .*not reached here/),
      });
    }
    expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
    expect(await embedder.embedQuery(spaceOf(nomic), 'a')).toHaveLength(768);
  });

  it('is UNAVAILABLE where what is there now has other dimensions: they never mix', async (test) => {
    const { embedder } = await open(test, 500);
    const former = spaceOf({ provider: 'ollama', name: 'of my own', dimensions: 512 });
    await expect(embedder.embedQuery(former, 'a')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/500 dimensions, which cannot become 512/),
    });
  });

  it('of a service whose vectors were shortened asks for them shortened, and for its own as they are', async (test) => {
    const { embedder, others } = await open(test, 512);
    const shortened = { provider: 'openai', name: 'text-embedding-3-small', dimensions: 512 };
    expect(await embedder.embedQuery(spaceOf(shortened), 'a')).toHaveLength(512);
    expect(others.requests.at(-1)!.body).toMatchObject({ dimensions: 512 });
    const own = { provider: 'openai', name: 'of my own', dimensions: 512 };
    expect(await embedder.embedQuery(spaceOf(own), 'a')).toHaveLength(512);
    expect(others.requests.at(-1)!.body).not.toHaveProperty('dimensions');
  });
});

describe('finding a model', () => {
  it('asks it for a text, and tells its name and dimensions', async (test) => {
    const { embedder, others } = await open(test);
    const found = await embedder.findModel({ provider: 'ollama', name: 'mxbai-embed-large:latest' });
    expect(found).toEqual(mxbai);
    expect(others.requests).toHaveLength(1);
    expect(await embedder.findModel({ provider: 'ollama', name: 'of my own' })).toMatchObject({ dimensions: 1024 });
  });

  it('finds the one of new spaces where it is open already', async (test) => {
    const { embedder, own, others } = await open(test);
    expect(await embedder.findModel({ provider: 'ollama' })).toEqual(nomic);
    expect([own.requests.length, others.requests.length]).toEqual([1, 0]);
  });

  it('is UNAVAILABLE when it does not answer, with what to do', async (test) => {
    const { embedder, others } = await open(test);
    others.behave = () => ({ status: 404 });
    await expect(embedder.findModel({ provider: 'ollama', name: 'mxbai-embed-large' })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('ollama pull mxbai-embed-large'),
    });
  });

  it('is a VALIDATION_ERROR where the settings do not reach it, or it has other dimensions', async (test) => {
    const { embedder } = await open(test);
    await expect(embedder.findModel({ provider: 'builtin' })).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
    for (const [provider, name] of [
      ['ollama', 'mxbai-embed-large'],
      ['openai', 'text-embedding-ada-002'],
    ] as const) {
      await expect(embedder.findModel({ provider, name, dimensions: 100 })).rejects.toMatchObject({
        code: 'VALIDATION_ERROR',
        details: [{ field: 'dimensions' }],
      });
    }
  });
});
