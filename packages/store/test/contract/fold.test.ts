import { associationStrength, type Space } from '@anima/core';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { foldNextBatch } from '../../src/projections/fold-shard.ts';
import type { ProjectionRules } from '../../src/projections/projection.ts';
import { projectionRules } from '../../src/projections/rules.ts';
import { atMost, onEngine, onEveryEngine } from '../engines.ts';
import { newMemory, newRecall } from '../new-memory.ts';
import { logOf, replayed, stored } from '../replay.ts';

const { memory_state: memoryState, associations } = projectionRules;

onEveryEngine('fold', (opened) => {
  const checkpointOf = async ({ shard }: Space, { name }: ProjectionRules) => {
    const { rows } = await sql<{ position: number }>`
      select position from fold_checkpoints where shard = ${shard} and projection = ${name}`.execute(opened().db);
    return rows[0]!.position;
  };
  const expectFolded = async ({ shard }: Space) =>
    expect(await stored(opened().db, shard)).toEqual(await replayed(opened().db, shard));

  /** Three memories, and 24 conversations about them that leave them in different tiers. */
  const liveALittle = async (space: Space) => {
    await opened().addMany(space, {
      memories: ['kite red', 'kite blue', 'kite'].map((content) => ({ content, conversationId: 'first' })),
    });
    for (let round = 0; round < 24; round += 1) {
      const query = round < 6 ? 'kite' : round % 2 === 0 ? 'red' : 'blue';
      const conversationId = `talk ${round % 20}`;
      const { recallId, memories } = await opened().query(space, { query, conversationId, similarityThreshold: 1 });
      if (round % 9 === 8) await opened().store.cite(space, recallId!, [memories[0]!.id]);
      if (round % 6 === 0) await opened().add(space, { content: 'kite', isCatalyst: round === 12 });
    }
  };

  /** Forgets what was folded, as if nothing had been yet. */
  const unfold = async ({ shard }: Space) => {
    for (const table of ['memory_state', 'tier_changes', 'associations']) {
      await sql`delete from ${sql.table(table)} where shard = ${shard}`.execute(opened().db);
    }
    await sql`update fold_checkpoints set position = 0 where shard = ${shard}`.execute(opened().db);
  };

  test('batches of any size fold to what core makes of the log in one go, causing events included', async () => {
    const space = await opened().newSpace();
    await liveALittle(space);
    const expected = await replayed(opened().db, space.shard);
    expect(expected.tierChanges.length).toBeGreaterThanOrEqual(3);
    for (const batchSize of [1, 2, 3, 5, 13, 1_000]) {
      await unfold(space);
      await opened().fold(space, batchSize);
      expect(await stored(opened().db, space.shard), `in batches of ${batchSize}`).toEqual(expected);
    }
  });

  test('folding again changes nothing', async () => {
    const space = await opened().newSpace();
    await liveALittle(space);
    await opened().fold(space);
    const once = await stored(opened().db, space.shard);
    for (const rules of [memoryState, associations]) {
      expect(await foldNextBatch(opened().db, rules, space.shard, atMost(10))).toEqual({ events: 0, isFull: false });
    }
    expect(await stored(opened().db, space.shard)).toEqual(once);
  });

  test('a batch ends before the event that would change too many rows, and says that more is left', async () => {
    const space = await opened().newSpace();
    for (const content of ['red tea', 'red cup', 'red hat', 'blue sky']) await opened().add(space, content);
    const recall = (query: string) => opened().query(space, { query, conversationId: 'c' });
    // Three pairs, the same three pairs, six pairs.
    for (const query of ['red', 'red', 'red sky']) await recall(query);
    const fold = () => foldNextBatch(opened().db, associations, space.shard, { events: 100, rows: 5 });
    expect(await fold()).toEqual({ events: 6, isFull: true });
    // One event may change more than that: it is folded alone.
    expect(await fold()).toEqual({ events: 1, isFull: false });
    await opened().fold(space);
    await expectFolded(space);
  });

  test('folders that race on one shard, while it is written, fold every event exactly once', async () => {
    const space = await opened().newSpace();
    let isWriting = true;
    const writing = liveALittle(space).finally(() => {
      isWriting = false;
    });
    const folded = { memory_state: 0, associations: 0 };
    const folders = Array.from({ length: 6 }, async (_, index) => {
      const rules = index % 2 === 0 ? memoryState : associations;
      for (;;) {
        const isLastLook = !isWriting;
        const { events } = await foldNextBatch(opened().db, rules, space.shard, atMost(3));
        folded[rules.name] += events;
        if (isLastLook && events === 0) return;
      }
    });
    await Promise.all([writing, ...folders]);
    const log = await logOf(opened().db, space.shard);
    expect(folded).toEqual({ memory_state: log.length, associations: log.length });
    await expectFolded(space);
  });

  test('fault 3: promotion happens at the 5th and the 20th access, and leaves the event that caused it', async () => {
    const space = await opened().newSpace();
    const { memory } = await opened().add(space, 'the promise');
    const forecasts: unknown[] = [];
    for (let access = 1; access <= 21; access += 1) {
      const { promotions } = await opened().query(space, 'promise');
      if (promotions.length > 0) forecasts.push([access, ...promotions]);
      await opened().fold(space);
      const [read] = await opened().store.readMemories(space, [memory.id]);
      expect(read).toMatchObject({
        accessCount: access,
        tier: access < 5 ? 'active' : access < 20 ? 'thread' : 'stable',
      });
    }
    // A forecast says what then comes true: nothing is reported that does not happen.
    expect(forecasts).toEqual([
      [5, { memoryId: memory.id, toTier: 'thread' }],
      [20, { memoryId: memory.id, toTier: 'stable' }],
    ]);
    const { rows } = await sql`
      select position, from_tier, to_tier, reason from tier_changes
      where shard = ${space.shard} order by position`.execute(opened().db);
    // The add is the first event of the log, so the 5th access is the 6th.
    expect(rows).toEqual([
      { position: 6, from_tier: 0, to_tier: 1, reason: 'access_count' },
      { position: 21, from_tier: 1, to_tier: 2, reason: 'access_count' },
    ]);
  });

  test('fault 4: of 60 overlapping queries, 20 at a time, none fails and every pair is counted exactly', async () => {
    const space = await opened().newSpace();
    const stores = await opened().stores(3);
    const topics = ['lake', 'hill', 'wood'];
    // Every memory has two of the three topics, so that any two queries overlap.
    const contents = Array.from({ length: 30 }, (_, index) => {
      const [left, right] = topics.filter((_, topic) => topic !== index % 3);
      return `${left} ${right} ${index}`;
    });
    await opened().addMany(space, { memories: contents.map((content) => ({ content })) });
    const pairs = new Map<string, number>();
    let isQuerying = true;
    const folders = [memoryState, associations, associations].map(async (rules) => {
      while (isQuerying) await foldNextBatch(opened().db, rules, space.shard, atMost(4));
    });
    const ask = async (index: number) => {
      const request = { query: topics[index % 3]!, conversationId: `talk ${index % 7}` };
      const store = stores[index % stores.length]!;
      const { memories } = await opened().query(space, request, store);
      const ids = memories
        .slice(0, 20)
        .map(({ id }) => id)
        .toSorted();
      for (const [place, a] of ids.entries()) {
        for (const b of ids.slice(place + 1)) pairs.set(`${a}/${b}`, (pairs.get(`${a}/${b}`) ?? 0) + 1);
      }
      return memories.length;
    };
    const counts: number[] = [];
    for (let from = 0; from < 60; from += 20) {
      counts.push(...(await Promise.all(Array.from({ length: 20 }, (_, index) => ask(from + index)))));
    }
    isQuerying = false;
    await Promise.all(folders);
    await opened().fold(space);
    expect(counts).toEqual(Array.from({ length: 60 }, () => 20));
    const { associations: found } = await stored(opened().db, space.shard);
    const foundCounts = Object.entries(found).map(([key, { count }]) => [key.slice(space.id.length + 1), count]);
    expect(Object.fromEntries(foundCounts)).toEqual(Object.fromEntries(pairs));
    await expectFolded(space);
  });

  test('fault 6: every co-occurrence makes an association stronger', async () => {
    const space = await opened().newSpace();
    await opened().addMany(space, { memories: [{ content: 'bread' }, { content: 'bread and salt' }] });
    const strengths: number[] = [];
    for (let times = 0; times < 5; times += 1) {
      await opened().query(space, { query: 'bread', conversationId: 'supper' });
      await opened().fold(space);
      const [association] = Object.values((await stored(opened().db, space.shard)).associations);
      expect(association!.count).toBe(times + 1);
      strengths.push(associationStrength(association!.count));
    }
    expect(strengths).toEqual(strengths.toSorted((a, b) => a - b));
    expect(new Set(strengths).size).toBe(5);
  });

  test('only the first 20 results of a query inside a conversation are associated', async () => {
    const space = await opened().newSpace();
    const added = await opened().store.add(
      space,
      Array.from({ length: 22 }, (_, i) => newMemory(`${i}`)),
    );
    const ids = added.map(({ memoryId }) => memoryId);
    await opened().store.recordRecall(space, newRecall(ids));
    await opened().fold(space);
    expect((await stored(opened().db, space.shard)).associations).toEqual({});
    await opened().store.recordRecall(space, newRecall(ids, 'c'));
    await opened().fold(space);
    const { associations: pairs, states } = await stored(opened().db, space.shard);
    expect(Object.keys(pairs)).toHaveLength(190);
    expect(Object.values(states).every(({ accessCount }) => accessCount === 2)).toBe(true);
  });

  test('fault 10: a memory’s conversations are distinct, and its state remembers the most recent 16', async () => {
    const space = await opened().newSpace();
    const { memory } = await opened().add(space, { content: 'hub', conversationId: 'c0' });
    const talks = [...Array.from({ length: 10 }, () => 'c1'), ...Array.from({ length: 20 }, (_, i) => `c${i % 18}`)];
    for (const conversationId of talks) await opened().query(space, { query: 'hub', conversationId });
    await opened().fold(space);
    const { rows } = await sql<{ name: string }>`
      select c.name from memory_state s, unnest(s.conversations) with ordinality as t(id, place)
      join conversations c on c.conversation_id = t.id
      where s.shard = ${space.shard} and s.memory_id = ${memory.id} order by t.place`.execute(opened().db);
    const recent = Array.from({ length: 16 }, (_, i) => `c${(i + 4) % 18}`);
    expect(rows.map(({ name }) => name)).toEqual(recent);
  });

  test.each(['memory_state', 'associations'] as const)(
    'a fold of %s that breaks off half-way leaves no trace',
    async (name) => {
      const space = await opened().newSpace();
      await liveALittle(space);
      const rules = projectionRules[name];
      await foldNextBatch(opened().db, rules, space.shard, atMost(10));
      const before = await stored(opened().db, space.shard);
      const breaking: ProjectionRules = {
        ...rules,
        fold: async (...batch) => {
          await rules.fold(...batch);
          throw new Error('the power went out');
        },
      };
      await expect(foldNextBatch(opened().db, breaking, space.shard, atMost(10))).rejects.toThrow('the power went out');
      expect(await stored(opened().db, space.shard)).toEqual(before);
      expect(await checkpointOf(space, rules)).toBe(10);
      await opened().fold(space);
      await expectFolded(space);
    },
  );

  test('an event that cannot be decoded halts its shard, loudly, and only its shard', async () => {
    const space = await opened().newSpace();
    const healthy = await opened().newSpace();
    const { memory } = await opened().add(space, 'before');
    await appendBySql(space, 1, 'memory.imagined');
    for (const one of [space, space, healthy]) await opened().add(one, 'after');
    await expect(opened().fold(space)).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringMatching(`event 2 of shard ${space.shard} .*memory.imagined`),
    });
    await expect(opened().fold(space)).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(await checkpointOf(space, memoryState)).toBe(1);
    const gauges = await opened().store.gauges();
    expect(gauges.folds.lagEvents).toBeGreaterThanOrEqual(3);
    await opened().fold(healthy);
    await expectFolded(healthy);
    // What was said is still there; only what it counts stands still.
    expect(await opened().store.readMemories(space, [memory.id])).toMatchObject([{ content: 'before' }]);
  });

  test('a gap in the log halts its shard: no fact is skipped', async () => {
    const space = await opened().newSpace();
    await opened().add(space, 'one');
    await appendBySql(space, 2, 'memory.added');
    await expect(opened().fold(space)).rejects.toThrow(`shard ${space.shard} has a gap before position 3`);
    expect(await checkpointOf(space, memoryState)).toBe(0);
  });

  test('a checkpoint that was folded by other rules is refused, and the other projection goes on', async () => {
    const space = await opened().newSpace();
    await opened().add(space, 'under old rules');
    await sql`update fold_checkpoints set rules_version = 0
      where shard = ${space.shard} and projection = 'memory_state'`.execute(opened().db);
    await expect(foldNextBatch(opened().db, memoryState, space.shard, atMost(10))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('anima rebuild'),
    });
    expect(await checkpointOf(space, memoryState)).toBe(0);
    expect(await foldNextBatch(opened().db, associations, space.shard, atMost(10))).toMatchObject({ events: 1 });
  });

  /** Appends behind the log's back, `ahead` positions after its head. */
  const appendBySql = async ({ id, shard }: Space, ahead: number, type: string) => {
    await sql`
      with head as (update shard_heads set position = position + ${ahead} where shard = ${shard} returning position)
      insert into events (shard, position, space_id, id, type, schema_version, memory_ids, payload, recorded_at)
      select ${shard}, position, ${id}, gen_random_uuid(), ${type}, 1, array[gen_random_uuid()], '{"catalyst": false}', now()
      from head`.execute(opened().db);
  };
});

onEngine('postgres', 'folders that meet', (opened) => {
  test('a shard that another folds is left to it at once', async () => {
    const { db } = opened();
    const space = await opened().newSpace();
    await opened().add(space, 'the only one');
    const [begun, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const slow: typeof memoryState = {
      ...memoryState,
      async fold(...args) {
        begun.resolve();
        await held.promise;
        return memoryState.fold(...args);
      },
    };
    const first = foldNextBatch(db, slow, space.shard, atMost(10));
    await begun.promise;
    const second = await foldNextBatch(db, memoryState, space.shard, atMost(10));
    expect(second).toEqual({ events: 0, isFull: false, isTaken: true });
    held.resolve();
    expect(await first).toEqual({ events: 1, isFull: false });
    expect(await foldNextBatch(db, memoryState, space.shard, atMost(10))).toEqual({ events: 0, isFull: false });
  });
});
