import { hash, randomUUID } from 'node:crypto';
import type { Space } from '@anima/core';
import fc from 'fast-check';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { inTransaction } from '../../src/engine/engine.ts';
import { forgetQueryVectors, maxQueryVectors, QueryVectorTable } from '../../src/query-vectors.ts';
import { onEveryEngine } from '../engines.ts';
import { planOf, statementsOf } from '../statements.ts';
import { vectorOf } from '../word-model.ts';

const hashOf = (text: string) => hash('sha256', text);
const patience = { timeout: 10_000, interval: 20 };

onEveryEngine('vectors of queries', (opened) => {
  const vectors = () => opened().store.queryVectors;
  const read = (space: Space, text: string) => vectors().read(space, hashOf(text));
  const keep = (space: Space, text: string) => vectors().keep(space, hashOf(text), vectorOf(text));
  const count = async () => {
    const { rows } = await sql<{ count: number }>`select count(*)::int as count from query_vectors`.execute(
      opened().db,
    );
    return rows[0]!.count;
  };
  /** What others wait for is written by then. */
  const written = async (space: Space) => {
    const last = randomUUID();
    keep(space, last);
    await expect.poll(() => read(space, last), patience).toBeDefined();
  };
  /** When the text was used last, by the age that it is given: ms. */
  const age = async (space: Space, interval?: string): Promise<number> => {
    if (interval) {
      await sql`update query_vectors set used_at = now() - ${interval}::interval where shard = ${space.shard}`.execute(
        opened().db,
      );
    }
    const { rows } = await sql<{ ms: number }>`
      select extract(epoch from now() - max(used_at))::float * 1000 as ms from query_vectors
      where shard = ${space.shard}`.execute(opened().db);
    return rows[0]!.ms;
  };

  test('arrive bit by bit', async () => {
    const space = await opened().newSpace();
    const floats = fc.array(fc.float32Array({ minLength: 1, maxLength: 800 }), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(floats, async (given) => {
        const table = new QueryVectorTable(opened().engine, await opened().models(), opened().log);
        const hashes = given.map(() => hashOf(randomUUID()));
        for (const [index, vector] of given.entries()) table.keep(space, hashes[index]!, vector);
        await table.close();
        expect(await Promise.all(hashes.map((textHash) => vectors().read(space, textHash)))).toEqual(given);
      }),
      { numRuns: 20 },
    );
  });

  test('are those of one text in one space', async () => {
    const [space, beside] = [await opened().newSpace(), await opened().newSpace()];
    const sharing = await opened().newSpace({ beside: space });
    keep(space, 'a robin');
    keep(space, "it's 🦊");
    await written(space);
    expect(await read(space, 'a robin')).toEqual(vectorOf('a robin'));
    expect(await read(space, "it's 🦊")).toEqual(vectorOf("it's 🦊"));
    for (const other of [beside, sharing]) expect(await read(other, 'a robin')).toBeUndefined();
    expect(await read(space, 'a wren')).toBeUndefined();
  });

  test('are those of one model', async () => {
    const { engine, log } = opened();
    const space = await opened().newSpace();
    keep(space, 'a robin');
    await written(space);
    const models = await opened().models();
    const model = await models.register({ provider: 'test', name: 'others', dimensions: 64 });
    const table = new QueryVectorTable(engine, models, log);
    expect(await table.read({ ...space, model }, hashOf('a robin'))).toBeUndefined();
    expect(await table.read(space, hashOf('a robin'))).toBeDefined();
  });

  test('the one that was kept last counts', async () => {
    const space = await opened().newSpace();
    keep(space, 'a robin');
    await written(space);
    vectors().keep(space, hashOf('a robin'), vectorOf('a wren'));
    await written(space);
    expect(await read(space, 'a robin')).toEqual(vectorOf('a wren'));
  });

  test('are used when they are kept and when they are found', async () => {
    const space = await opened().newSpace();
    keep(space, 'a robin');
    await expect.poll(() => read(space, 'a robin'), patience).toBeDefined();
    await expect.poll(() => age(space), patience).toBeLessThan(60_000);
    // The note of the use above must be behind us.
    await written(await opened().newSpace());
    expect(await age(space, '1 hour')).toBeGreaterThan(3_000_000);
    await read(space, 'a robin');
    await expect.poll(() => age(space), patience).toBeLessThan(60_000);
    await written(await opened().newSpace());
    await age(space, '1 hour');
    keep(space, 'a robin');
    await expect.poll(() => age(space), patience).toBeLessThan(60_000);
  });

  test('are looked up by the primary key, with statistics and without', async () => {
    const space = await opened().newSpace();
    await plant(space, 3_000);
    const models = await opened().models();
    const [statement] = await statementsOf(async (db) => {
      await new QueryVectorTable({ ...opened().engine, db }, models, opened().log).read(space, hashOf('a robin'));
    });
    for (const analyze of [
      'analyze query_vectors',
      `delete from pg_statistic where starelid = 'query_vectors'::regclass`,
    ]) {
      await inTransaction(opened().db, async (trx) => {
        await sql.raw(analyze).execute(trx);
        for (const mode of ['custom', 'generic'] as const) {
          const { indexes, scanned, text } = await planOf(trx, statement!, mode);
          expect({ indexes, scanned }, text).toEqual({ indexes: ['query_vectors_pkey'], scanned: [] });
        }
      });
    }
  });

  const plant = (space: Space, rows: number) =>
    sql`insert into query_vectors (shard, space_id, model_id, text_hash, embedding, used_at)
      select ${space.shard}, ${space.id}, 1, sha256(n::text::bytea), '\\x0000803f', now() - n * interval '1 minute'
      from generate_series(1, ${rows}::int) n on conflict do nothing`.execute(opened().db);

  describe('in a table that is full', () => {
    test('those that were used last stay, the others go, some at a time', async () => {
      const space = await opened().newSpace();
      await plant(space, 1_200);
      await sql`delete from query_vectors where shard <> ${space.shard}`.execute(opened().db);
      keep(space, 'a robin');
      await expect.poll(() => read(space, 'a robin'), patience).toBeDefined();
      expect(await forgetQueryVectors(opened().db, 101)).toBe(true);
      expect(await count()).toBe(701);
      expect(await forgetQueryVectors(opened().db, 101)).toBe(true);
      expect(await forgetQueryVectors(opened().db, 101)).toBe(false);
      expect(await count()).toBe(101);
      expect(await read(space, 'a robin')).toBeDefined();
      for (const n of [1, 100]) expect(await read(space, String(n))).toEqual(Float32Array.of(1));
      expect(await read(space, '101')).toBeUndefined();
    });

    test('the workers see to it', async () => {
      const space = await opened().newSpace();
      await plant(space, maxQueryVectors + 1_500);
      await opened().store.startWorkers(opened().embedder);
      expect(await count()).toBe(maxQueryVectors);
    });
  });

  test('that cannot be written are dropped: nobody hears of it but the log', async () => {
    const { db, log } = opened();
    const space = await opened().newSpace();
    await sql`alter table query_vectors rename to hidden`.execute(db);
    keep(space, 'a robin');
    await expect
      .poll(() => log.entries.at(-1), patience)
      .toMatchObject({
        level: 'warn',
        message: 'vectors of queries could not be kept',
      });
    await expect(read(space, 'a robin')).rejects.toThrow();
    await sql`alter table hidden rename to query_vectors`.execute(db);
    await written(space);
    expect(await read(space, 'a robin')).toBeUndefined();
  });

  test('are there when the database is opened again, also those of the last moment', async () => {
    const space = await opened().newSpace();
    const texts = Array.from({ length: 100 }, (_, index) => `robin ${index}`);
    for (const text of texts) keep(space, text);
    await opened().reopen();
    expect(await Promise.all(texts.map((text) => read(space, text)))).toEqual(texts.map((text) => vectorOf(text)));
  });
});
