import { receiptInput, receiptOf, type Space } from '@anima/core';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { forgetReceipts } from '../../src/receipts.ts';
import { onEveryEngine } from '../engines.ts';

onEveryEngine('receipts', (opened) => {
  const receipt = (space: Space, recallId: string) =>
    receiptOf(opened().store, receiptInput.parse({ recallId, space: space.id }));
  const count = async ({ shard }: Space) =>
    (await sql`select from receipts where shard = ${shard}`.execute(opened().db)).rows.length;
  const recall = async (space: Space) => {
    for (const content of ['a red kite', 'a blue kite']) await opened().add(space, content);
    return opened().query(space, { query: 'red kite', conversationId: 'c' });
  };

  test.each(['hybrid', 'structural'] as const)('say what the %s answer said, and what it saw', async (ranking) => {
    const space = await opened().newSpace();
    await recall(space);
    await opened().fold(space);
    const { recallId, memories } = await opened().query(space, { query: 'red kite', ranking });
    const said = await receipt(space, recallId!);
    expect(said).toMatchObject({ recallId, profile: ranking, source: 'receipt', position: 4, statePosition: 3 });
    expect(said.hits).toEqual(
      memories.map(({ id, version, similarity, lexical, phi, structuralWeight, score, terms }) => ({
        memoryId: id,
        version,
        breakdown: { similarity, lexical, phi, structuralWeight, score, terms },
      })),
    );
    expect(memories).toHaveLength(2);
  });

  test('are written behind the requests, outlive a restart, and a retry has the first one’s', async () => {
    const space = await opened().newSpace();
    await recall(space);
    const request = { query: 'red kite', idempotencyKey: 'k' };
    const first = await opened().query(space, request);
    const retry = await opened().query(space, request);
    expect(retry).toEqual(first);
    const said = await receipt(space, first.recallId!);
    await opened().reopen();
    expect(await receipt(space, first.recallId!)).toEqual(said);
    expect(await count(space)).toBe(2);
  });

  test('of which nothing was kept are told from the log, and say so', async () => {
    const space = await opened().newSpace();
    const settings = await opened().store.configure(space, { receiptRetentionDays: 0 });
    const { recallId, memories } = await recall({ ...space, settings });
    expect(await receipt(space, recallId!)).toMatchObject({
      ...{ recallId, source: 'log', profile: 'hybrid', statePosition: null, position: 4 },
      hits: memories.map(({ id }) => ({ memoryId: id, version: null, breakdown: null })),
    });
    expect(await count(space)).toBe(0);
    const unknown = '00000000-0000-7000-8000-000000000000';
    await expect(receipt(space, unknown)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(receipt(await opened().newSpace(), recallId!)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('are forgotten after the days that their space keeps them', async () => {
    const [long, short] = [await opened().newSpace(), await opened().newSpace()];
    await opened().store.configure(short, { receiptRetentionDays: 7 });
    const age = (days: number) =>
      sql`update receipts set created_at = now() - make_interval(days => ${days})
        where shard = any(${[long.shard, short.shard]}::smallint[])`.execute(opened().db);
    for (const space of [long, short]) await receipt(space, (await recall(space)).recallId!);
    await age(6);
    await forgetReceipts(opened().db);
    expect([await count(long), await count(short)]).toEqual([1, 1]);
    await age(8);
    expect(await forgetReceipts(opened().db)).toBe(false);
    expect([await count(long), await count(short)]).toEqual([1, 0]);
    await age(31);
    await forgetReceipts(opened().db);
    expect(await count(long)).toBe(0);
  });

  test('no longer name what was erased, whether it was written before or is written after', async () => {
    const space = await opened().newSpace();
    const { recallId, memories } = await recall(space);
    await receipt(space, recallId!);
    const [gone, left] = [memories[0]!.id, memories[1]!.id];
    const late = await opened().query(space, 'red kite');
    await opened().store.erase(space, [gone]);
    for (const id of [recallId!, late.recallId!]) {
      expect((await receipt(space, id)).hits.map(({ memoryId }) => memoryId)).toEqual([left]);
    }
    const { rows } = await sql<{ hits: string }>`
      select hits::text from receipts where recall_id = ${recallId}`.execute(opened().db);
    expect(rows[0]!.hits).toContain(left);
    expect(rows[0]!.hits).not.toContain(gone);
    await sql`delete from receipts where shard = ${space.shard}`.execute(opened().db);
    expect((await receipt(space, recallId!)).hits.map(({ memoryId }) => memoryId)).toEqual([left]);
  });
});
