import type { Space } from '@anima/core';
import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import { onEveryEngine } from '../engines.ts';
import { logOf, replayed, stored } from '../replay.ts';

onEveryEngine('citation', (opened) => {
  const recallOwls = async (space: Space, count = 3) => {
    await opened().addMany(space, {
      memories: Array.from({ length: count }, (_, index) => ({ content: `owl ${index}` })),
    });
    const { recallId, memories } = await opened().query(space, 'owl');
    return { recallId: recallId!, ids: memories.map(({ id }) => id) };
  };

  test('a citation gives φ + 1.0 to what it names, and to nothing else', async () => {
    const space = await opened().newSpace();
    const { recallId, ids } = await recallOwls(space);
    expect(await opened().store.cite(space, recallId, ids.slice(1))).toEqual({
      cited: expect.arrayContaining(ids.slice(1)),
    });
    await opened().fold(space);
    const read = await opened().store.readMemories(space, ids);
    expect(read.map(({ resonancePhi }) => resonancePhi)).toEqual([0.1, 1.1, 1.1]);
    expect(read.map(({ accessCount }) => accessCount)).toEqual([1, 1, 1]);
  });

  test('a memory counts once for a recall, however often and by however many it is cited at once', async () => {
    const space = await opened().newSpace();
    const { recallId, ids } = await recallOwls(space);
    const stores = await opened().stores(3);
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        stores[index % stores.length]!.cite(space, recallId, index % 2 === 0 ? ids : ids.slice(index % 3)),
      ),
    );
    expect(answers.flatMap(({ cited }) => cited).toSorted()).toEqual(ids.toSorted());
    await opened().fold(space);
    const read = await opened().store.readMemories(space, ids);
    expect(read.map(({ resonancePhi }) => resonancePhi)).toEqual([1.1, 1.1, 1.1]);
    expect(await stored(opened().db, space.shard)).toEqual(await replayed(opened().db, space.shard));
  });

  test('each recall may be cited anew, and φ ends at 5', async () => {
    const space = await opened().newSpace();
    const { ids } = await recallOwls(space, 1);
    for (let times = 0; times < 6; times += 1) {
      const { recallId } = await opened().query(space, 'owl');
      expect(await opened().store.cite(space, recallId!, ids)).toEqual({ cited: ids });
    }
    await opened().fold(space);
    expect(await opened().store.readMemories(space, ids)).toMatchObject([{ resonancePhi: 5 }]);
  });

  test('a citation of nothing new appends nothing', async () => {
    const space = await opened().newSpace();
    const { recallId, ids } = await recallOwls(space);
    await opened().store.cite(space, recallId, ids);
    const before = (await logOf(opened().db, space.shard)).length;
    expect(await opened().store.cite(space, recallId, ids)).toEqual({ cited: [] });
    expect(await logOf(opened().db, space.shard)).toHaveLength(before);
  });

  test('ids that the recall did not return are refused by name, and nothing of the citation is counted', async () => {
    const space = await opened().newSpace();
    const { recallId, ids } = await recallOwls(space);
    const { memory: stranger } = await opened().add(space, 'a heron');
    const before = (await logOf(opened().db, space.shard)).length;
    await expect(opened().store.cite(space, recallId, [...ids, stranger.id])).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      details: [{ field: 'memoryIds', message: expect.stringContaining(stranger.id) }],
    });
    expect(await logOf(opened().db, space.shard)).toHaveLength(before);
  });

  test('what is no recall of the space is NOT_FOUND: a stranger, another event, a recall next door', async () => {
    const space = await opened().newSpace();
    const beside = await opened().newSpace({ beside: space });
    const { ids } = await recallOwls(space);
    const { recallId: nextDoor } = await recallOwls(beside);
    const [added] = await logOf(opened().db, space.shard);
    for (const recallId of [uuidv7(), added!.id, nextDoor]) {
      await expect(opened().store.cite(space, recallId, ids)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
  });
});
