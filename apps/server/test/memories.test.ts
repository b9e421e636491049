import { describe, expect, it } from 'vitest';
import { get, newSpace, post } from './request.ts';

const addPath = '/api/v1/memories/add';
const queryPath = '/api/v1/memories/query';
const citePath = '/api/v1/memories/cite';
const tea = { content: 'Ada prefers tea to coffee', category: 'taste', tags: ['drinks', 'Ada'], source: 'chat' };

describe('add.201', () => {
  it('new content is remembered, and shown with exactly the fields of the reference', async () => {
    const { status, body } = await post(addPath, { ...tea, isCatalyst: true, space: newSpace() });
    expect(status).toBe(201);
    expect(body).toEqual({
      success: true,
      data: {
        memory: {
          id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          content: tea.content,
          content_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
          tier: 'active',
          category: 'taste',
          tags: ['drinks', 'Ada'],
          source: 'chat',
          access_count: 0,
          last_accessed: expect.any(String),
          resonance_phi: 1,
          is_catalyst: true,
          created_at: expect.any(String),
          updated_at: expect.any(String),
        },
        isDuplicate: false,
        embedding: expect.stringMatching(/^(ready|pending)$/),
        embeddingProvider: 'builtin',
        isCatalyst: true,
        message: 'Remembered',
      },
      meta: { requestId: expect.any(String), timestamp: expect.any(String) },
    });
  });

  it('the same content in another space is new there', async () => {
    await post(addPath, { ...tea, space: newSpace() });
    expect((await post(addPath, { ...tea, space: newSpace() })).status).toBe(201);
  });
});

describe('add.200', () => {
  it('the very same content is a duplicate of the memory that has it', async () => {
    const space = newSpace();
    const first = await post(addPath, { ...tea, space });
    const again = await post(addPath, { ...tea, space });
    expect(again.status).toBe(200);
    expect(again.body.data).toMatchObject({ isDuplicate: true, exactMatch: true });
    expect(again.body.data.memory.id).toBe(first.body.data.memory.id);
  });

  it('ten identical adds at once are one memory and ten good answers', async () => {
    const space = newSpace();
    const answers = await Promise.all(Array.from({ length: 10 }, () => post(addPath, { ...tea, space })));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([...Array(9).fill(200), 201]);
    expect(new Set(answers.map(({ body }) => body.data.memory.id)).size).toBe(1);
  });
});

describe.each([
  ['REST', addPath, (key: string) => [{}, { 'idempotency-key': key }] as const],
  ['tRPC', '/trpc/memories.add', (key: string) => [{ idempotencyKey: key }, {}] as const],
])('idempotency over %s', (_face, path, carry) => {
  it('the same key and body answer with the first outcome and count nothing', async () => {
    const space = newSpace();
    const [fields, headers] = carry('key-1');
    const first = await post(path, { ...tea, ...fields, space }, headers);
    const retry = await post(path, { ...tea, ...fields, space }, headers);
    expect(retry.status).toBe(first.status);
    const data = ({ body }: { readonly body: { data?: object; result?: { data: object } } }) =>
      body.data ?? body.result?.data;
    expect(data(retry)).toMatchObject({ isDuplicate: false });
    const { body } = await get(`/api/v1/memories/bootstrap?space=${space}`);
    expect(body.data.memories.active.map((memory: { access_count: number }) => memory.access_count)).toEqual([0]);
  });

  it('409: the same key with another body is a conflict', async () => {
    const space = newSpace();
    const [fields, headers] = carry('key-2');
    await post(path, { ...tea, ...fields, space }, headers);
    const { status, body } = await post(path, { content: 'something else', ...fields, space }, headers);
    expect(status).toBe(409);
    expect((body.error.data?.anima ?? body.error).code).toBe('CONFLICT');
  });
});

describe('add-many', () => {
  it('201: all are remembered, in order, those known as duplicates', async () => {
    const space = newSpace();
    await post(addPath, { ...tea, space });
    const memories = [{ content: 'one' }, tea, { content: 'two' }, { content: 'one' }];
    const { status, body } = await post('/api/v1/memories/add-many', { memories, space });
    expect(status).toBe(201);
    expect(body.data.count).toBe(4);
    expect(
      body.data.results.map((result: { memory: { content: string }; isDuplicate: boolean }) => [
        result.memory.content,
        result.isDuplicate,
      ]),
    ).toEqual([
      ['one', false],
      [tea.content, true],
      ['two', false],
      ['one', true],
    ]);
  });

  it('200: all were known', async () => {
    const space = newSpace();
    await post(addPath, { ...tea, space });
    expect((await post('/api/v1/memories/add-many', { memories: [tea], space })).status).toBe(200);
  });

  it('400: one bad memory is named by its place, and none is remembered', async () => {
    const space = newSpace();
    const { status, body } = await post('/api/v1/memories/add-many', { memories: [tea, { content: '' }], space });
    expect(status).toBe(400);
    expect(body.error.details).toEqual([expect.objectContaining({ field: 'memories.1.content', limit: 1 })]);
    const { body: after } = await get(`/api/v1/memories/bootstrap?space=${space}`);
    expect(after.data.distribution.total).toBe(0);
  });
});

describe('query.200', () => {
  it('finds by meaning and words, best first, with the terms of each score', async () => {
    const space = newSpace();
    const contents = [tea.content, 'The invoice of March is still open', 'Bob walks his dog at six'];
    await post('/api/v1/memories/add-many', { memories: contents.map((content) => ({ content })), space });
    const { status, body } = await post(queryPath, { query: 'does Ada drink coffee?', space });
    expect(status).toBe(200);
    expect(body.data).toMatchObject({ query: 'does Ada drink coffee?', recallId: expect.any(String) });
    expect(body.data.count).toBe(body.data.memories.length);
    const [best] = body.data.memories;
    expect(best.content).toBe(tea.content);
    expect(Object.keys(best).slice(-5)).toEqual(['similarity', 'lexical', 'structural_weight', 'score', 'terms']);
    expect(best.lexical).toBe(1);
    expect(body.meta).toMatchObject({ queryTime: expect.any(Number), embeddingProvider: 'builtin' });
  });

  it('forecasts the promotion that this very recall causes, and it comes true', async () => {
    const space = newSpace();
    await post(addPath, { ...tea, space });
    const ask = () => post(queryPath, { query: 'tea', space });
    const folded = async (accesses: number) => {
      for (;;) {
        const { body } = await get(`/api/v1/memories/bootstrap?space=${space}`);
        const [memory] = Object.values<{ access_count: number; tier: string }[]>(body.data.memories).flat();
        if (memory && memory.access_count >= accesses) return memory;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    for (let asked = 1; asked <= 4; asked += 1) expect((await ask()).body.meta.promotions).toBeUndefined();
    await folded(4);
    const fifth = await ask();
    expect(fifth.body.meta.promotions).toEqual([{ memoryId: fifth.body.data.memories[0].id, toTier: 'thread' }]);
    expect(await folded(5)).toMatchObject({ tier: 'thread', resonance_phi: 0.5 });
  });

  it('with record false leaves no trace: no recall id, and nothing is strengthened', async () => {
    const space = newSpace();
    await post(addPath, { ...tea, space });
    const { body } = await post(queryPath, { query: 'tea', record: false, space });
    expect(body.data).toMatchObject({ count: 1, recallId: null });
  });

  it('an empty space has an empty answer', async () => {
    const { status, body } = await post(queryPath, { query: 'anything', space: newSpace() });
    expect(status).toBe(200);
    expect(body.data).toMatchObject({ memories: [], count: 0 });
  });
});

describe('cite', () => {
  async function recall() {
    const space = newSpace();
    await post(addPath, { ...tea, space });
    const { body } = await post(queryPath, { query: 'tea', space });
    return { space, recallId: body.data.recallId as string, memoryId: body.data.memories[0].id as string };
  }

  it('200: a result is cited once per recall, however often it is said', async () => {
    const { space, recallId, memoryId } = await recall();
    const cite = () => post(citePath, { recallId, memoryIds: [memoryId], space });
    expect((await cite()).body.data).toEqual({ cited: [memoryId] });
    expect((await cite()).body.data).toEqual({ cited: [] });
  });

  it('400: an id that the recall did not return is refused', async () => {
    const { space, recallId } = await recall();
    const { status, body } = await post(citePath, { recallId, memoryIds: [crypto.randomUUID()], space });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 'VALIDATION_ERROR', details: [{ field: 'memoryIds' }] });
  });

  it('404: an unknown recall', async () => {
    const { space, memoryId } = await recall();
    const body = { recallId: crypto.randomUUID(), memoryIds: [memoryId], space };
    expect((await post(citePath, body)).status).toBe(404);
  });

  it('404: a recall of another space is unknown', async () => {
    const { recallId, memoryId } = await recall();
    expect((await post(citePath, { recallId, memoryIds: [memoryId], space: newSpace() })).status).toBe(404);
  });
});

describe('bootstrap.200', () => {
  it('limit is the total, what was left out is said, and nothing changes', async () => {
    const space = newSpace();
    const memories = Array.from({ length: 8 }, (_, n) => ({ content: `memory ${n}` }));
    await post('/api/v1/memories/add-many', { memories, space });
    const first = await get(`/api/v1/memories/bootstrap?space=${space}&limit=5`);
    expect(first.status).toBe(200);
    expect(first.body.data.distribution).toEqual({ active: 5, thread: 0, stable: 0, total: 5 });
    expect(first.body.data.cut).toEqual({ active: 3, thread: 0, stable: 0 });
    const second = await get(`/api/v1/memories/bootstrap?space=${space}&limit=5`);
    expect(second.body.data).toEqual(first.body.data);
  });

  it('a tier that is not included is not there', async () => {
    const space = newSpace();
    await post(addPath, { ...tea, space });
    const { body } = await get(`/api/v1/memories/bootstrap?space=${space}&includeActive=false`);
    expect(body.data.distribution.total).toBe(0);
  });
});
