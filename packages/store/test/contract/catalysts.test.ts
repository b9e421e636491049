import { catalystMarkers, markerIn, type Space } from '@anima/core';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { onEveryEngine } from '../engines.ts';
import { newMemory } from '../new-memory.ts';

onEveryEngine('a look for catalysts', (opened) => {
  const add = async (space: Space, contents: readonly string[], isCatalyst = false): Promise<string[]> => {
    const memories = contents.map((content) => newMemory(content, { isCatalyst }));
    return (await opened().store.add(space, memories)).map(({ memoryId }) => memoryId);
  };
  const noTerms = { similarity: 0, lexical: 0, conversation: 0, neighbourTurn: 0, resonance: 0 };
  const recall = (space: Space, ids: readonly string[]) =>
    opened().store.recordRecall(space, {
      hits: ids.map((memoryId) => ({
        ...{ memoryId, version: 1 },
        breakdown: { similarity: null, lexical: 0, phi: 0, structuralWeight: 0, score: 0, terms: noTerms },
      })),
      ...{ conversationId: null, profile: 'hybrid', statePosition: 0 },
    });
  const merge = (space: Space, memory: string, into: string) =>
    sql`update memories set visibility = 'merged', merged_into = ${into}
      where shard = ${space.shard} and space_id = ${space.id} and memory_id = ${memory}`.execute(opened().db);
  const forget = (space: Space, memory: string) =>
    sql`update memories set visibility = 'hidden'
      where shard = ${space.shard} and space_id = ${space.id} and memory_id = ${memory}`.execute(opened().db);

  test('lists live catalysts by φ, and equals by id', async () => {
    const space = await opened().newSpace();
    const ids = await add(space, ['a', 'b', 'c', 'd'], true);
    await add(space, ['no catalyst']);
    const [first, second, strong, gone] = ids.toSorted() as [string, string, string, string];
    await opened().store.recordRecall(space, {
      hits: [],
      conversationId: null,
      profile: 'hybrid',
      statePosition: 0,
    });
    await recall(space, [strong]);
    await opened().fold(space);
    await forget(space, gone);
    expect(await opened().store.catalysts(space, 10)).toEqual([strong, first, second]);
    expect(await opened().store.catalysts(space, 1)).toEqual([strong]);
  });

  test('sees every access of the newest log, of memories that are no catalysts, from a time on', async () => {
    const space = await opened().newSpace();
    const beside = await opened().newSpace({ beside: space });
    const { store } = opened();
    const [often, seldom] = await add(space, ['often', 'seldom']);
    const [known] = await add(space, ['known'], true);
    const [theirs] = await add(beside, ['theirs']);
    for (let times = 0; times < 3; times += 1) await recall(beside, [theirs!]);
    await recall(space, [often!, seldom!, known!]);
    await store.add(space, [newMemory('often'), newMemory('known')]);
    const before = new Date(Date.now() - 60_000).toISOString();
    await recall(space, [known!, often!]);
    const all = await store.recentAccesses(space, { least: 3, since: undefined });
    expect(all.accesses).toEqual([{ memoryId: often, times: expect.any(Array) }]);
    const { times } = all.accesses[0]!;
    expect(times).toHaveLength(3);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(Math.abs(times[2]! - Date.now())).toBeLessThan(60_000);
    expect(Date.parse(all.since!)).toBeCloseTo(times[0]!, -1);
    const twice = await store.recentAccesses(space, { least: 1, since: before });
    expect(twice.accesses.map(({ memoryId }) => memoryId)).toEqual([often, seldom]);
    const future = new Date(Date.now() + 60_000).toISOString();
    expect(await store.recentAccesses(space, { least: 1, since: future })).toEqual({ since: null, accesses: [] });
  });

  test('counts an access of a merged memory as one of its survivor, and a recall of both once', async () => {
    const space = await opened().newSpace();
    const [survivor, variant, gone] = await add(space, ['one', 'one again', 'forgotten']);
    await recall(space, [survivor!, variant!, gone!]);
    await recall(space, [variant!, gone!]);
    await merge(space, variant!, survivor!);
    await forget(space, gone!);
    const { accesses } = await opened().store.recentAccesses(space, { least: 1, since: undefined });
    expect(accesses.map(({ memoryId, times }) => [memoryId, times.length])).toEqual([[survivor, 2]]);
  });

  test('finds the memories that core finds a marker in, the newest first', async () => {
    const space = await opened().newSpace();
    const said = [
      ...catalystMarkers.map((word, index) => `${index}: ${word.toUpperCase()}!`),
      'a turning\npoint, they said',
      'the final report',
      'insightful people',
      'turning to the point',
      'it changed nearly everything',
      'nothing of the kind',
    ];
    const ids = await add(space, said);
    const [hidden] = await add(space, ['a breakthrough that was forgotten']);
    await forget(space, hidden!);
    await add(space, ['a breakthrough, and known as one'], true);
    const found = await opened().store.memoriesWithWords(space, catalystMarkers, 100);
    const expected = ids.filter((_, index) => markerIn(said[index]!) !== undefined);
    expect(expected).toHaveLength(catalystMarkers.length + 1);
    expect(found.toSorted()).toEqual(expected.toSorted());
    const [newest] = await add(space, ['finally the last']);
    expect(await opened().store.memoriesWithWords(space, catalystMarkers, 1)).toEqual([newest]);
  });
});
