import { AnimaError } from '@anima/core';
import { describe, expect, it } from 'vitest';
import { hostOf } from './host.ts';
import { stubParts } from './stub-parts.ts';

const path = '/api/v1/spaces';
const stub = { provider: 'stub', name: 'stub', dimensions: 3 };
const other = { provider: 'ollama', name: 'other', dimensions: 4 };

describe('the model of a space', () => {
  it('200: is told, and asked for again it is nothing to change', async () => {
    const app = await hostOf(stubParts());
    const { statusCode, json } = await app.inject(`${path}/model?space=ada`);
    expect(statusCode).toBe(200);
    expect(json().data).toEqual({ space: 'ada', model: stub, failed: 0, reembedding: null });
    await app.close();
  });

  it('202: is on its way to another; 200: is given up', async () => {
    const app = await hostOf(stubParts());
    const begun = await app.inject({ method: 'POST', url: `${path}/reembed`, payload: { provider: 'ollama' } });
    expect(begun.statusCode).toBe(202);
    expect(begun.json().data).toMatchObject({ model: stub, reembedding: { model: other, done: 1, total: 2 } });
    const cancelled = await app.inject({ method: 'POST', url: `${path}/cancel-reembed`, payload: {} });
    expect(cancelled.json()).toMatchObject({ success: true, data: { model: stub, reembedding: null } });
    const again = await app.inject({ method: 'POST', url: `${path}/cancel-reembed`, payload: {} });
    expect(again.json()).toMatchObject({ error: { code: 'NOT_FOUND' } });
    await app.close();
  });

  it.each([
    [{}, 'provider'],
    [{ provider: 'nobody' }, 'provider'],
    [{ provider: 'openai', dimensions: 4_001 }, 'dimensions'],
    [{ provider: 'openai', textsPerSecond: 0 }, 'textsPerSecond'],
    [{ provider: 'openai', model: '' }, 'model'],
    [{ provider: 'openai', speed: 1 }, 'speed'],
  ])('400: %j names the field', async (payload, field) => {
    const app = await hostOf(stubParts());
    const { statusCode, json } = await app.inject({ method: 'POST', url: `${path}/reembed`, payload });
    expect(statusCode).toBe(400);
    expect(json().error.details[0].field).toBe(field);
    await app.close();
  });

  it('400 for vectors that no index takes, 503 for a model that does not answer: nothing has begun', async () => {
    const parts = stubParts();
    const find = (found: () => Promise<typeof other>) => ({ ...parts.embedder, findModel: found });
    const wide = await hostOf({ ...parts, embedder: find(async () => ({ ...other, dimensions: 4_096 })) });
    const gone = await hostOf({
      ...parts,
      embedder: find(() => Promise.reject(new AnimaError('UNAVAILABLE', 'run "ollama pull other" there'))),
    });
    for (const [app, status] of [
      [wide, 400],
      [gone, 503],
    ] as const) {
      const answer = await app.inject({ method: 'POST', url: `${path}/reembed`, payload: { provider: 'ollama' } });
      expect(answer.statusCode).toBe(status);
      const { data } = (await app.inject(`${path}/model`)).json();
      expect(data.reembedding).toBeNull();
      await app.close();
    }
  });
});

it('the doctor asks every model that spaces have, and says which one does not answer', async () => {
  const parts = stubParts({ modelsInUse: async () => [stub, other].map((model) => ({ model, spaces: 1 })) });
  const { embedder } = parts;
  const embedQuery: typeof embedder.embedQuery = (space, text, signal) =>
    space.model.provider === 'ollama'
      ? Promise.reject(new AnimaError('UNAVAILABLE', 'it is gone'))
      : embedder.embedQuery(space, text, signal);
  const app = await hostOf({ ...parts, embedder: { ...embedder, embedQuery } });
  const findings = (await app.inject('/trpc/meta.doctor')).json().result.data as { subject: string }[];
  expect(findings.filter(({ subject }) => subject === 'model')).toMatchObject([
    { status: 'ok', message: expect.stringContaining('stub stub') },
    { status: 'failure', message: expect.stringMatching(/ollama other.*it is gone/) },
  ]);
  await app.close();
});
