import { AnimaError } from '@anima/core';
import { describe, expect, it } from 'vitest';
import { hostOf } from './host.ts';
import { stubParts } from './stub-parts.ts';

const digest = 'ab'.repeat(32);
const counts = { conversations: 0, memories: 0, versions: 0, events: 0 };
const trailer = JSON.stringify({ kind: 'trailer', lines: 0, counts, sha256: digest });

describe('GET /api/v1/spaces/export', () => {
  it('answers with lines, the trailer last', async () => {
    const app = await hostOf(stubParts());
    const { statusCode, headers, body } = await app.inject('/api/v1/spaces/export?space=ada');
    expect(statusCode).toBe(200);
    expect(headers['content-type']).toBe('application/x-ndjson');
    expect(body).toBe('{"kind":"header"}\n{"kind":"trailer"}\n');
    await app.close();
  });

  it('answers an error like any other when nothing was sent yet', async () => {
    const openSpace = async () => {
      throw new AnimaError('CONFLICT', 'space "ada" is being imported');
    };
    const app = await hostOf(stubParts({ openSpace }));
    const response = await app.inject('/api/v1/spaces/export?space=ada');
    expect(response.statusCode).toBe(409);
    expect(response.json()).toMatchObject({ success: false, error: { code: 'CONFLICT' } });
    await app.close();
  });
});

describe('POST /api/v1/spaces/import', () => {
  const post = async (path: string, payload: object) => {
    const app = await hostOf(stubParts());
    const response = await app.inject({ method: 'POST', url: `/api/v1/spaces/import/${path}`, payload });
    await app.close();
    return { status: response.statusCode, ...response.json() };
  };

  it('takes lines, says how far it has come, and makes them the space', async () => {
    expect(await post('stage', { space: 'ada', digest, after: 3, lines: [trailer] })).toMatchObject({
      ...{ status: 200, data: { received: 4, stage: 'receiving' } },
    });
    expect(await post('apply', { space: 'ada', digest })).toMatchObject({
      status: 200,
      data: { space: 'ada', lines: 2 },
    });
  });

  it.each<[string, object, RegExp]>([
    ['a line that is none', { space: 'ada', digest, after: 3, lines: ['x'] }, /^line 4: is not JSON/],
    ['a digest that is none', { space: 'ada', digest: 'x', after: 0, lines: [] }, /^digest: must be a SHA-256/],
    ['a space without a name', { digest, after: 0, lines: [] }, /^space: /],
    [
      'more lines than one request holds',
      { space: 'ada', digest, after: 0, lines: Array(1_001).fill(trailer) },
      /^lines: must be at most 1000/,
    ],
  ])('refuses %s', async (_, payload, why) => {
    expect(await post('stage', payload)).toMatchObject({
      ...{ status: 400, error: { code: 'VALIDATION_ERROR', message: expect.stringMatching(why) } },
    });
  });
});
