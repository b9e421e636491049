import { expect, it } from 'vitest';
import { get, newSpace, patch, post } from './request.ts';

const path = '/api/v1/spaces/settings';

it('settings of a space are changed by name, kept, and shown', async () => {
  const space = newSpace();
  expect((await get(`${path}?space=${space}`)).body.data).toEqual({ space, settings: {} });
  const changed = await patch(path, { space, settings: { ranking: 'structural', neighbourTurnLift: 0.3 } });
  expect(changed).toMatchObject({
    status: 200,
    body: { success: true, data: { settings: { ranking: 'structural', neighbourTurnLift: 0.3 } } },
  });
  await patch(path, { space, settings: { neighbourTurnLift: null } });
  expect((await get(`${path}?space=${space}`)).body.data.settings).toEqual({ ranking: 'structural' });
});

it('a retried change is made once, and another body under its key is a conflict', async () => {
  const space = newSpace();
  const headers = { 'idempotency-key': 'k' };
  const body = { space, settings: { lexicalWeight: 0.5 } };
  const first = await patch(path, body, headers);
  await patch(path, { space, settings: { lexicalWeight: 0.7 } });
  expect((await patch(path, body, headers)).body.data).toEqual(first.body.data);
  expect((await get(`${path}?space=${space}`)).body.data.settings).toEqual({ lexicalWeight: 0.7 });
  expect((await patch(path, { space, settings: {} }, headers)).status).toBe(409);
});

it.each([
  [{ settings: { lexicalWeight: 1.5 } }, 'settings.lexicalWeight', 1],
  [{ settings: { ranking: 'best' } }, 'settings.ranking', 'hybrid | structural'],
  [{ settings: { neighborTurnLift: 0.3 } }, 'settings.neighborTurnLift', undefined],
  [{}, 'settings', undefined],
])('a setting that cannot be is refused by name: %j', async (body, field, limit) => {
  const answer = await patch(path, { space: newSpace(), ...body });
  expect(answer).toMatchObject({ status: 400, body: { error: { code: 'VALIDATION_ERROR', details: [{ field }] } } });
  expect(answer.body.error.details[0].limit).toEqual(limit);
});

it('a query is ranked as its space says, or as it says itself', async () => {
  const space = newSpace();
  await post('/api/v1/memories/add', { content: 'the sailor mended the torn sail', space });
  await patch(path, { space, settings: { ranking: 'structural', similarityThreshold: 0 } });
  const scores = async (ranking?: string) => {
    const { body } = await post('/api/v1/memories/query', { query: 'sailor', space, record: false, ranking });
    return body.data.memories.map((one: Record<string, number>) => one.score === one.structural_weight);
  };
  await expect.poll(() => scores(), { timeout: 20_000 }).toEqual([true]);
  expect(await scores('hybrid')).toEqual([false]);
});
