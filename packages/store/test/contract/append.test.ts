import { createHash } from 'node:crypto';
import type { Space } from '@anima/core';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { onEveryEngine } from '../engines.ts';
import { newMemory } from '../new-memory.ts';
import { logOf, stored } from '../replay.ts';

onEveryEngine('append', (opened) => {
  const typesOf = async ({ shard }: Space) => (await logOf(opened().db, shard)).map(({ type }) => type);
  const setVisibility = (space: Space, id: string, visibility: string, mergedInto: string | null = null) =>
    sql`update memories set visibility = ${visibility}, merged_into = ${mergedInto}
      where shard = ${space.shard} and space_id = ${space.id} and memory_id = ${id}`.execute(opened().db);

  test('ten identical adds at once make one memory, give ten answers and count nine accesses', async () => {
    const space = await opened().newSpace();
    const stores = await opened().stores(3);
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, index) => stores[index % stores.length]!.add(space, [newMemory('a red fox')])),
    );
    const { memoryId } = outcomes[0]![0]!;
    expect(outcomes.flat()).toHaveLength(10);
    expect(outcomes.flat().every((outcome) => outcome.memoryId === memoryId)).toBe(true);
    expect(outcomes.flat().filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(await typesOf(space)).toEqual(['memory.added', ...Array.from({ length: 9 }, () => 'memory.accessed')]);
    await opened().fold(space);
    const { states } = await stored(opened().db, space.shard);
    expect(states).toEqual({ [`${space.id}/${memoryId}`]: expect.objectContaining({ accessCount: 9, phi: 900 }) });
  });

  test('ten batches at once with the same content twice in each make one memory and count nineteen accesses', async () => {
    const space = await opened().newSpace();
    const stores = await opened().stores(3);
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        stores[index % stores.length]!.add(space, [newMemory('twice'), newMemory(`once ${index}`), newMemory('twice')]),
      ),
    );
    const twice = outcomes.flatMap(([first, , last]) => [first!, last!]);
    expect(new Set(twice.map(({ memoryId }) => memoryId)).size).toBe(1);
    expect(twice.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(outcomes.every(([, once]) => once!.isNew)).toBe(true);
    await opened().fold(space);
    const { states } = await stored(opened().db, space.shard);
    expect(states[`${space.id}/${twice[0]!.memoryId}`]).toMatchObject({ accessCount: 19 });
  });

  test('outcomes stand in the order of the memories, the first of two same ones being the new one', async () => {
    const space = await opened().newSpace();
    const outcomes = await opened().store.add(
      space,
      ['b', 'a', 'b', 'c', 'a'].map((content) => newMemory(content)),
    );
    expect(outcomes.map(({ isNew }) => isNew)).toEqual([true, true, false, true, false]);
    expect(outcomes[2]!.memoryId).toBe(outcomes[0]!.memoryId);
    expect(outcomes[4]!.memoryId).toBe(outcomes[1]!.memoryId);
    const read = await opened().store.readMemories(
      space,
      outcomes.map(({ memoryId }) => memoryId),
    );
    expect(read.map(({ content }) => content)).toEqual(['b', 'a', 'b', 'c', 'a']);
  });

  test('a memory can be read as soon as its add returns, with the state that it starts from', async () => {
    const space = await opened().newSpace();
    const given = {
      content: 'it works!',
      category: 'work',
      tags: ['a "quoted" tag', 'back\\slash, comma', 'ünïcödé 🦊'],
      source: 'chat',
      isCatalyst: true,
      occurredAt: '2024-02-29T23:30:00+02:00',
    };
    const { memory } = await opened().add(space, given);
    expect(memory).toMatchObject({
      ...given,
      occurredAt: '2024-02-29T21:30:00.000Z',
      contentHash: createHash('sha256').update(given.content).digest('hex'),
      tier: 'active',
      accessCount: 0,
      resonancePhi: 1,
      version: 1,
      lastAccessed: memory.createdAt,
      updatedAt: memory.createdAt,
    });
  });

  test('one bad memory never fails its neighbours, whatever it is', async () => {
    const space = await opened().newSpace();
    const before = await typesOf(space);
    const settled = await Promise.allSettled(
      ['first', 'with a \0 inside', 'second', 'half a \ud83e', 'third'].map((content) =>
        opened().store.add(space, [newMemory(content)]),
      ),
    );
    expect(settled.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(before).toEqual([]);
    expect(await typesOf(space)).toEqual(['memory.added', 'memory.added', 'memory.added']);
  });

  test('a batch with one bad memory appends nothing of itself', async () => {
    const space = await opened().newSpace();
    await expect(opened().store.add(space, [newMemory('good'), newMemory('b\0d')])).rejects.toThrow();
    expect(await typesOf(space)).toEqual([]);
    const { rows } = await sql`select from memories where space_id = ${space.id}`.execute(opened().db);
    expect(rows).toEqual([]);
  });

  test.each([
    ['UPDATE', sql`update events set payload = '{}'`],
    ['DELETE', sql`delete from events`],
    ['TRUNCATE', sql`truncate events`],
  ])('the log refuses %s', async (_, statement) => {
    const space = await opened().newSpace();
    await opened().add(space, 'a fact');
    await expect(statement.execute(opened().db)).rejects.toThrow('the log is append-only');
    expect(await typesOf(space)).toEqual(['memory.added']);
  });

  test('the log holds no text, tag, category, source, conversation name or content hash', async () => {
    const space = await opened().newSpace();
    const content = 'The passphrase is Xylophone';
    const request = {
      content,
      category: 'Quokka',
      tags: ['Narwhal'],
      source: 'Wombat',
      conversationId: 'Pangolin',
      occurredAt: '2024-01-01T00:00:00Z',
    };
    const { memory } = await opened().add(space, request);
    await opened().add(space, { ...request, isCatalyst: true });
    const { recallId } = await opened().query(space, {
      query: 'Xylophone Armadillo',
      conversationId: 'Pangolin',
      idempotencyKey: 'Capybara',
    });
    await opened().store.cite(space, recallId!, [memory.id]);
    const { rows } = await sql<{ text: string }>`
      select lower(events::text) as text from events where shard = ${space.shard}`.execute(opened().db);
    expect(rows).toHaveLength(4);
    const log = rows.map(({ text }) => text).join('\n');
    const hash = createHash('sha256').update(content).digest();
    const said = ['passphrase', 'xylophone', 'armadillo', 'quokka', 'narwhal', 'wombat', 'pangolin', 'capybara'];
    for (const word of [...said, hash.toString('hex'), hash.toString('base64').toLowerCase()]) {
      expect(log).not.toContain(word);
    }
  });

  test('fault 8: content that was hidden is revived by being added again, and counts as an access', async () => {
    const space = await opened().newSpace();
    const { memory } = await opened().add(space, 'the old lighthouse');
    await setVisibility(space, memory.id, 'hidden');
    expect((await opened().query(space, 'lighthouse')).memories).toEqual([]);
    const again = await opened().add(space, 'the old lighthouse');
    expect(again).toMatchObject({ isDuplicate: true, exactMatch: true, memory: { id: memory.id } });
    expect((await opened().query(space, 'lighthouse')).memories.map(({ id }) => id)).toEqual([memory.id]);
    const [, , revival] = await logOf(opened().db, space.shard);
    expect(revival).toMatchObject({ type: 'memory.accessed', payload: { via: 'duplicate', revived: true } });
  });

  test('fault 8: hidden content that is added ten times at once gives ten answers', async () => {
    const space = await opened().newSpace();
    const { memory: hidden } = await opened().add(space, 'the new lighthouse');
    await setVisibility(space, hidden.id, 'hidden');
    const answers = await Promise.all(Array.from({ length: 10 }, () => opened().add(space, 'the new lighthouse')));
    expect(answers.map(({ memory }) => memory.id)).toEqual(Array.from({ length: 10 }, () => hidden.id));
  });

  test('content that was merged answers with its survivor, and the access is counted there', async () => {
    const space = await opened().newSpace();
    const { memory: survivor } = await opened().add(space, 'the cat sleeps');
    const { memory: merged } = await opened().add(space, 'the cat is sleeping');
    await setVisibility(space, merged.id, 'merged', survivor.id);
    const again = await opened().add(space, 'the cat is sleeping');
    expect(again).toMatchObject({ isDuplicate: true, memory: { id: survivor.id, content: 'the cat sleeps' } });
    expect((await logOf(opened().db, space.shard)).at(-1)).toMatchObject({ memoryIds: [survivor.id] });
  });

  test('a conversation keeps the order in which it was said, across requests, batches and repetitions', async () => {
    const space = await opened().newSpace();
    const said = ['hello', 'how are you', 'fine', 'hello', 'good bye'];
    const talk = { conversationId: 'smalltalk' };
    await opened().add(space, { content: said[0]!, ...talk });
    await opened().addMany(space, { memories: said.slice(1, 4).map((content) => ({ content, ...talk })) });
    await opened().add(space, { content: 'elsewhere', conversationId: 'other' });
    await opened().add(space, { content: said[4]!, ...talk });
    const { rows } = await sql<{ content: string }>`
      select m.content from conversation_turns t join memories m using (shard, space_id, memory_id)
      join conversations c on c.shard = t.shard and c.space_id = t.space_id and c.conversation_id = t.conversation_id
      where t.shard = ${space.shard} and t.space_id = ${space.id} and c.name = 'smalltalk'
      order by t.ordinal`.execute(opened().db);
    expect(rows.map(({ content }) => content)).toEqual(said);
  });

  test('a duplicate that is marked as a catalyst makes its memory one, once', async () => {
    const space = await opened().newSpace();
    const { memory } = await opened().add(space, 'eureka');
    for (let times = 0; times < 2; times += 1) await opened().add(space, { content: 'eureka', isCatalyst: true });
    await opened().fold(space);
    const [read] = await opened().store.readMemories(space, [memory.id]);
    expect(read).toMatchObject({ isCatalyst: true, accessCount: 2, resonancePhi: 1.2 });
  });

  test('the same conversation name means another conversation in another space', async () => {
    const space = await opened().newSpace();
    const beside = await opened().newSpace({ beside: space });
    for (const one of [space, beside]) await opened().add(one, { content: 'hi', conversationId: 'morning' });
    const ids = (await logOf(opened().db, space.shard)).map(({ conversationId }) => conversationId);
    expect(ids).not.toContain(null);
    expect(new Set(ids).size).toBe(2);
  });
});
