import { describe, expect, it } from 'vitest';
import { get, newSpace, post } from './request.ts';

const memories = '/api/v1/memories';

async function lived() {
  const space = newSpace();
  const { body: added } = await post(`${memories}/add`, { content: 'Ada prefers tea', space });
  const memoryId: string = added.data.memory.id;
  const { body: found } = await post(`${memories}/query`, { query: 'tea', conversationId: 'monday', space });
  await post(`${memories}/update-tier`, { memoryId, tier: 'network', reason: 'she said so', space });
  return { space, memoryId, recallId: found.data.recallId as string, hit: found.data.memories[0] };
}

describe('history.200', () => {
  it('tells the life of a memory, page by page', async () => {
    const { space, memoryId, recallId } = await lived();
    const { status, body } = await get(`${memories}/${memoryId}/history?space=${space}`);
    expect(status).toBe(200);
    expect(body.data).toMatchObject({
      memory_id: memoryId,
      events: [
        { type: 'memory.added', summary: 'added', state: { tier: 'active', resonance_phi: 0 } },
        { event_id: recallId, summary: 'recalled alone in conversation "monday"', conversation: 'monday' },
        {
          summary: 'set to network by hand: she said so',
          tier_change: { from: 'active', to: 'network', reason: 'manual', note: 'she said so' },
          state: { tier: 'network', access_count: 1, resonance_phi: 0.1, is_catalyst: false, visibility: 'live' },
        },
      ],
      next: null,
    });
    const page = await get(`${memories}/${memoryId}/history?space=${space}&limit=2&descending=true`);
    const rest = await get(
      `${memories}/${memoryId}/history?space=${space}&limit=2&descending=true&cursor=${page.body.data.next}`,
    );
    expect([...page.body.data.events, ...rest.body.data.events]).toEqual(body.data.events.toReversed());
  });

  it('tells the changes of its tier once they are folded', async () => {
    const { space, memoryId } = await lived();
    const changes = async () => (await get(`${memories}/${memoryId}/tiers?space=${space}`)).body.data.changes;
    await expect
      .poll(changes, { timeout: 20_000 })
      .toMatchObject([{ from: 'active', to: 'network', reason: 'manual', event_type: 'memory.tiered' }]);
  });
});

describe('receipts.200', () => {
  it('say what the answer said, with the terms of each score', async () => {
    const { space, recallId, hit, memoryId } = await lived();
    const { body } = await get(`${memories}/receipts/${recallId}?space=${space}`);
    const { similarity, lexical, structural_weight, score, terms } = hit;
    expect(body.data).toMatchObject({
      ...{ recall_id: recallId, profile: 'hybrid', source: 'receipt' },
      hits: [{ memory_id: memoryId, version: 1, breakdown: { similarity, lexical, structural_weight, score, terms } }],
    });
    const sum = Object.values(terms as Record<string, number>).reduce((total, term) => total + term, 0);
    expect(sum).toBeCloseTo(score, 12);
  });
});

describe('asOf.200', () => {
  it('shows memories as they were, by position or by time, in a query and in a bootstrap', async () => {
    const { space, memoryId } = await lived();
    const { body: told } = await get(`${memories}/${memoryId}/history?space=${space}`);
    const [added, recalled] = told.data.events;
    await post(`${memories}/add`, { content: 'Ben prefers tea', space });
    const query = await post(`${memories}/query`, { query: 'tea', asOf: recalled.position, space });
    expect(query.body).toMatchObject({
      data: { count: 1, recallId: null, memories: [{ id: memoryId, tier: 'active', access_count: 1 }] },
      meta: { asOf: { position: recalled.position, at: recalled.at } },
    });
    for (const asOf of [recalled.position, recalled.at]) {
      const { body } = await get(`${memories}/bootstrap?space=${space}&asOf=${asOf}`);
      expect(body.data).toMatchObject({ distribution: { total: 1 }, asOf: { position: recalled.position } });
    }
    const before = await get(`${memories}/bootstrap?space=${space}&asOf=${added.position - 1}`);
    expect(before.body.data.distribution.total).toBe(0);
  });
});

describe('history.400 and 404', () => {
  const unknown = '00000000-0000-7000-8000-000000000000';

  it.each([
    [`${unknown}/history?cursor=elsewhere`, 'cursor'],
    [`${unknown}/history?limit=201`, 'limit'],
    ['bootstrap?asOf=yesterday', 'asOf'],
    ['bootstrap?asOf=99999999999', 'asOf'],
    ['bootstrap?asOf=-1', 'asOf'],
  ])('%s is refused, naming the field', async (path, field) => {
    expect(await get(`${memories}/${path}`)).toMatchObject({
      status: 400,
      body: {
        error: { code: 'VALIDATION_ERROR', details: expect.arrayContaining([expect.objectContaining({ field })]) },
      },
    });
  });

  it('a query about the past that is to be recorded is refused', async () => {
    const answer = await post(`${memories}/query`, { query: 'tea', asOf: 0, record: true });
    expect(answer).toMatchObject({ status: 400, body: { error: { details: [{ field: 'record' }] } } });
  });

  it.each([`${unknown}/history`, `${unknown}/tiers`, `receipts/${unknown}`])('%s is not found', async (path) => {
    expect(await get(`${memories}/${path}`)).toMatchObject({ status: 404, body: { error: { code: 'NOT_FOUND' } } });
  });
});
