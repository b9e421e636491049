import { createHash } from 'node:crypto';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Space } from '@anima/core';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { countLexemes } from '../../src/jobs/count-lexemes.ts';
import { replayErasures } from '../../src/lifecycle/erase.ts';
import { ErasureLedger } from '../../src/lifecycle/erasure-ledger.ts';
import { expire } from '../../src/lifecycle/visibility.ts';
import { ChangeLog } from '../../src/log/change.ts';
import { onEveryEngine } from '../engines.ts';
import { newMemory } from '../new-memory.ts';
import { logOf, replayed, stored } from '../replay.ts';
import { vectorOf } from '../word-model.ts';

onEveryEngine('the life of a memory', (opened) => {
  const add = async (space: Space, content: string, more: object = {}) =>
    (await opened().add(space, { content, ...more })).memory.id;
  const found = async (space: Space, query: string) =>
    (await opened().query(space, { query, record: false })).memories.map(({ id }) => id).toSorted();
  const entry = async (space: Space, id: string) => (await opened().store.readEntries(space, [id]))[0];

  /** In how many live memories each word stands, counted anew. */
  const expectWordsCounted = async ({ shard, id }: Space) => {
    while ((await countLexemes(opened().db, shard, 7)) > 0);
    const counted = await sql<{ lexeme: string; memories: number }>`
      select lexeme, memories from lexemes where shard = ${shard} and space_id = ${id} order by lexeme`.execute(
      opened().db,
    );
    const live = await sql<{ lexeme: string; memories: number }>`
      select w.lexeme, count(*)::int as memories from memories m, unnest(tsvector_to_array(m.fts)) w(lexeme)
      where m.shard = ${shard} and m.space_id = ${id} and m.visibility = 'live' group by w.lexeme order by w.lexeme`.execute(
      opened().db,
    );
    expect(counted.rows).toEqual(live.rows);
  };
  const expectFolded = async (space: Space) => {
    await opened().fold(space, 3);
    expect(await stored(opened().db, space.shard)).toEqual(await replayed(opened().db, space.shard));
    await expectWordsCounted(space);
  };

  test('an update makes a new version, which is found instead of the old one, and the old stays readable', async () => {
    const space = await opened().newSpace();
    const id = await add(space, 'Ada lives in Paris', { category: 'home' });
    const outcome = await opened().store.update(space, id, { content: 'Ada lives in Rome', tags: ['city'] });
    expect(outcome).toEqual({ memoryId: id, version: 2, isNewVersion: true });
    expect(await entry(space, id)).toMatchObject({
      ...{ content: 'Ada lives in Rome', version: 2, category: 'home', tags: ['city'], embedding: 'pending' },
    });
    expect(await opened().store.readVersions(space, id)).toMatchObject([
      { version: 1, content: 'Ada lives in Paris', replacedAt: expect.any(String) },
      { version: 2, content: 'Ada lives in Rome', replacedAt: null },
    ]);
    expect(await found(space, 'Rome')).toEqual([id]);
    expect(await found(space, 'Paris')).toEqual([]);
    // What it said before is nobody's any more.
    expect(await add(space, 'Ada lives in Paris')).not.toBe(id);
    await expectFolded(space);
  });

  test('an update to what another memory says is refused, naming it; one that repeats itself keeps the version', async () => {
    const space = await opened().newSpace();
    const id = await add(space, 'tea');
    const other = await add(space, 'coffee');
    await expect(opened().store.update(space, id, { content: 'coffee' })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining(other),
    });
    expect(await opened().store.update(space, id, { content: 'tea', source: 'diary' })).toEqual({
      memoryId: id,
      version: 1,
      isNewVersion: false,
    });
    expect(await entry(space, id)).toMatchObject({ source: 'diary', embedding: 'ready' });
  });

  test('what is forgotten is not found, and comes back with its history, by restoring it or by adding it again', async () => {
    const space = await opened().newSpace();
    const id = await add(space, 'a red kite');
    await opened().query(space, 'kite');
    const forget = () => opened().store.forget(space, [id]);
    expect(await forget()).toEqual({ changed: [id], unchanged: [] });
    expect(await found(space, 'kite')).toEqual([]);
    expect(await forget()).toEqual({ changed: [], unchanged: [{ memoryId: id, because: 'hidden' }] });
    expect(await opened().store.restore(space, [id])).toEqual({ changed: [id], unchanged: [] });
    expect(await found(space, 'kite')).toEqual([id]);
    await forget();
    const again = await opened().add(space, 'a red kite');
    expect(again).toMatchObject({ isDuplicate: true, memory: { id } });
    await expectFolded(space);
    expect(await entry(space, id)).toMatchObject({ visibility: 'live', accessCount: 2 });
  });

  test('after an erasure no table holds the text, its variants’ or its versions’, and its key stays taken', async () => {
    const space = await opened().newSpace();
    const adding = { content: 'Xylographer one', conversationId: 'c', category: 'Xylocat', idempotencyKey: 'k' };
    const id = await add(space, adding.content, { ...adding, tags: ['Xylotag'], source: 'Xylosource' });
    await opened().store.update(space, id, { content: 'Xylographer two' });
    const variant = await add(space, 'Xylographer two!');
    await opened().store.merge(space, [id, variant], 0.99);
    await opened().store.setTier(space, [id], 'network', 'Xyloreason');
    await opened().query(space, { query: 'Xylographer two', conversationId: 'c' });
    expect((await opened().store.erase(space, [id])).changed.toSorted()).toEqual([id, variant].toSorted());
    for (const [table, rows] of Object.entries(await dump())) {
      expect(
        rows.filter((row) => /xylo/i.test(row)),
        table,
      ).toEqual([]);
    }
    expect(await entry(space, id)).toBeUndefined();
    expect(await found(space, 'Xylographer')).toEqual([]);
    await expect(opened().store.erase(space, [id])).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(opened().add(space, adding)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await add(space, 'Xylographer two')).not.toBe(id);
    await expectFolded(space);
  });

  test('what an older backup brings back is erased again, by the ledger that stands outside it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'anima-ledger-'));
    try {
      const [space, other] = [await opened().newSpace(), await opened().newSpace()];
      const ids = [await add(space, 'returned one'), await add(space, 'returned two'), await add(other, 'returned')];
      const kept = await add(space, 'never erased');
      const ledger = new ErasureLedger(folder);
      await ledger.record(space.id, [ids[0]!]);
      // Half a line, of a process that died while it wrote.
      await appendFile(join(folder, 'erasures.jsonl'), '\n{"space":"x","ids":["');
      await ledger.record(space.id, [ids[1]!]);
      await ledger.record(other.id, [ids[2]!]);
      const openSpace = ({ id }: { readonly id: string }) => opened().store.openSpace(id);
      const replay = () => replayErasures(opened().db, ledger, opened().store, openSpace, opened().log);
      await replay();
      expect(await opened().store.readEntries(space, [...ids, kept])).toMatchObject([{ id: kept }]);
      expect(await opened().store.readEntries(other, ids)).toEqual([]);
      const log = await logOf(opened().db, space.shard);
      await replay();
      expect(await logOf(opened().db, space.shard)).toEqual(log);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('a vector that arrives after the erasure of its memory is not kept', async () => {
    const space = await opened().newSpace();
    const id = await add(space, 'late');
    await opened().store.erase(space, [id]);
    const [chunks = []] = await opened().embedder.embedContents(space, ['late']);
    await opened().store.saveVectors(space, [{ memoryId: id, version: 1, chunks }]);
    const { rows } = await sql`select from vectors_1 where shard = ${space.shard} and memory_id = ${id}`.execute(
      opened().db,
    );
    expect(rows).toEqual([]);
  });

  test('merging makes the later-added a variant, whatever the order it is asked in, and unmerging undoes it', async () => {
    const space = await opened().newSpace();
    const first = await add(space, 'we meet on Monday', { conversationId: 'c' });
    const second = await add(space, 'we meet on Monday!', { conversationId: 'd' });
    await opened().query(space, { query: 'Monday', conversationId: 'e' });
    await opened().fold(space);
    const before = await Promise.all([first, second].map((id) => entry(space, id)));
    expect(await opened().store.merge(space, [second, first], 0.99)).toEqual({ survivor: first, merged: second });
    expect(await found(space, 'Monday')).toEqual([first]);
    expect(await opened().add(space, 'we meet on Monday!')).toMatchObject({ isDuplicate: true, memory: { id: first } });
    await expectFolded(space);
    expect(await entry(space, first)).toMatchObject({ accessCount: 3, resonancePhi: 0.3 });
    expect(await entry(space, second)).toMatchObject({ visibility: 'merged', mergedInto: first });
    expect(await opened().store.readVariants(space, first)).toEqual([second]);

    expect(await opened().store.unmerge(space, second)).toEqual({ survivor: first });
    await expectFolded(space);
    const after = await Promise.all([first, second].map((id) => entry(space, id)));
    expect(after[0]).toMatchObject({ accessCount: 2, resonancePhi: 0.2 });
    expect({ ...after[1], updatedAt: '' }).toEqual({ ...before[1], updatedAt: '' });
    expect(await opened().store.merge(space, [first, second], 0.99)).toBeUndefined();
    const { rows } = await sql`select from merge_groups where shard = ${space.shard}`.execute(opened().db);
    expect(rows).toEqual([]);
  });

  test('of a chain of merges the last survivor answers for all', async () => {
    const space = await opened().newSpace();
    const ids = [await add(space, 'oak 1'), await add(space, 'oak 2'), await add(space, 'oak 3')] as const;
    await opened().store.merge(space, [ids[1], ids[2]], 0.96);
    await opened().store.merge(space, [ids[0], ids[1]], 0.96);
    expect(await opened().add(space, 'oak 3')).toMatchObject({ isDuplicate: true, memory: { id: ids[0] } });
    await expectFolded(space);
    expect(await entry(space, ids[0])).toMatchObject({ accessCount: 1, resonancePhi: 0.19 });
  });

  test('two that merge one pair at once merge it once; a pair of which one was forgotten is left alone', async () => {
    const space = await opened().newSpace();
    const ids = [await add(space, 'elm 1'), await add(space, 'elm 2')] as const;
    const merges = await Promise.all([1, 2, 3].map(() => opened().store.merge(space, ids, 0.97)));
    expect(merges.filter((merged) => merged)).toEqual([{ survivor: ids[0], merged: ids[1] }]);
    await opened().store.unmerge(space, ids[1]);
    const third = await add(space, 'elm 3');
    await opened().store.forget(space, [third]);
    expect(await opened().store.merge(space, [ids[0], third], 0.97)).toBeUndefined();
    await expectFolded(space);
  });

  test('an erasure reaches a memory of which a variant was erased before, and forgets requests by what they said', async () => {
    const space = await opened().newSpace();
    const ids = [await add(space, 'pine 1'), await add(space, 'pine 2')] as const;
    await opened().store.merge(space, ids, 0.99);
    // Answered by the survivor; it said what the variant says.
    const again = { key: 'again', operation: 'add', body: 'pine 2' };
    expect(await opened().store.add(space, [newMemory('pine 2')], again)).toMatchObject([{ memoryId: ids[0] }]);
    const changing = { key: 'changing', operation: 'update', body: 'pine 3' };
    await opened().store.update(space, ids[0], { content: 'pine 3' }, changing);
    expect((await opened().store.erase(space, [ids[1]])).changed).toEqual([ids[1]]);
    await expect(opened().store.add(space, [newMemory('pine 2')], again)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect((await opened().store.erase(space, [ids[0]])).changed).toEqual([ids[0]]);
    const { rows } = await sql`select key from requests
      where shard = ${space.shard} and fingerprint <> 'erased'`.execute(opened().db);
    expect(rows).toEqual([]);
    await expectFolded(space);
  });

  test('a memory that comes back, or leaves one that expired, has its content again: nobody says it twice', async () => {
    const space = await opened().newSpace();
    const expiresAt = new Date(0).toISOString();
    const ids = [
      await add(space, 'yew 1', { expiresAt }),
      await add(space, 'yew 2'),
      await add(space, 'yew 3'),
    ] as const;
    await opened().store.merge(space, [ids[0], ids[1]], 0.99);
    await opened().store.merge(space, [ids[0], ids[2]], 0.99);
    const changes = new ChangeLog(opened().db, () => undefined);
    await changes.change(space, undefined, (scope) => expire(scope, space, [ids[0]]));
    expect(await entry(space, ids[0])).toMatchObject({
      contentHash: createHash('sha256').update('yew 1').digest('hex'),
    });
    await opened().store.unmerge(space, ids[1]);
    expect(await add(space, 'yew 2')).toBe(ids[1]);
    const other = await add(space, 'yew 3');
    await expect(opened().store.unmerge(space, ids[2])).rejects.toMatchObject({ code: 'CONFLICT' });
    await opened().store.erase(space, [other]);
    await opened().store.restore(space, [ids[0]]);
    expect(await add(space, 'yew 3')).toBe(ids[0]);
    await expectFolded(space);
  });

  test('what two bring back at once comes back once, and is counted once', async () => {
    const space = await opened().newSpace();
    const id = await add(space, 'a lone larch');
    await opened().store.forget(space, [id]);
    const outcomes = await opened().store.add(space, [newMemory('a lone larch'), newMemory('a lone larch')]);
    expect(outcomes.map(({ memoryId }) => memoryId)).toEqual([id, id]);
    const log = await logOf(opened().db, space.shard);
    expect(log.slice(-2).map(({ payload }) => payload)).toMatchObject([{ revived: true }, { revived: false }]);
    await expectFolded(space);
  });

  test('a bootstrap does not count what is not found any more among what it left out', async () => {
    const space = await opened().newSpace();
    const ids = await Promise.all(['fig 1', 'fig 2', 'fig 3'].map((content) => add(space, content)));
    await opened().store.forget(space, ids.slice(1));
    await opened().fold(space);
    const include = { active: true, thread: true, stable: true };
    const { memories, cut } = await opened().store.bootstrap(space, { limit: 10, activeLimit: undefined, include });
    expect(memories.active.map(({ id }) => id)).toEqual(ids.slice(0, 1));
    expect(cut).toEqual({ active: 0, thread: 0, stable: 0 });
  });

  test('a tier that was set by hand shows, with its reason beside the log', async () => {
    const space = await opened().newSpace();
    const id = await add(space, 'hub');
    await opened().store.setTier(space, [id], 'network', 'everything hangs on it');
    await expectFolded(space);
    expect(await entry(space, id)).toMatchObject({ tier: 'network' });
    const { rows } = await sql`select reason, from_tier, to_tier, position from tier_changes
      where shard = ${space.shard}`.execute(opened().db);
    expect(rows).toEqual([{ reason: 'manual', from_tier: 0, to_tier: 3, position: 2 }]);
  });

  test('a retried change changes nothing; its key with another body is a conflict; an unknown id is not found', async () => {
    const space = await opened().newSpace();
    const id = await add(space, 'once');
    const request = { key: 'forget once', operation: 'forget', body: [id] };
    const first = await opened().store.forget(space, [id], request);
    await opened().store.restore(space, [id]);
    expect(await opened().store.forget(space, [id], request)).toEqual(first);
    expect(await entry(space, id)).toMatchObject({ visibility: 'live' });
    await expect(opened().store.forget(space, [id], { ...request, body: [] })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    const unknown = '00000000-0000-7000-8000-000000000000';
    await expect(opened().store.forget(space, [id, unknown])).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining(unknown),
    });
    expect(await logOf(opened().db, space.shard)).toHaveLength(3);
  });

  test('a list turns its pages without losing or repeating, in every order', async () => {
    const space = await opened().newSpace();
    const ids = await Promise.all(Array.from({ length: 23 }, (_, n) => add(space, `item ${n}`)));
    await opened().query(space, 'item 3');
    await opened().fold(space);
    for (const order of ['created', 'accessed', 'resonance'] as const) {
      for (const descending of [true, false]) {
        const listed: string[] = [];
        let after: { value: string; memoryId: string } | undefined;
        do {
          const page = { selection: { visibility: 'live' as const }, order, descending, after, limit: 5 };
          const { memories, next } = await opened().store.list(space, page);
          listed.push(...memories.map(({ id }) => id));
          after = next;
        } while (after);
        expect(listed.toSorted(), `${order} ${descending}`).toEqual(ids.toSorted());
      }
    }
  });

  test('a list is narrowed by words, in any form of them, and by who waits for a vector', async () => {
    const space = await opened().newSpace();
    const contents = ['Ada drinks tea', 'Ada drank coffee', 'tea and coffee for Grace'];
    const added = await opened().store.add(
      space,
      contents.map((content) => newMemory(content)),
    );
    const [tea, , both] = added.map(({ memoryId }) => memoryId);
    const listed = async (selection: object) => {
      const page = { order: 'created', descending: false, after: undefined, limit: 10 } as const;
      const { memories } = await opened().store.list(space, {
        ...page,
        selection: { visibility: 'live', ...selection },
      });
      return memories.map(({ id }) => id).toSorted();
    };
    expect(await listed({ words: 'teas' })).toEqual([tea, both].toSorted());
    expect(await listed({ words: 'tea -coffee' })).toEqual([tea]);
    expect(await listed({ words: 'tea whale' })).toEqual([]);
    expect(await listed({ isPending: true })).toHaveLength(3);
    const [vector] = await opened().store.readMemories(space, [tea!]);
    await opened().store.saveVectors(space, [{ memoryId: tea!, version: vector!.version, chunks: [vectorOf('tea')] }]);
    expect(await listed({ isPending: true })).not.toContain(tea);
    expect(await listed({ isPending: true, words: 'tea' })).toEqual([both]);
  });

  /** Every row of every table, as text. */
  const dump = async (): Promise<Record<string, string[]>> => {
    const { rows: tables } = await sql<{ schema: string; name: string }>`
      select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema')`.execute(opened().db);
    const dumped: Record<string, string[]> = {};
    for (const { schema, name } of tables) {
      const { rows } = await sql<{
        row: string;
      }>`select t::text as row from ${sql.table(`${schema}.${name}`)} t`.execute(opened().db);
      dumped[name] = rows.map(({ row }) => row);
    }
    return dumped;
  };
});
