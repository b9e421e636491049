import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { inTransaction } from '../../src/engine/engine.ts';
import { openPostgres } from '../../src/engine/postgres.ts';
import { openStore } from '../../src/index.ts';
import { storeOn } from '../../src/open-store.ts';
import { onEngine, onEveryEngine } from '../engines.ts';
import { newMemory } from '../new-memory.ts';
import { RecordingLog } from '../recording-log.ts';
import { words } from '../word-model.ts';

onEveryEngine('engine', (opened) => {
  test('inside a transaction the outer handle is refused, and works again after it', async () => {
    const { db } = opened();
    const within = inTransaction(db, async (trx) => {
      await sql`select 1`.execute(trx);
      await sql`select 1`.execute(db);
    });
    await expect(within).rejects.toThrow('inside a transaction only its own handle may be used');
    await expect(inTransaction(db, () => opened().store.ping())).rejects.toThrow('only its own handle');
    await opened().store.ping();
  });

  test('a transaction that fails leaves nothing behind', async () => {
    const { db } = opened();
    await sql`create table notes (text text)`.execute(db);
    const failing = inTransaction(db, async (trx) => {
      await sql`insert into notes values ('one')`.execute(trx);
      await sql`select 1 / 0`.execute(trx);
    });
    await expect(failing).rejects.toThrow('division by zero');
    expect((await sql`select * from notes`.execute(db)).rows).toEqual([]);
  });

  test('values arrive as they do from the other engine', async () => {
    const { rows } = await sql`/* hot, and so prepared */ select 9007199254740991::bigint as big, 1.5::float8 as real,
      '2024-02-29T12:00:00.123Z'::timestamptz as time, ${['a "b"', 'c\\d', '{e,f}', "g'h", '']}::text[] as texts,
      ${null}::text as nothing, ${true}::boolean as truth, ${[1, 2]}::smallint[] as numbers,
      ${'\\n\'"'}::text as text, '{"a": [1]}'::jsonb as json`.execute(opened().db);
    expect(rows).toEqual([
      {
        big: 9_007_199_254_740_991,
        real: 1.5,
        time: new Date('2024-02-29T12:00:00.123Z'),
        texts: ['a "b"', 'c\\d', '{e,f}', "g'h", ''],
        nothing: null,
        truth: true,
        numbers: [1, 2],
        text: '\\n\'"',
        json: { a: [1] },
      },
    ]);
  });

  test('an error carries neither the statement nor its parameters: no memory gets into a log', async () => {
    const space = await opened().newSpace();
    const secret = 'the password is swordfish';
    const errors = await Promise.all([
      opened()
        .store.add(space, [newMemory(`${secret} \0`)])
        .catch((error: unknown) => error),
      sql`select ${secret}::int`.execute(opened().db).catch((error: unknown) => error),
      sql`/* hot */ insert into memories (shard, content) values (1, ${secret})`
        .execute(opened().db)
        .catch((error: unknown) => error),
    ]);
    for (const error of errors) {
      expect(error).toBeInstanceOf(Error);
      const { message, stack, ...fields } = error as Error & { cause?: unknown };
      // What a cast quotes is its own message; fields beside it are what a logger adds on its own.
      expect(JSON.stringify(fields)).not.toContain('swordfish');
      expect(fields).not.toHaveProperty('query');
      expect(fields).not.toHaveProperty('params');
      if (!message.includes('invalid input syntax')) expect(`${message} ${stack}`).not.toContain('swordfish');
    }
  });

  test('a server with another model serves a space by the model that the space has, and gives new ones its own', async () => {
    const space = await opened().newSpace();
    const letters = { ...words, name: 'letters' };
    const other = await storeOn(opened().engine, { model: letters, log: opened().log });
    expect((await other.openSpace(space.id)).model).toEqual(words);
    expect(await other.add(space, [newMemory('not a mixed one')])).toMatchObject([{ isNew: true }]);
    const own = await other.openSpace('its own');
    expect(own.model).toEqual(letters);
    expect((await opened().store.openSpace('its own')).model).toEqual(letters);
  });

  test('the same model with other dimensions is another model', async () => {
    const shortened = { ...words, dimensions: words.dimensions / 2 };
    const other = await storeOn(opened().engine, { model: shortened, log: opened().log });
    await other.openSpace((await opened().newSpace()).id);
    const space = await other.openSpace('shortened');
    const [added] = await other.add(space, [newMemory('a short one')]);
    const chunks = [new Float32Array(shortened.dimensions).fill(0.1)];
    await other.saveVectors(space, [{ memoryId: added!.memoryId, version: 1, chunks }]);
    expect(await other.readMemories(space, [added!.memoryId])).toMatchObject([{ embedded: true }]);
    expect(await other.readMemories({ ...space, model: words }, [added!.memoryId])).toMatchObject([
      { embedded: false },
    ]);
  });

  test('gauges tell the engine and its connections', async () => {
    const { kind } = opened().engine;
    const { engine, pool, jobs } = await opened().store.gauges();
    expect(engine).toBe(kind);
    expect(pool.max).toBe(kind === 'pglite' ? 1 : 12);
    expect(pool.total).toBeLessThanOrEqual(pool.max);
    expect(jobs.failed).toBe(0);
  });
});

onEngine('postgres', 'the pool', (opened) => {
  test('never has more connections than its maximum, serves all who wait, and warns while more than five do', async () => {
    const log = new RecordingLog();
    const engine = await openPostgres({ databaseUrl: opened().databaseUrl!, poolMax: 3, worker: false, log });
    const totals = new Set<number>();
    const waiting = new Set<number>();
    const queries = Array.from({ length: 24 }, async () => {
      await sql`select pg_sleep(0.1)`.execute(engine.db);
      const gauges = engine.poolGauges();
      totals.add(gauges.total);
      waiting.add(gauges.waiting);
    });
    await Promise.all(queries);
    await engine.close();
    expect(Math.max(...totals)).toBe(3);
    expect(Math.max(...waiting)).toBeGreaterThan(5);
    // One warning, not one a look.
    expect(log.entries).toMatchObject([{ level: 'warn', fields: { waiting: expect.any(Number), total: 3 } }]);
  });

  test('a database that does not answer is UNAVAILABLE, and the message names the setting', async () => {
    const databaseUrl = 'postgres://nobody@127.0.0.1:1/nothing';
    const options = { databaseUrl, dataDir: '', poolMax: 1, worker: false, model: words, log: new RecordingLog() };
    await expect(openStore(options)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/DATABASE_URL: .*ECONNREFUSED/),
    });
  });
});
