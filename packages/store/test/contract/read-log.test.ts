import { type EventEntry, listEvents, type Space, type TailStep, tailEvents, tailInput } from '@anima/core';
import { expect, test } from 'vitest';
import { onEveryEngine } from '../engines.ts';

onEveryEngine('a look into the log', (opened) => {
  const list = (space: Space, request: object = {}) =>
    listEvents(opened().store, { descending: true, limit: 100, space: space.id, ...request });

  test('turns its pages in both directions without losing or repeating, and without its neighbours', async () => {
    const space = await opened().newSpace();
    const beside = await opened().newSpace({ beside: space });
    for (let n = 0; n < 7; n += 1) {
      await opened().add(space, `mine ${n}`);
      await opened().add(beside, `theirs ${n}`);
    }
    for (const descending of [true, false]) {
      const positions: number[] = [];
      let cursor: number | undefined;
      do {
        const { events, next } = await list(space, { descending, limit: 3, cursor });
        positions.push(...events.map(({ position }) => position));
        cursor = next ?? undefined;
      } while (cursor !== undefined);
      expect(positions).toHaveLength(7);
      expect(positions).toEqual(positions.toSorted((a, b) => (descending ? b - a : a - b)));
    }
  });

  test('finds events by type, by memory and by what the client calls their conversation', async () => {
    const space = await opened().newSpace();
    const { memory } = await opened().add(space, { content: 'alpha', conversationId: 'monday' });
    await opened().add(space, { content: 'beta', conversationId: 'tuesday' });
    await opened().query(space, { query: 'alpha', similarityThreshold: 1, conversationId: 'tuesday' });
    await opened().store.setTier(space, [memory.id], 'network', undefined);
    const typesOf = async (request: object) => (await list(space, request)).events.map(({ type }) => type);
    expect(await typesOf({ types: ['memory.added'] })).toEqual(['memory.added', 'memory.added']);
    expect(await typesOf({ memoryId: memory.id })).toEqual(['memory.tiered', 'memory.accessed', 'memory.added']);
    expect(await typesOf({ conversationId: 'tuesday' })).toEqual(['memory.accessed', 'memory.added']);
    expect(await typesOf({ conversationId: 'wednesday' })).toEqual([]);
    const [tiered, accessed] = (await list(space)).events;
    expect(tiered).toMatchObject({ payload: { tier: 'network' }, memoryIds: [memory.id], conversation: null });
    expect(accessed).toMatchObject({ conversation: 'tuesday' });
  });

  test('is followed as events come, and goes on from where it was left', async () => {
    const space = await opened().newSpace();
    await opened().add(space, 'before');
    let rests = 0;
    const rest = async () => {
      rests += 1;
      if (rests === 1) await opened().add(space, 'first');
      if (rests === 2) await opened().query(space, 'first');
      return rests < 4;
    };
    const steps: TailStep[] = [];
    for await (const step of tailEvents(opened().store, tailInput.parse({ space: space.id }), rest)) steps.push(step);
    expect(steps.map(({ events }) => events.map(({ type }) => type))).toEqual([
      [],
      ['memory.added'],
      ['memory.accessed'],
    ]);
    const again = tailEvents(
      opened().store,
      tailInput.parse({ space: space.id, after: steps[0]!.position, types: ['memory.accessed'] }),
      async () => false,
    );
    const caughtUp: EventEntry[] = [];
    for await (const { events } of again) caughtUp.push(...events);
    expect(caughtUp).toMatchObject([{ type: 'memory.accessed' }]);
  });
});
