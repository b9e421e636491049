import { expect, test } from 'vitest';
import { openAppendLog } from '../../src/log/append.ts';
import { Spaces } from '../../src/spaces.ts';
import { appendMemories } from '../../src/writes.ts';
import { onEveryEngine } from '../engines.ts';
import { newMemory } from '../new-memory.ts';
import { logOf } from '../replay.ts';

onEveryEngine('appends of one shard each, as a cluster takes them', (opened) => {
  test('no batch has two shards, those of a shard share batches, and every add is answered once', async () => {
    const { db } = opened();
    const models = await opened().models();
    const names = await Promise.all([1, 2, 3].map(() => opened().newSpace()));
    const spaces = await Promise.all(names.map(({ id }) => new Spaces(db, models).open(id)));
    const batches: (readonly number[])[] = [];
    const log = openAppendLog(db, { append: 100, appendsOfOneShard: 2 }, (shards) => batches.push([...shards]));
    const added = await Promise.all(
      Array.from({ length: 60 }, (_, turn) => {
        const space = spaces[turn % 3]!;
        return appendMemories(log, space, [newMemory(`thought ${turn}`)], undefined);
      }),
    );
    await log.drain();
    expect(new Set(added.flat().map(({ memoryId }) => memoryId)).size).toBe(60);
    expect(batches.filter((shards) => shards.length !== 1)).toEqual([]);
    expect(batches.length).toBeLessThan(60 / 3);
    for (const { shard } of spaces) expect(await logOf(db, shard)).toHaveLength(20);
  });
});
