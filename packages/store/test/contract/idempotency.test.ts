import type { Space } from '@anima/core';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { onEveryEngine } from '../engines.ts';
import { newMemory, newRecall } from '../new-memory.ts';
import { logOf, stored } from '../replay.ts';

onEveryEngine('idempotency', (opened) => {
  const eventsOf = async ({ shard }: Space) => (await logOf(opened().db, shard)).length;

  test('a retry of an add gets the first outcome, and nothing is appended or counted', async () => {
    const space = await opened().newSpace();
    const request = { content: 'once', tags: ['a'], idempotencyKey: 'k' };
    const first = await opened().add(space, request);
    const retry = await opened().add(space, request);
    expect(first.isDuplicate).toBe(false);
    expect(retry).toEqual(first);
    expect(await eventsOf(space)).toBe(1);
  });

  test('ten retries at once append one event and get one outcome', async () => {
    const space = await opened().newSpace();
    const stores = await opened().stores(3);
    const memory = newMemory('at once');
    const request = { key: 'k', operation: 'add', body: memory };
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, index) => stores[index % stores.length]!.add(space, [memory], request)),
    );
    expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size).toBe(1);
    expect(outcomes[0]).toMatchObject([{ isNew: true }]);
    expect(await eventsOf(space)).toBe(1);
  });

  test('the order of a body’s fields is no difference', async () => {
    const space = await opened().newSpace();
    const recall = newRecall([]);
    const bodies = [
      { a: 1, b: { c: [1, { d: 2, e: 3 }], f: null } },
      { b: { f: null, c: [1, { e: 3, d: 2 }] }, a: 1 },
    ];
    const [first, retry] = [
      await opened().store.recordRecall(space, recall, { key: 'k', operation: 'query', body: bodies[0] }),
      await opened().store.recordRecall(space, recall, { key: 'k', operation: 'query', body: bodies[1] }),
    ];
    expect(retry).toEqual(first);
  });

  test('a key that was used with another body is a CONFLICT, before deduplication, and nothing is appended', async () => {
    const space = await opened().newSpace();
    await opened().add(space, 'known');
    await opened().add(space, { content: 'first', idempotencyKey: 'k' });
    const conflict = { code: 'CONFLICT', details: [{ field: 'idempotencyKey' }] };
    await expect(opened().add(space, { content: 'second', idempotencyKey: 'k' })).rejects.toMatchObject(conflict);
    await expect(opened().add(space, { content: 'known', idempotencyKey: 'k' })).rejects.toMatchObject(conflict);
    await expect(
      opened().addMany(space, { memories: [{ content: 'first' }], idempotencyKey: 'k' }),
    ).rejects.toMatchObject(conflict);
    await expect(opened().query(space, { query: 'first', idempotencyKey: 'k' })).rejects.toMatchObject(conflict);
    expect(await eventsOf(space)).toBe(2);
  });

  test('of two bodies under one key at the same time, one is appended and the other is a CONFLICT', async () => {
    const space = await opened().newSpace();
    const settled = await Promise.allSettled(
      ['left', 'right'].map((content) => opened().add(space, { content, idempotencyKey: 'k' })),
    );
    expect(settled.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(await eventsOf(space)).toBe(1);
  });

  test('a conflict fails alone: its neighbours in the batch are appended', async () => {
    const space = await opened().newSpace();
    await opened().add(space, { content: 'mine', idempotencyKey: 'k' });
    const settled = await Promise.allSettled([
      opened().add(space, 'neighbour'),
      opened().add(space, { content: 'other', idempotencyKey: 'k' }),
      opened().add(space, { content: 'mine', idempotencyKey: 'k2' }),
    ]);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await eventsOf(space)).toBe(3);
  });

  test('one key covers all of an addMany', async () => {
    const space = await opened().newSpace();
    const request = { memories: ['a', 'a', 'b'].map((content) => ({ content })), idempotencyKey: 'k' };
    const first = await opened().addMany(space, request);
    expect(await opened().addMany(space, request)).toEqual(first);
    expect(first.map(({ isDuplicate }) => isDuplicate)).toEqual([false, true, false]);
    expect(await eventsOf(space)).toBe(3);
    await expect(
      opened().addMany(space, { ...request, memories: request.memories.toReversed() }),
    ).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('the same key is another key in another space', async () => {
    const space = await opened().newSpace();
    const beside = await opened().newSpace({ beside: space });
    for (const one of [space, beside]) await opened().add(one, { content: `in ${one.id}`, idempotencyKey: 'k' });
    expect(await eventsOf(space)).toBe(2);
  });

  test('a retried query counts once and gives the same recall with the same hits, whatever was added since', async () => {
    const space = await opened().newSpace();
    const { memory } = await opened().add(space, 'green apples');
    const request = { query: 'apples', conversationId: 'c', idempotencyKey: 'k' };
    const first = await opened().query(space, request);
    await opened().add(space, 'apples apples apples');
    const retry = await opened().query(space, request);
    expect(retry.recallId).toBe(first.recallId);
    expect(retry.memories.map(({ id, score }) => ({ id, score }))).toEqual(
      first.memories.map(({ id, score }) => ({ id, score })),
    );
    await opened().fold(space);
    const { states } = await stored(opened().db, space.shard);
    expect(states[`${space.id}/${memory.id}`]).toMatchObject({ accessCount: 1 });
    expect((await opened().query(space, { query: 'apples', record: false })).count).toBe(2);
  });

  test('a retried citation answers as the first one did, and a citation of nothing new is remembered too', async () => {
    const space = await opened().newSpace();
    const { memory } = await opened().add(space, 'pears');
    const { recallId } = await opened().query(space, 'pears');
    const cite = (key: string) =>
      opened().store.cite(space, recallId!, [memory.id], { key, operation: 'cite', body: { recallId } });
    expect([await cite('k'), await cite('k')]).toEqual([{ cited: [memory.id] }, { cited: [memory.id] }]);
    expect([await cite('k2'), await cite('k2')]).toEqual([{ cited: [] }, { cited: [] }]);
    expect(await eventsOf(space)).toBe(3);
  });

  test('a key that has expired may be used again, with any body', async () => {
    const space = await opened().newSpace();
    await opened().add(space, { content: 'yesterday', idempotencyKey: 'k' });
    await sql`update requests set expires_at = now() - interval '1 second' where space_id = ${space.id}`.execute(
      opened().db,
    );
    const today = { content: 'today', idempotencyKey: 'k' };
    const { memory } = await opened().add(space, today);
    expect((await opened().add(space, today)).memory.id).toBe(memory.id);
    await expect(opened().add(space, { content: 'yesterday', idempotencyKey: 'k' })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    expect(await eventsOf(space)).toBe(2);
  });
});
