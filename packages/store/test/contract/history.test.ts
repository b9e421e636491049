import { historyInput, historyOf, type Space, tierHistoryOf } from '@anima/core';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { ChangeLog } from '../../src/log/change.ts';
import { onEveryEngine } from '../engines.ts';
import { newRecall } from '../new-memory.ts';

onEveryEngine('the history of a memory', (opened) => {
  const add = async (space: Space, content: string, more: object = {}) =>
    (await opened().add(space, { content, ...more })).memory.id;
  const history = (space: Space, memoryId: string, more: object = {}) =>
    historyOf(opened().store, historyInput.parse({ memoryId, space: space.id, ...more }));
  const told = async (space: Space, memoryId: string) =>
    (await history(space, memoryId)).events.map(({ summary }) => summary);
  const fade = (space: Space, cutoff: number) => {
    const facts = [{ type: 'space.decayed' as const, memoryIds: [], payload: { cutoff, factor: 950 } }];
    return new ChangeLog(opened().db, () => {}).change(space, undefined, async () => ({ outcome: null, facts }));
  };

  test('tells every event in order, in words, with what it made of the memory', async () => {
    const space = await opened().newSpace();
    const { store } = opened();
    const id = await add(space, 'a red kite', { conversationId: 'monday' });
    const other = await add(space, 'a blue kite');
    const { recallId } = await opened().query(space, { query: 'red kite', conversationId: 'monday' });
    await store.cite(space, recallId!, [id]);
    await fade(space, Date.now() + 60_000);
    await store.setTier(space, [id], 'network', 'the first of all');
    await store.mark(space, [id], true);
    await store.merge(space, [id, other], 0.97);
    await store.unmerge(space, other);
    await store.update(space, id, { content: 'a scarlet kite' });
    await store.forget(space, [id]);
    await store.restore(space, [id]);
    expect(await told(space, id)).toEqual([
      'added in conversation "monday"',
      'recalled with 1 other in conversation "monday"',
      'used: the agent cited it',
      'faded by 5 %: not accessed for long',
      'set to network by hand: the first of all',
      'marked as a catalyst',
      `took in ${other} as a variant (similarity 0.970)`,
      `let go of its variant ${other}`,
      'changed: its content is version 2',
      'forgotten',
      'restored',
    ]);
    const { events } = await history(space, id);
    expect(events.map(({ state }) => state.resonancePhi)).toEqual([
      ...[0, 0.1, 1.1, 1.045, 1.045, 2.045, 2.135, 2.045, 2.045, 2.045, 2.045],
    ]);
    expect(events.map(({ state }) => state.visibility).slice(-2)).toEqual(['hidden', 'live']);
    expect(events[1]).toMatchObject({
      ...{ eventId: recallId, type: 'memory.accessed', others: [other], tierChange: null },
      details: { via: 'query', profile: 'hybrid' },
    });
    expect(events[4]).toMatchObject({
      tierChange: { from: 'active', to: 'network', reason: 'manual', note: 'the first of all' },
      state: { tier: 'network' },
    });
    // The variant's own story, of which the fading is a part only where it faded.
    expect(await told(space, other)).toEqual([
      'added',
      'recalled with 1 other in conversation "monday"',
      `became a variant of ${id} (similarity 0.970)`,
      `no longer a variant of ${id}`,
    ]);
  });

  test('of one that was erased is told by ids and numbers', async () => {
    const space = await opened().newSpace();
    const id = await add(space, 'a secret', { conversationId: 'private' });
    await opened().store.setTier(space, [id], 'stable', 'private too');
    await opened().store.erase(space, [id]);
    expect(await told(space, id)).toEqual(['added', 'set to stable by hand', 'erased: what it said is gone']);
    await opened().fold(space);
    const { changes } = await tierHistoryOf(opened().store, historyInput.parse({ memoryId: id, space: space.id }));
    expect(changes).toMatchObject([{ from: 'active', to: 'stable', note: null }]);
    await expect(history(space, '00000000-0000-7000-8000-000000000000')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('turns its pages without losing or repeating, from either end, also of one that is named all the time', async () => {
    const space = await opened().newSpace();
    const { store, db } = opened();
    const id = await add(space, 'hub');
    for (let times = 0; times < 12; times += 1) {
      await store.recordRecall(space, newRecall(times % 3 === 2 ? [] : [id]));
      if (times % 5 === 4) await fade(space, Date.now() + 60_000);
    }
    await store.mark(space, [id], true);
    const pages = async (descending: boolean, limit: number) => {
      const read: number[] = [];
      let cursor: string | undefined;
      do {
        const page = await history(space, id, { descending, limit, ...(cursor ? { cursor } : {}) });
        expect(page.events.length).toBeLessThanOrEqual(limit);
        read.push(...page.events.map(({ position }) => position));
        cursor = page.next ?? undefined;
      } while (cursor);
      return read;
    };
    const whole = (await history(space, id)).events.map(({ position }) => position);
    // Fading below φ 0.5 takes nothing: only the second run of it is part of the story.
    expect(whole).toEqual(whole.toSorted((a, b) => a - b));
    expect(whole.length).toBeGreaterThanOrEqual(10);
    for (const accesses of [0, 5_000]) {
      await sql`update memory_state set access_count = ${accesses} where shard = ${space.shard}`.execute(db);
      for (const limit of [1, 3, 50]) {
        expect(await pages(false, limit)).toEqual(whole);
        expect(await pages(true, limit)).toEqual(whole.toReversed());
      }
    }
    await expect(history(space, id, { cursor: 'before-3' })).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
  });

  test('has the changes of its tier, each with the event that caused it and the reason that was given', async () => {
    const space = await opened().newSpace();
    const id = await add(space, 'a red kite');
    for (let times = 0; times < 5; times += 1) await opened().query(space, 'kite');
    await opened().store.setTier(space, [id], 'network', 'by my will');
    await opened().fold(space);
    const events = (await history(space, id)).events;
    const page = (more: object) =>
      tierHistoryOf(opened().store, historyInput.parse({ memoryId: id, space: space.id, ...more }));
    const { changes } = await page({});
    expect(changes).toEqual([
      {
        ...{ position: events[5]!.position, eventId: events[5]!.eventId, at: events[5]!.at },
        ...{ from: 'active', to: 'thread', reason: 'access_count', eventType: 'memory.accessed', note: null },
      },
      {
        ...{ position: events[6]!.position, eventId: events[6]!.eventId, at: events[6]!.at },
        ...{ from: 'thread', to: 'network', reason: 'manual', eventType: 'memory.tiered', note: 'by my will' },
      },
    ]);
    const newest = await page({ descending: true, limit: 1 });
    expect(newest).toMatchObject({ changes: [{ to: 'network' }], next: expect.any(String) });
    expect(await page({ descending: true, limit: 1, cursor: newest.next })).toMatchObject({
      changes: [{ to: 'thread' }],
      next: null,
    });
  });
});
