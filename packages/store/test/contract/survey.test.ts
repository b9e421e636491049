import { expect, test } from 'vitest';
import { Overviews } from '../../src/survey/overviews.ts';
import { onEveryEngine } from '../engines.ts';

onEveryEngine('a survey', (opened) => {
  test('counts what a space holds by tier, φ, visibility and time, and nothing of its neighbours', async () => {
    const space = await opened().newSpace();
    const beside = await opened().newSpace({ beside: space });
    await opened().add(beside, 'theirs');
    const added = await opened().addMany(space, {
      memories: ['alpha one', 'beta two', 'gamma three', 'delta four'].map((content) => ({ content })),
    });
    const [alpha, beta, gamma] = added.map(({ memory }) => memory.id);
    for (let times = 0; times < 6; times += 1) await opened().query(space, { query: 'alpha', similarityThreshold: 1 });
    await opened().store.forget(space, [beta!]);
    await opened().store.setTier(space, [gamma!], 'network', undefined);
    await opened().fold(space);

    const overview = await new Overviews((_, read) => read(opened().db)).of(space);
    expect(overview.tiers).toEqual({ active: 1, thread: 1, stable: 0, network: 1 });
    // Six recalls of 0.1 each put one into the second class.
    expect(overview.resonance).toEqual([2, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(overview.others).toEqual({ hidden: 1, merged: 0, expired: 0 });
    expect(overview.growth).toHaveLength(61);
    expect(overview.growth.at(-1)!.memories).toBe(3);
    expect(overview.growth.map(({ memories }) => memories)).toEqual(
      overview.growth.map(({ memories }) => memories).toSorted((a, b) => a - b),
    );
    expect(alpha).toBeDefined();
  });

  test('of an empty space is all zeros', async () => {
    const { tiers, growth } = await opened().store.overviewOf(await opened().newSpace());
    expect({ tiers, growth }).toEqual({ tiers: { active: 0, thread: 0, stable: 0, network: 0 }, growth: [] });
  });

  test('tells promotions and merges, the newest first, with how each memory begins', async () => {
    const space = await opened().newSpace();
    const long = `alpha ${'x'.repeat(300)}`;
    const added = await opened().addMany(space, {
      memories: [long, 'beta two', 'gamma three'].map((content) => ({ content })),
    });
    const [alpha, beta, gamma] = added.map(({ memory }) => memory.id) as [string, string, string];
    for (let times = 0; times < 5; times += 1) await opened().query(space, { query: 'alpha', similarityThreshold: 1 });
    await opened().fold(space);
    await opened().store.merge(space, [beta, gamma], 0.97);
    const told = await opened().store.readActivity(space, 10);
    expect(told).toMatchObject([
      { type: 'merge', memoryId: beta, merged: gamma, similarity: 0.97, excerpt: 'beta two' },
      {
        type: 'tier',
        memoryId: alpha,
        from: 'active',
        to: 'thread',
        reason: 'access_count',
        excerpt: long.slice(0, 160),
      },
    ]);
    expect(await opened().store.readActivity(space, 1)).toEqual(told.slice(0, 1));
    await opened().store.erase(space, [alpha]);
    expect(await opened().store.readActivity(space, 10)).toMatchObject([{ type: 'merge' }, { excerpt: null }]);
  });

  test('lists spaces by name, page by page, and those whose name has some letters', async () => {
    const prefix = opened().newName();
    const names = ['b', 'a', 'C'].map((letter) => `${prefix}-${letter}`);
    for (const name of names) await opened().store.openSpace(name);
    const list = async (search: string, after?: string) =>
      (await opened().store.listSpaces({ search, after, limit: 2 })).map(({ space }) => space);
    expect(await list(prefix.toUpperCase())).toEqual(names.toSorted());
    expect(await list(prefix, `${prefix}-a`)).toEqual([`${prefix}-b`]);
    expect(await list(`${prefix}-c`)).toEqual([`${prefix}-C`]);
    expect(await list('100%_no such')).toEqual([]);
  });
});
