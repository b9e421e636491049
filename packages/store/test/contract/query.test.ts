import { phiFromThousandths, type Space } from '@anima/core';
import { sql } from 'kysely';
import { afterEach, expect, test } from 'vitest';
import { countLexemes } from '../../src/jobs/count-lexemes.ts';
import { onEveryEngine } from '../engines.ts';
import { newMemory } from '../new-memory.ts';
import { logOf } from '../replay.ts';
import { vectorOf } from '../word-model.ts';

onEveryEngine('query', (opened) => {
  afterEach(() => {
    opened().embedder.isDown = false;
  });
  const contentsOf = (answer: { readonly memories: readonly { readonly content: string }[] }) =>
    answer.memories.map(({ content }) => content);
  const ask = (space: Space, query: string, more = {}) => opened().query(space, { query, record: false, ...more });

  test('a memory without a vector is found by its words as soon as it is added', async () => {
    const space = await opened().newSpace();
    opened().embedder.isDown = true;
    expect(await opened().add(space, 'the walrus and the carpenter')).toMatchObject({ embedding: 'pending' });
    opened().embedder.isDown = false;
    const answer = await ask(space, 'a walrus');
    expect(answer.degraded).toBeUndefined();
    expect(answer.memories).toMatchObject([{ content: 'the walrus and the carpenter', similarity: null, lexical: 1 }]);
  });

  test('a query that got no vector is answered by the words alone, and says so', async () => {
    const space = await opened().newSpace();
    await opened().addMany(space, { memories: [{ content: 'green apples' }, { content: 'blue plums' }] });
    opened().embedder.isDown = true;
    const answer = await ask(space, 'apples');
    expect(answer).toMatchObject({ degraded: 'lexical', memories: [{ content: 'green apples', similarity: null }] });
  });

  test('a date that the client gave can be asked for', async () => {
    const space = await opened().newSpace();
    opened().embedder.isDown = true;
    await opened().add(space, { content: 'we met at the pier', occurredAt: '2023-05-07T10:00:00Z' });
    await opened().add(space, { content: 'we met at the mill', occurredAt: '2023-08-12T10:00:00Z' });
    for (const query of ['what happened in May?', '7 May 2023', 'on a Sunday']) {
      expect(contentsOf(await ask(space, query))[0]).toBe('we met at the pier');
    }
  });

  test.each(["it's", 'a\\b', 'a | b & !c', "'); drop table memories; --", ':*', '<->', '   ', '\u{1f98a}', '%_$1'])(
    'any text is a query: %j',
    async (query) => {
      const space = await opened().newSpace();
      await opened().add(space, `they said ${query} to me`);
      const answer = await ask(space, `they said ${query}`);
      expect(answer.count).toBe(1);
      await expect(ask(space, query)).resolves.toBeDefined();
    },
  );

  test('filters hold for both arms: category, all of the tags, any of the tiers', async () => {
    const space = await opened().newSpace();
    const { memory } = await opened().add(space, { content: 'tea one', category: 'drinks', tags: ['hot', 'leaf'] });
    await opened().add(space, { content: 'tea two', category: 'drinks', tags: ['hot'] });
    await opened().add(space, { content: 'tea three', tags: ['leaf', 'hot', "it's {odd}"] });
    for (let times = 0; times < 5; times += 1) await opened().add(space, 'tea one');
    await opened().fold(space);
    const found = async (filter: object) => contentsOf(await ask(space, 'tea', filter)).toSorted();
    for (const isDown of [false, true]) {
      opened().embedder.isDown = isDown;
      expect(await found({})).toEqual(['tea one', 'tea three', 'tea two']);
      expect(await found({ category: 'drinks' })).toEqual(['tea one', 'tea two']);
      expect(await found({ tags: ['hot', 'leaf'] })).toEqual(['tea one', 'tea three']);
      expect(await found({ tags: ["it's {odd}"] })).toEqual(['tea three']);
      expect(await found({ tiers: ['thread'] })).toEqual(['tea one']);
      expect(await found({ tiers: ['active', 'thread'], category: 'drinks', tags: ['hot'] })).toEqual([
        'tea one',
        'tea two',
      ]);
      expect(await found({ tiers: ['network'] })).toEqual([]);
    }
    expect((await ask(space, 'tea', { tiers: ['thread'] })).memories).toMatchObject([
      { id: memory.id, tier: 'thread' },
    ]);
  });

  test('a limit of 100 gives 100 of 120 matches, a limit of 1 the best of them', async () => {
    const space = await opened().newSpace();
    const contents = Array.from({ length: 120 }, (_, index) => `heron ${index}`);
    await opened().store.add(
      space,
      contents.map((content) => newMemory(content)),
    );
    const all = await ask(space, 'heron 7', { limit: 100 });
    expect(new Set(contentsOf(all)).size).toBe(100);
    expect(contentsOf(await ask(space, 'heron 7', { limit: 1 }))).toEqual(['heron 7']);
  });

  test('a memory that shares no word needs the threshold; a lexical match always qualifies', async () => {
    const space = await opened().newSpace();
    const [near, far] = await opened().store.add(space, [newMemory('quartz'), newMemory('feldspar granite')]);
    // Of the query's two words, the vector of the first has one.
    await opened().store.saveVectors(space, [
      { ...near!, chunks: [vectorOf('feline habits')] },
      { ...far!, chunks: [vectorOf('basalt')] },
    ]);
    const found = async (similarityThreshold: number) =>
      contentsOf(await ask(space, 'feline granite', { similarityThreshold }));
    expect(await found(0.3)).toEqual(expect.arrayContaining(['quartz', 'feldspar granite']));
    expect(await found(0.6)).toEqual(['feldspar granite']);
    expect(await found(1)).toEqual(['feldspar granite']);
  });

  test('long content scores by its best chunk, and is found once', async () => {
    const space = await opened().newSpace();
    const chapters = ['whales sing at night', 'trains run on time', 'bakers rise early'];
    await opened().add(space, chapters.join('\n\n'));
    await opened().add(space, 'trains are late');
    const { memories } = await ask(space, 'trains run on time');
    expect(memories).toHaveLength(2);
    expect(memories[0]).toMatchObject({ content: chapters.join('\n\n'), similarity: expect.closeTo(1, 2) });
  });

  test('record: false appends nothing and cannot be cited', async () => {
    const space = await opened().newSpace();
    await opened().add(space, 'a quiet look');
    const answer = await opened().query(space, { query: 'quiet', record: false, conversationId: 'c' });
    expect(answer).toMatchObject({ count: 1, recallId: null, promotions: [] });
    expect(await logOf(opened().db, space.shard)).toHaveLength(1);
  });

  test('a query is one event, whatever it returned', async () => {
    const space = await opened().newSpace();
    expect(await opened().query(space, 'nothing yet')).toMatchObject({ count: 0, recallId: expect.any(String) });
    await opened().addMany(space, { memories: [1, 2, 3].map((index) => ({ content: `owl ${index}` })) });
    const answer = await opened().query(space, { query: 'owl', conversationId: 'c' });
    const [none, , , , three, ...more] = await logOf(opened().db, space.shard);
    expect(none).toMatchObject({ type: 'memory.accessed', memoryIds: [], payload: { via: 'query' } });
    expect(three).toMatchObject({ id: answer.recallId, memoryIds: answer.memories.map(({ id }) => id) });
    expect(more).toEqual([]);
  });

  test('an answer shows the state that was folded before it', async () => {
    const space = await opened().newSpace();
    await opened().add(space, 'osprey');
    await opened().query(space, 'osprey');
    expect((await ask(space, 'osprey')).memories).toMatchObject([{ accessCount: 0, phi: 0 }]);
    await opened().fold(space);
    const phi = phiFromThousandths(100);
    expect((await ask(space, 'osprey')).memories).toMatchObject([{ accessCount: 1, phi, resonancePhi: phi }]);
  });

  test('no id reaches across spaces, even on one shard and with the same content', async () => {
    const mine = await opened().newSpace();
    const theirs = await opened().newSpace({ beside: mine });
    const shared = { content: 'our secret', conversationId: 'c' };
    const { memory: my } = await opened().add(mine, shared);
    const { memory: their } = await opened().add(theirs, shared);
    await opened().add(theirs, 'their secret');
    expect(my.id).not.toBe(their.id);
    const { recallId, memories } = await opened().query(mine, 'secret');
    expect(memories.map(({ id }) => id)).toEqual([my.id]);
    expect(await opened().store.readMemories(mine, [their.id, my.id])).toMatchObject([{ id: my.id }]);
    expect(await opened().store.readMemories(theirs, [my.id])).toEqual([]);
    await expect(opened().store.cite(theirs, recallId!, [my.id])).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const selection = { limit: 50, activeLimit: undefined, include: { active: true, thread: true, stable: true } };
    const bootstrap = await opened().store.bootstrap(mine, selection);
    expect(bootstrap.memories.active.map(({ id }) => id)).toEqual([my.id]);
  });

  test('what is hidden, merged, erased or expired is in no answer', async () => {
    const space = await opened().newSpace();
    const visibilities = ['live', 'hidden', 'merged', 'erased', 'expired'];
    const added = await opened().addMany(space, {
      memories: visibilities.map((visibility) => ({ content: `${visibility} badger` })),
    });
    for (const [index, visibility] of visibilities.entries()) {
      await sql`update memories set visibility = ${visibility} where shard = ${space.shard}
        and memory_id = ${added[index]!.memory.id}`.execute(opened().db);
    }
    for (const isDown of [false, true]) {
      opened().embedder.isDown = isDown;
      expect(contentsOf(await ask(space, 'badger'))).toEqual(['live badger']);
    }
    const ids = added.map(({ memory }) => memory.id);
    expect(contentsOf({ memories: await opened().store.readMemories(space, ids) })).toEqual(['live badger']);
  });

  test('words that many memories share are bounded, and a rare word’s memories are found all the same', async () => {
    const space = await opened().newSpace();
    const contents = [
      ...Array.from({ length: 1_100 }, (_, index) => `everyday matters ${index}`),
      ...Array.from({ length: 3 }, (_, index) => `everyday zebra ${index}`),
    ];
    for (let from = 0; from < contents.length; from += 100) {
      const batch = contents.slice(from, from + 100).map((content) => newMemory(content));
      await opened().store.add(space, batch);
    }
    while ((await countLexemes(opened().db, space.shard, 1_000)) > 0);
    const zebras = contents.slice(-3);
    const found = async (query: string) => contentsOf(await ask(space, query, { limit: 100 }));
    // 1,103 postings of the common word are past the bound: the rare one's are looked at alone.
    expect((await found('everyday zebra')).toSorted()).toEqual(zebras);
    expect((await found('everyday matters')).length).toBeGreaterThanOrEqual(50);
    expect(await found('everyday')).toHaveLength(100);
    // A word that no memory has, or that is not counted yet, costs nothing and takes no word's place.
    expect(await found('everyday quagga')).toHaveLength(100);
    await opened().store.add(space, [newMemory('an okapi, uncounted')]);
    expect((await found('okapi zebra')).toSorted()).toEqual(['an okapi, uncounted', ...zebras]);
    // All words asked for are past the bound: of the rarest one's memories those with another come first.
    await opened().store.add(space, [newMemory('it matters to a badger')]);
    const together = await found('matters everyday');
    expect(together).toHaveLength(100);
    expect(together.every((content) => content.startsWith('everyday matters'))).toBe(true);
  });

  test('where no memory has two of a query’s words, and each stands in very many, those of the rarest are found', async () => {
    const space = await opened().newSpace();
    await opened().store.add(space, [newMemory('tea at noon'), newMemory('coffee at noon')]);
    await sql`
      insert into lexemes (shard, space_id, lexeme, memories)
      values (${space.shard}, ${space.id}, 'tea', 5000), (${space.shard}, ${space.id}, 'coffe', 9000)
      on conflict (shard, space_id, lexeme) do update set memories = excluded.memories`.execute(opened().db);
    expect(contentsOf(await ask(space, 'tea coffee'))).toEqual(['tea at noon']);
    await opened().store.add(space, [newMemory('coffee or tea')]);
    expect(contentsOf(await ask(space, 'tea coffee'))).toEqual(['coffee or tea', 'tea at noon']);
    // One that nobody has counted yet is nobody's neighbour.
    await opened().store.add(space, [newMemory('an okapi')]);
    expect(contentsOf(await ask(space, 'tea coffee okapi')).toSorted()).toEqual([
      'an okapi',
      'coffee or tea',
      'tea at noon',
    ]);
  });
});
