import { expect, it } from 'vitest';
import { get, newSpace, patch, post } from './request.ts';

const memories = '/api/v1/memories';
const unknown = '00000000-0000-4000-8000-000000000000';
const add = async (space: string, content: string, more: object = {}) =>
  (await post(`${memories}/add`, { content, space, ...more })).body.data.memory.id as string;

it('a memory is got, updated to a new version, listed by pages, and its tier set by hand', async () => {
  const space = newSpace();
  const id = await add(space, 'Ada lives in Paris', { category: 'home' });
  const other = await add(space, 'Ben lives in Oslo');
  const updated = await patch(`${memories}/${id}`, { content: 'Ada lives in Rome', tags: ['city'], space });
  expect(updated).toMatchObject({
    status: 200,
    body: { data: { is_new_version: true, memory: { version: 2, content: 'Ada lives in Rome', category: 'home' } } },
  });
  expect((await get(`${memories}/${id}?space=${space}&version=1`)).body.data).toMatchObject({
    content: 'Ada lives in Paris',
    versions: [
      { version: 1, replaced_at: expect.any(String) },
      { version: 2, replaced_at: null },
    ],
  });
  const first = (await get(`${memories}?space=${space}&limit=1`)).body.data;
  expect(first).toMatchObject({ memories: [{ id: other }], next: expect.any(String) });
  const second = (await get(`${memories}?space=${space}&limit=1&cursor=${encodeURIComponent(first.next)}`)).body.data;
  expect(second).toMatchObject({ memories: [{ id }], next: null });
  expect((await get(`${memories}?space=${space}&tags=city`)).body.data.memories).toMatchObject([{ id }]);
  const raised = await post(`${memories}/update-tier`, { memoryId: id, tier: 'network', reason: 'the hub', space });
  expect(raised.body.data).toMatchObject({
    memory: { tier: 'network' },
    promotion: { from: 'active', to: 'network' },
  });
});

it('what is forgotten is not found, what is erased is gone, and a retry of either changes nothing', async () => {
  const space = newSpace();
  const id = await add(space, 'a red kite');
  const count = async () => (await post(`${memories}/query`, { query: 'kite', space, record: false })).body.data.count;
  const headers = { 'idempotency-key': 'forget the kite' };
  const body = { memoryIds: [id], space };
  expect((await post(`${memories}/forget`, body, headers)).body.data).toMatchObject({ memoryIds: [id], count: 1 });
  expect(await count()).toBe(0);
  await post(`${memories}/restore`, body);
  expect((await post(`${memories}/forget`, body, headers)).body.data.count).toBe(1);
  expect(await count()).toBe(1);
  const planned = await post(`${memories}/erase`, { where: { visibility: 'live' }, dryRun: true, space });
  expect(planned.body.data).toMatchObject({ memoryIds: [id], count: 1, isDryRun: true });
  expect(await count()).toBe(1);
  await post(`${memories}/erase`, { where: { visibility: 'live' }, space });
  expect((await get(`${memories}/${id}?space=${space}`)).status).toBe(404);
  expect(await count()).toBe(0);
});

it.each([
  ['forget', {}, 400, 'memoryIds'],
  ['forget', { memoryIds: [unknown], where: { category: 'a' } }, 400, 'memoryIds'],
  ['forget', { where: {} }, 400, 'where'],
  ['forget', { memoryIds: [] }, 400, 'memoryIds'],
  ['forget', { memoryIds: Array(501).fill(unknown) }, 400, 'memoryIds'],
  ['erase', { where: { category: 'a', tier: 'stable' } }, 400, 'where.tier'],
  ['restore', { memoryIds: [unknown] }, 404, 'memoryIds'],
  ['mark', { memoryIds: [unknown], catalyst: 'yes' }, 400, 'catalyst'],
  ['update-tier', { memoryId: unknown, tier: 'cold' }, 400, 'tier'],
  ['unmerge', { memoryId: 'x' }, 400, 'memoryId'],
] as const)('%s of %j is refused by name', async (path, body, status, field) => {
  const answer = await post(`${memories}/${path}`, { ...body, space: newSpace() });
  expect(answer).toMatchObject({ status, body: { success: false, error: { details: [{ field }] } } });
});

it('what cannot be updated says why', async () => {
  const space = newSpace();
  const id = await add(space, 'tea');
  const other = await add(space, 'coffee');
  const update = (body: object, memoryId = id) => patch(`${memories}/${memoryId}`, { ...body, space });
  expect((await update({})).status).toBe(400);
  expect((await update({ content: 'x' }, unknown)).status).toBe(404);
  expect((await update({ content: 'coffee' })).body.error).toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining(other),
  });
  await post(`${memories}/forget`, { memoryIds: [id], space });
  expect((await update({ content: 'x' })).body.error).toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('restore it first'),
  });
  expect((await get(`${memories}?space=${space}&cursor=abc`)).status).toBe(400);
  expect((await get(`${memories}/${other}?space=${space}&version=7`)).status).toBe(404);
  expect((await post(`${memories}/unmerge`, { memoryId: other, space })).status).toBe(409);
});

it('near-duplicates are shown, then merged, and a replay of the log gives the same', async () => {
  const space = newSpace();
  await patch('/api/v1/spaces/settings', { space, settings: { consolidation: false } });
  const first = await add(space, 'Ada plays chess on Mondays');
  const second = await add(space, 'Ada plays chess on Mondays!');
  const look = async (body: object) => (await post('/api/v1/spaces/consolidate', { space, ...body })).body.data;
  const shown = { survivor: { memory_id: first }, merged: { memory_id: second }, difference: null, is_merged: false };
  await expect.poll(() => look({ dryRun: true }), { timeout: 20_000 }).toMatchObject({ examined: 2, pairs: [shown] });
  expect(await look({})).toMatchObject({ merged: 1, pairs: [{ ...shown, is_merged: true }] });
  const rebuilt = await post('/api/v1/projections/rebuild', { verify: true });
  expect(rebuilt.body.data.reports).toMatchObject([{ difference_count: 0 }, { difference_count: 0 }]);
});
