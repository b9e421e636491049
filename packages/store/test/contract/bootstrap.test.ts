import { type BootstrapSelection, bootstrapQuota, type Space, tiers } from '@anima/core';
import fc from 'fast-check';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { onEveryEngine } from '../engines.ts';

const everything = { active: true, thread: true, stable: true };
const select = (limit: number, more: Partial<BootstrapSelection> = {}): BootstrapSelection => ({
  limit,
  activeLimit: undefined,
  include: everything,
  ...more,
});

onEveryEngine('bootstrap', (opened) => {
  /** Makes memories of a tier behind the log's back; the later of them are the stronger and the more recent. */
  const plant = (space: Space, tier: number, count: number) =>
    sql`
      with made as (
        insert into memories (shard, space_id, memory_id, content, content_hash, tags, created_at, updated_at, fts)
        select ${space.shard}, ${space.id}, gen_random_uuid(), ${tiers[tier]!} || ' ' || n,
          sha256(convert_to(${tiers[tier]!} || n, 'UTF8')), '{}', now(), now(), ''
        from generate_series(1, ${count}::int) n returning memory_id, content)
      insert into memory_state (shard, space_id, memory_id, tier, access_count, phi, is_catalyst, last_accessed, conversations)
      select ${space.shard}, ${space.id}, memory_id, ${tier}, 0, least(5000, place), false,
        '2026-01-01'::timestamptz + place * interval '1 minute', '{}'
      from made, lateral (select split_part(content, ' ', 2)::int as place) m`.execute(opened().db);

  const contentsOf = (memories: readonly { readonly content: string }[]) => memories.map(({ content }) => content);
  const countsOf = ({ active, thread, stable }: Record<'active' | 'thread' | 'stable', readonly unknown[]>) => ({
    active: active.length,
    thread: thread.length,
    stable: stable.length,
  });

  test('takes of each tier what core’s quota says, whatever there is and whatever is asked for', async () => {
    const space = await opened().newSpace();
    for (const tier of [0, 1, 2]) await plant(space, tier, 30);
    const count = fc.integer({ min: 0, max: 30 });
    const asked = fc.record({
      there: fc.record({ active: count, thread: count, stable: count }),
      include: fc.record({ active: fc.boolean(), thread: fc.boolean(), stable: fc.boolean() }),
      limit: fc.integer({ min: 1, max: 70 }),
      activeLimit: fc.option(fc.integer({ min: 0, max: 40 }), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(asked, async ({ there, include, limit, activeLimit }) => {
        // What is not there this time is hidden: the quota counts what may be seen.
        await sql`
          update memories m set visibility = case when split_part(content, ' ', 2)::int <= case split_part(content, ' ', 1)
            when 'active' then ${there.active}::int when 'thread' then ${there.thread}::int else ${there.stable}::int end
            then 'live' else 'hidden' end
          where shard = ${space.shard} and space_id = ${space.id}`.execute(opened().db);
        const { memories } = await opened().store.bootstrap(space, { limit, activeLimit, include });
        const available = {
          active: include.active ? there.active : 0,
          thread: include.thread ? there.thread : 0,
          stable: include.stable ? there.stable : 0,
        };
        expect(countsOf(memories)).toEqual(bootstrapQuota(available, limit, activeLimit));
      }),
      { numRuns: 60 },
    );
  });

  test('fault 2: the limit is the total, from 1 to 200', async () => {
    const space = await opened().newSpace();
    for (const tier of [0, 1, 2]) await plant(space, tier, 120);
    for (const limit of [1, 2, 3, 10, 50, 199, 200]) {
      const { active, thread, stable } = (await opened().store.bootstrap(space, select(limit))).memories;
      expect(active.length + thread.length + stable.length).toBe(limit);
      expect(active.length).toBe(Math.floor(limit / 2));
    }
  });

  test('active memories stand by recency, thread and stable ones by φ', async () => {
    const space = await opened().newSpace();
    for (const tier of [0, 1, 2, 3]) await plant(space, tier, 12);
    // Recency and φ disagree now, and two are equal.
    await sql`update memory_state set phi = 5000 - phi, last_accessed = last_accessed - tier * interval '1 day'
      where space_id = ${space.id} and tier > 0`.execute(opened().db);
    const { active, thread, stable } = (await opened().store.bootstrap(space, select(10))).memories;
    expect(contentsOf(active)).toEqual([12, 11, 10, 9, 8].map((n) => `active ${n}`));
    expect(contentsOf(thread)).toEqual([1, 2, 3, 4].map((n) => `thread ${n}`));
    expect(contentsOf(stable)).toEqual(['stable 1']);
    expect(thread.map(({ resonancePhi }) => resonancePhi)).toEqual([4.999, 4.998, 4.997, 4.996]);
  });

  test('room that one tier leaves flows on, and a network memory has none', async () => {
    const space = await opened().newSpace();
    await plant(space, 0, 3);
    await plant(space, 2, 30);
    await plant(space, 3, 5);
    expect(countsOf((await opened().store.bootstrap(space, select(20))).memories)).toEqual({
      active: 3,
      thread: 0,
      stable: 17,
    });
  });

  test('says what it cut of each tier, and past 100 says at least 100', async () => {
    const space = await opened().newSpace();
    await plant(space, 0, 1_100);
    await plant(space, 1, 30);
    await plant(space, 2, 9);
    const { memories, cut } = await opened().store.bootstrap(space, select(50));
    expect(countsOf(memories)).toEqual({ active: 25, thread: 18, stable: 7 });
    expect(cut).toEqual({ active: 100, thread: 12, stable: 2 });
    const whole = await opened().store.bootstrap(space, select(200, { activeLimit: 1_000 }));
    expect(countsOf(whole.memories)).toEqual({ active: 1_000, thread: 30, stable: 9 });
    expect(whole.cut).toEqual({ active: 100, thread: 0, stable: 0 });
  });

  test('with activeLimit each tier has a bound of its own', async () => {
    const space = await opened().newSpace();
    for (const tier of [0, 1, 2]) await plant(space, tier, 40);
    const taken = async (limit: number, activeLimit: number) =>
      countsOf((await opened().store.bootstrap(space, select(limit, { activeLimit }))).memories);
    expect(await taken(10, 40)).toEqual({ active: 40, thread: 7, stable: 3 });
    expect(await taken(11, 0)).toEqual({ active: 0, thread: 8, stable: 3 });
  });

  test('a tier that is not included is neither taken nor counted as cut', async () => {
    const space = await opened().newSpace();
    for (const tier of [0, 1, 2]) await plant(space, tier, 40);
    const answer = await opened().store.bootstrap(space, select(20, { include: { ...everything, thread: false } }));
    expect(countsOf(answer.memories)).toEqual({ active: 10, thread: 0, stable: 10 });
    expect(answer.cut).toEqual({ active: 30, thread: 0, stable: 30 });
  });

  test('an empty space has an empty bootstrap', async () => {
    const space = await opened().newSpace();
    expect(await opened().store.bootstrap(space, select(50))).toEqual({
      memories: { active: [], thread: [], stable: [] },
      cut: { active: 0, thread: 0, stable: 0 },
    });
  });

  test('fault 2: a bootstrap changes nothing in any table', async () => {
    const space = await opened().newSpace();
    await opened().add(space, { content: 'as it was', conversationId: 'c' });
    await opened().query(space, { query: 'was', conversationId: 'c' });
    await opened().fold(space);
    const before = await opened().fingerprint();
    for (const activeLimit of [undefined, 5]) {
      expect((await opened().store.bootstrap(space, select(50, { activeLimit }))).memories.active).toHaveLength(1);
    }
    expect(await opened().fingerprint()).toEqual(before);
  });
});
