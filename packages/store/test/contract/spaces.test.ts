import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { onEveryEngine } from '../engines.ts';
import { newMemory } from '../new-memory.ts';
import { vectorOf } from '../word-model.ts';

onEveryEngine('settings of a space', (opened) => {
  const settingsOf = async (name: string) => (await opened().store.openSpace(name)).settings;

  test('are what was set last, name by name, and hold at once; null leaves one to the server again', async () => {
    const space = await opened().newSpace();
    const other = await opened().newSpace({ beside: space });
    expect(space.settings).toEqual({});
    await opened().store.configure(space, { ranking: 'structural', neighbourTurnLift: 0.3 });
    expect(await opened().store.configure(space, { lexicalWeight: 0.5, ranking: null })).toEqual({
      neighbourTurnLift: 0.3,
      lexicalWeight: 0.5,
    });
    expect(await settingsOf(space.id)).toEqual({ neighbourTurnLift: 0.3, lexicalWeight: 0.5 });
    expect(await settingsOf(other.id)).toEqual({});
  });

  test('set at once by many, none is lost', async () => {
    const space = await opened().newSpace();
    const { store } = opened();
    await Promise.all([
      store.configure(space, { similarityWeight: 0.1 }),
      store.configure(space, { lexicalWeight: 0.2 }),
      store.configure(space, { conversationLift: 0.3 }),
      store.configure(space, { resonanceLift: 0 }),
    ]);
    const { rows } = await sql<{ settings: unknown }>`select settings from spaces where space_id = ${space.id}`.execute(
      opened().db,
    );
    const settings = { similarityWeight: 0.1, lexicalWeight: 0.2, conversationLift: 0.3, resonanceLift: 0 };
    expect(rows).toEqual([{ settings }]);
  });

  test('are facts of the log, which folding and rebuilding pass over', async () => {
    const space = await opened().newSpace();
    await opened().add(space, 'tea');
    await opened().store.configure(space, { sentenceVectors: true, ranking: null });
    await opened().query(space, 'tea');
    await opened().fold(space);
    const { rows } = await sql`select type, payload from events where shard = ${space.shard} order by position`.execute(
      opened().db,
    );
    expect(rows).toMatchObject([
      { type: 'memory.added' },
      { type: 'space.configured', payload: { changes: { sentenceVectors: true, ranking: null } } },
      { type: 'memory.accessed' },
    ]);
    for await (const step of opened().store.rebuild({ verify: true })) {
      if (step.type === 'report') expect(step.report.differenceCount).toBe(0);
    }
  });
});

onEveryEngine('the turns around a memory', (opened) => {
  test('are the ones said right before and after it in its conversation, and lift it where the space says so', async () => {
    const space = await opened().newSpace();
    const say = (content: string, conversationId: string) => opened().add(space, { content, conversationId });
    await say('what is your dog called', 'walk');
    await say('elsewhere entirely', 'other');
    const { memory: reply } = await say('rex of course', 'walk');
    const { memory: after } = await say('nice weather', 'walk');
    const neighboursOf = async (id: string) => {
      const search = {
        text: 'dog called rex weather',
        vector: vectorOf('dog'),
        filters: {},
        depth: 50,
        neighbours: true,
      };
      const { candidates: found } = await opened().store.search(space, search);
      const contents = new Map(
        (
          await opened().store.readMemories(
            space,
            found.map((one) => one.memoryId),
          )
        ).map((m) => [m.id, m.content]),
      );
      return found
        .find((one) => one.memoryId === id)!
        .neighbours.map((neighbour) => contents.get(neighbour))
        .toSorted();
    };
    expect(await neighboursOf(reply.id)).toEqual(['nice weather', 'what is your dog called']);
    expect(await neighboursOf(after.id)).toEqual(['rex of course']);

    const query = { query: 'your dog rex or nice', record: false };
    const scoreOf = async () => (await opened().query(space, query)).memories.find(({ id }) => id === reply.id)!.score;
    const before = await scoreOf();
    await opened().store.configure(space, { neighbourTurnLift: 0.3 });
    expect(await scoreOf()).toBeGreaterThan(before);
  });
});

onEveryEngine('a range of time', (opened) => {
  test('holds for when a memory happened, or was added where that is unknown, in both arms, both ends included', async () => {
    const space = await opened().newSpace();
    await opened().store.add(space, [
      newMemory('tea in May', { occurredAt: '2023-05-07T10:00:00Z' }),
      newMemory('tea in August', { occurredAt: '2023-08-12T10:00:00Z' }),
      newMemory('tea today'),
    ]);
    const found = async (range: object) =>
      (await opened().query(space, { query: 'tea', record: false, ...range })).memories
        .map(({ content }) => content)
        .toSorted();
    for (const isDown of [false, true]) {
      opened().embedder.isDown = isDown;
      expect(await found({ from: '2023-05-07T12:00:00+02:00', to: '2023-05-07T10:00:00Z' })).toEqual(['tea in May']);
      expect(await found({ from: '2023-06-01T00:00:00Z' })).toEqual(['tea in August', 'tea today']);
      expect(await found({ to: '2024-01-01T00:00:00Z' })).toEqual(['tea in August', 'tea in May']);
    }
    opened().embedder.isDown = false;
  });
});
