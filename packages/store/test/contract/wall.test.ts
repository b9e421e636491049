import type { Space } from '@anima/core';
import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { inTransaction } from '../../src/engine/engine.ts';
import { behindWall, ensureWall, readBehindWall } from '../../src/engine/wall.ts';
import { readBootstrap } from '../../src/reads/bootstrap.ts';
import { readEntries } from '../../src/reads/entries.ts';
import { readMemories } from '../../src/reads/memories.ts';
import { onEngine } from '../engines.ts';

onEngine('postgres', 'the second wall', (opened) => {
  let mine: Space;
  let theirs: Space;
  let secret: string;

  beforeAll(async () => {
    mine = await opened().newSpace();
    // Of the same shard, so that nothing but the space keeps them apart.
    theirs = await opened().newSpace({ beside: mine });
    await opened().addMany(mine, { memories: [{ content: 'tea is mine' }, { content: 'mine too' }] });
    secret = (await opened().add(theirs, 'a secret of theirs')).memory.id;
  });

  const contents = async () => {
    const { rows } = await sql<{ content: string }>`/* forgetful */ select content from memories`.execute(opened().db);
    return rows.map(({ content }) => content).toSorted();
  };

  test('a statement that forgot its filter sees one space, and without the wall it sees all', async () => {
    expect(await contents()).toContain('a secret of theirs');
    expect(await behindWall(mine, contents)).toEqual(['mine too', 'tea is mine']);
    expect(await behindWall(theirs, contents)).toEqual(['a secret of theirs']);
    expect(await contents(), 'and nothing of it is left behind').toContain('a secret of theirs');
  });

  test('a read that asks for another space than its caller has finds nothing', async () => {
    const { db } = opened();
    expect(await readMemories(db, 'vectors_1', theirs, [secret])).toHaveLength(1);
    const selection = { limit: 10, activeLimit: undefined, include: { active: true, thread: true, stable: true } };
    for (const read of [
      () => readMemories(db, 'vectors_1', theirs, [secret]),
      () => readEntries(db, 'vectors_1', theirs, [secret]),
      async () => (await readBootstrap(db, theirs, selection)).memories.active,
    ]) {
      expect(await behindWall(mine, read)).toEqual([]);
      expect(await behindWall(theirs, read)).toHaveLength(1);
    }
  });

  test('callers of two spaces on the same connections never see each other, in transactions or out of them', async () => {
    const own = new Map([
      [mine, ['mine too', 'tea is mine']],
      [theirs, ['a secret of theirs']],
    ]);
    const within = () =>
      inTransaction(opened().db, async (trx) => {
        const { rows } = await sql<{ content: string }>`select content from memories`.execute(trx);
        return rows.map(({ content }) => content).toSorted();
      });
    const asked = Array.from({ length: 200 }, (_, turn) => {
      const space = turn % 2 === 0 ? mine : theirs;
      return behindWall(space, turn % 3 === 0 ? within : contents).then((seen) => ({ seen, expected: own.get(space) }));
    });
    for (const { seen, expected } of await Promise.all(asked)) expect(seen).toEqual(expected);
    expect((await contents()).length).toBeGreaterThan(2);
  });

  test('nothing is written from behind it, and no key is read', async () => {
    const attempt = (statement: string) => behindWall(mine, () => sql.raw(statement).execute(opened().db));
    await expect(attempt("with w as (update memories set content = '' returning 1) select * from w")).rejects.toThrow(
      'permission denied',
    );
    await expect(attempt('select * from api_keys')).rejects.toThrow('permission denied');
    expect(await behindWall(mine, contents), 'after a refusal the connection is as before').toHaveLength(2);
  });

  test('a name that could mean something in SQL is a name', async () => {
    const odd = await opened().store.openSpace(`o'dd" -- \\ ü${' '.repeat(3)}`);
    await opened().add(odd, 'odd');
    expect(await behindWall(odd, contents)).toEqual(['odd']);
  });

  test('every table of spaces is behind it, also one that is made later', async () => {
    const { db } = opened();
    const { rows } = await sql<{ name: string }>`
      select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'space_id'
      where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
        and not (c.relrowsecurity and exists (select from pg_policy where polrelid = c.oid))`.execute(db);
    expect(rows).toEqual([]);

    await sql`create table later (shard smallint, space_id text, n int)`.execute(db);
    await sql`insert into later values (0, ${mine.id}, 1), (0, ${theirs.id}, 2)`.execute(db);
    const read = async () => (await sql<{ n: number }>`select n from later`.execute(db)).rows;
    expect(await readBehindWall(db, mine, read)).toEqual([{ n: 1 }]);
    expect(await ensureWall(db)).toBeUndefined();
    await sql`drop table later`.execute(db);
  });
});
