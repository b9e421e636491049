import { randomUUID } from 'node:crypto';
import type { Space } from '@anima/core';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { LogArchive } from '../../src/archive/log-archive.ts';
import { inTransaction } from '../../src/engine/engine.ts';
import { queues } from '../../src/jobs/queues.ts';
import { readLog } from '../../src/survey/log.ts';
import { readMerges } from '../../src/survey/merges.ts';
import { onEveryEngine } from '../engines.ts';
import { planOf, statementsOf } from '../statements.ts';

onEveryEngine('a look at the log', (opened) => {
  const all = {
    types: undefined,
    memoryId: undefined,
    conversationId: undefined,
    after: 0,
    before: undefined,
    limit: 50,
  };

  const aLittleLife = async () => {
    const space = await opened().newSpace();
    await opened().add(await opened().newSpace({ beside: space }), 'theirs');
    const added = await opened().addMany(space, {
      memories: ['alpha one', 'beta two'].map((content) => ({ content, conversationId: 'first' })),
    });
    const [alpha, beta] = added.map(({ memory }) => memory.id) as [string, string];
    await opened().query(space, { query: 'alpha', similarityThreshold: 1, conversationId: 'second' });
    await opened().store.setTier(space, [beta], 'stable', undefined);
    await opened().store.forget(space, [beta]);
    await opened().fold(space);
    return { space, alpha, beta };
  };
  const typesOf = async (space: Space, page: object) =>
    (await opened().store.readLog(space, { ...all, ...page })).events.map(({ type }) => type);

  test('shows the events of the space alone, the newest first, with conversations as the client called them', async () => {
    const { space, alpha, beta } = await aLittleLife();
    const { events, reached } = await opened().store.readLog(space, all);
    expect(events).toMatchObject([
      { type: 'memory.forgotten', memoryIds: [beta], excerpt: 'beta two', conversation: null, payload: {} },
      { type: 'memory.tiered', payload: { tier: 'stable' } },
      { type: 'memory.accessed', memoryIds: [alpha], conversation: 'second', payload: { via: 'query' } },
      { type: 'memory.added', excerpt: 'beta two', conversation: 'first' },
      { type: 'memory.added', excerpt: 'alpha one', conversation: 'first' },
    ]);
    expect(reached).toBe(1);
  });

  test('finds them by type, memory and conversation, page by page', async () => {
    const { space, beta } = await aLittleLife();
    expect(await typesOf(space, { types: ['memory.forgotten', 'memory.merged'] })).toEqual(['memory.forgotten']);
    expect(await typesOf(space, { types: ['memory.added', 'memory.tiered'] })).toEqual([
      ...['memory.tiered', 'memory.added', 'memory.added'],
    ]);
    expect(await typesOf(space, { memoryId: beta })).toEqual(['memory.forgotten', 'memory.tiered', 'memory.added']);
    expect(await typesOf(space, { conversationId: 'first' })).toEqual(['memory.added', 'memory.added']);
    expect(await typesOf(space, { conversationId: 'nobody’s' })).toEqual([]);
    const first = await opened().store.readLog(space, { ...all, memoryId: beta, limit: 2 });
    expect(first.events.map(({ type }) => type)).toEqual(['memory.forgotten', 'memory.tiered']);
    expect(first.reached).toBe(first.events[1]!.position);
    expect(await typesOf(space, { memoryId: beta, limit: 2, before: first.reached })).toEqual(['memory.added']);
    expect(await typesOf(space, { after: first.reached })).toEqual(['memory.forgotten']);
  });

  test('tells of an event what it made of each memory', async () => {
    const { space, alpha, beta } = await aLittleLife();
    const { events } = await opened().store.readLog(space, all);
    const effectsOf = async (index: number) =>
      (await opened().store.readEffects(space, events[index]!.position)).effects;
    expect(await effectsOf(0)).toMatchObject([
      {
        memoryId: beta,
        before: { visibility: 'live', tier: 'stable' },
        after: { visibility: 'hidden', tier: 'stable' },
      },
    ]);
    expect(await effectsOf(1)).toMatchObject([{ before: { tier: 'active' }, after: { tier: 'stable' } }]);
    expect(await effectsOf(2)).toMatchObject([
      { memoryId: alpha, before: { accessCount: 0, phi: 0 }, after: { accessCount: 1, phi: 100 } },
    ]);
    expect(await effectsOf(4)).toMatchObject([{ excerpt: 'alpha one', before: null, after: { accessCount: 0 } }]);
    await expect(opened().store.readEffects(space, 1)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('says nothing of what was erased, but that it happened', async () => {
    const { space, beta } = await aLittleLife();
    await opened().store.erase(space, [beta]);
    const { events } = await opened().store.readLog(space, { ...all, memoryId: beta });
    expect(events).toHaveLength(4);
    for (const { excerpt, conversation } of events) expect([excerpt, conversation]).toEqual([null, null]);
    expect((await opened().store.readEffects(space, events[1]!.position)).effects).toMatchObject([{ excerpt: null }]);
  });
});

onEveryEngine('a list of merges', (opened) => {
  test('has both texts, and whether they are still merged, the newest first', async () => {
    const space = await opened().newSpace();
    const added = await opened().addMany(space, {
      memories: ['tea', 'some tea', 'coffee', 'some coffee'].map((content) => ({ content })),
    });
    const [tea, someTea, coffee, someCoffee] = added.map(({ memory }) => memory.id) as [string, string, string, string];
    await opened().store.merge(space, [tea, someTea], 0.97);
    await opened().store.merge(space, [coffee, someCoffee], 0.99);
    await opened().store.unmerge(space, someTea);
    const merges = await opened().store.readMerges(space, { before: undefined, limit: 5 });
    expect(merges).toMatchObject([
      {
        survivor: { memoryId: coffee, content: 'coffee' },
        merged: { content: 'some coffee' },
        similarity: 0.99,
        isMerged: true,
      },
      {
        survivor: { memoryId: tea },
        merged: { content: 'some tea', visibility: 'live' },
        similarity: 0.97,
        isMerged: false,
      },
    ]);
    expect(await opened().store.readMerges(space, { before: merges[0]!.position, limit: 5 })).toEqual(merges.slice(1));
    expect(await opened().store.readMerges(space, { before: undefined, limit: 1 })).toEqual(merges);
    await opened().store.erase(space, [coffee]);
    expect(await opened().store.readMerges(space, { before: undefined, limit: 1 })).toMatchObject([
      { survivor: { content: null }, merged: { content: null } },
      {},
    ]);
  });
});

onEveryEngine('the strongest pairs of a space', (opened) => {
  test('are those recalled together most often; a merged memory counts as its survivor, a forgotten one not at all', async () => {
    const space = await opened().newSpace();
    const added = await opened().addMany(space, {
      memories: ['tea one', 'tea two', 'tea three', 'coffee'].map((content) => ({ content })),
    });
    const ids = added.map(({ memory }) => memory.id) as [string, string, string, string];
    const recall = (...places: number[]) =>
      opened().store.recordRecall(space, {
        hits: places.map((place) => ({
          memoryId: ids[place]!,
          version: 1,
          breakdown: { similarity: 0, lexical: 0, phi: 0, structuralWeight: 0, score: 0, terms: {} as never },
        })),
        ...{ conversationId: 'c', profile: 'hybrid', statePosition: 0 },
      });
    for (const places of [
      [0, 1],
      [0, 1],
      [0, 1],
      [1, 2],
      [0, 3],
      [0, 3],
    ])
      await recall(...places);
    await opened().fold(space);
    const pairs = async (leastCount = 1, limit = 10) =>
      (await opened().store.strongestPairs(space, { leastCount, limit })).map(({ a, b, count }) => [
        ...[ids.indexOf(a), ids.indexOf(b)].toSorted(),
        count,
      ]);
    expect(await pairs()).toEqual([
      [0, 1, 3],
      [0, 3, 2],
      [1, 2, 1],
    ]);
    expect(await pairs(2)).toEqual([
      [0, 1, 3],
      [0, 3, 2],
    ]);
    expect(await pairs(1, 1)).toEqual([[0, 1, 3]]);
    await opened().store.merge(space, [ids[0], ids[2]], 0.97);
    await opened().store.forget(space, [ids[3]]);
    expect(await pairs()).toEqual([[0, 1, 4]]);
  });
});

onEveryEngine('the work of the background', (opened) => {
  test('how far each follower of the log has come on each shard in use', async () => {
    const space = await opened().newSpace();
    await opened().add(space, 'one');
    const ofShard = async () => (await opened().store.checkpoints()).filter(({ shard }) => shard === space.shard);
    const behind = await ofShard();
    expect(behind).toEqual(
      expect.arrayContaining([expect.objectContaining({ name: 'memory_state', position: 0, head: 1 })]),
    );
    expect(behind.find(({ name }) => name === 'memory_state')!.lagMs).toBeGreaterThanOrEqual(0);
    await opened().fold(space);
    expect(await ofShard()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'memory_state', position: 1, head: 1, lagMs: 0 }),
        expect.objectContaining({ name: 'associations', position: 1, head: 1, lagMs: 0 }),
      ]),
    );
  });

  describe('jobs', () => {
    const queue = queues.associations;
    const plant = async (state: string, output: object | null = null) => {
      const id = randomUUID();
      await sql`insert into pgboss.job (id, name, data, state, output, completed_on)
        values (${id}, ${queue}, '{"shard": 63}', ${state}::pgboss.job_state, ${JSON.stringify(output)}::jsonb,
          case when ${state} = 'created' then null else now() end)`.execute(opened().db);
      return id;
    };
    const jobs = (state?: 'failed' | 'completed') => opened().store.readJobs({ queue, state, limit: 50 });

    test('are counted by queue and listed with why they failed', async () => {
      const failed = await plant('failed', { message: 'the disk is full' });
      await plant('completed');
      const counted = (await opened().store.readQueues()).find((one) => one.queue === queue)!;
      expect(counted.jobs).toMatchObject({ failed: 1, completed: 1 });
      expect(counted.completedAt).not.toBeNull();
      expect(await jobs('failed')).toMatchObject([
        { jobId: failed, queue, state: 'failed', shard: 63, reason: 'the disk is full', startedAt: null },
      ]);
      expect(await jobs('completed')).toMatchObject([{ state: 'completed', reason: null }]);
    });

    test('that failed are done anew when asked, the others are not', async () => {
      const failed = await plant('failed', { message: 'no' });
      const done = await plant('completed');
      await opened().store.retryJob(queue, failed);
      expect((await jobs()).find(({ jobId }) => jobId === failed)).toBeUndefined();
      expect(await jobs()).toEqual(expect.arrayContaining([expect.objectContaining({ state: 'waiting', shard: 63 })]));
      const refused = (name: string, id: string) => expect(opened().store.retryJob(name, id)).rejects;
      await refused(queue, done).toMatchObject({ code: 'CONFLICT' });
      await refused(queue, failed).toMatchObject({ code: 'NOT_FOUND' });
      await refused('no such queue', done).toMatchObject({ code: 'NOT_FOUND' });
    });
  });
});

onEveryEngine('plans of inspections, at 30,000 events', (opened) => {
  test('merges and turns are found by their index, a memory by that of memories, the rest along the log', async () => {
    const space = await opened().newSpace();
    const open = { ...space, isImporting: false, conversationSalt: Buffer.alloc(16) };
    await inTransaction(opened().db, async (trx) => {
      await sql`insert into events (shard, position, space_id, id, type, schema_version, memory_ids, payload, recorded_at)
        select ${space.shard}, n, ${space.id}, gen_random_uuid(),
          case when n % 100 = 0 then 'memory.merged' else 'memory.accessed' end, 1, array[gen_random_uuid()],
          '{"via": "query"}', now() from generate_series(1, 30000) n`.execute(trx);
      await sql`insert into memories (shard, space_id, memory_id, content, tags, created_at, updated_at, fts)
        select ${space.shard}, ${space.id}, memory_ids[1], 'memory', '{}', now(), now(), ''
        from events where shard = ${space.shard} and position <= 10000`.execute(trx);
      await sql`update shard_heads set position = 30000 where shard = ${space.shard}`.execute(trx);
    });
    await sql`analyze`.execute(opened().db);
    const plansOf = async (send: Parameters<typeof statementsOf>[0]) => {
      const [statement] = (await statementsOf(send)).slice(-1);
      return inTransaction(opened().db, (trx) => planOf(trx, statement!, 'custom'));
    };
    const page = {
      types: undefined,
      memoryId: undefined,
      conversationId: undefined,
      after: 0,
      before: 30_001,
      limit: 50,
    };
    const looks = [
      { index: 'events_turning', plan: await plansOf((db) => readMerges(db, space, { before: undefined, limit: 20 })) },
      {
        index: 'events_turning',
        plan: await plansOf((db) =>
          readLog(db, new LogArchive(undefined), open, { ...page, types: ['memory.erased'] }),
        ),
      },
      {
        index: 'events_memory_ids',
        plan: await plansOf((db) => readLog(db, new LogArchive(undefined), open, { ...page, memoryId: randomUUID() })),
      },
      { index: 'events_pkey', plan: await plansOf((db) => readLog(db, new LogArchive(undefined), open, page)) },
      {
        index: 'events_pkey',
        plan: await plansOf((db) => readLog(db, new LogArchive(undefined), open, { ...page, conversationId: 'c' })),
      },
    ];
    for (const { index, plan } of looks) {
      expect(plan.indexes, plan.text).toContain(index);
      expect(
        plan.scanned.filter((table) => ['events', 'memories'].includes(table)),
        plan.text,
      ).toEqual([]);
    }
  });
});
