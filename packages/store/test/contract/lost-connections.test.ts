import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { expect, test } from 'vitest';
import type { Database } from '../../src/engine/engine.ts';
import { openAppendLog } from '../../src/log/append.ts';
import { Spaces } from '../../src/spaces.ts';
import { appendMemories } from '../../src/writes.ts';
import { onEngine, onEveryEngine } from '../engines.ts';
import { newMemory } from '../new-memory.ts';
import { logOf, replayed, stored } from '../replay.ts';

/** A database whose transactions commit, but whose answer is lost as often as `losses` says. */
function losingAnswers(db: Database, losses: { left: number }): Database {
  const transaction = () => ({
    execute: async (work: never) => {
      const result = await db.transaction().execute(work);
      if (losses.left > 0) {
        losses.left -= 1;
        throw new Error('Connection terminated unexpectedly');
      }
      return result;
    },
  });
  return Object.assign(Object.create(db), { transaction });
}

onEveryEngine('a commit whose answer is lost', (opened) => {
  test('is never tried again by the store, and a retry under the same keys finds what it did', async () => {
    const { id, shard } = await opened().newSpace();
    const space = await new Spaces(opened().db, await opened().models()).open(id);
    const losses = { left: 1 };
    const log = openAppendLog(losingAnswers(opened().db, losses), { append: 100 }, () => {});
    const addAll = () =>
      Promise.allSettled(
        ['a', 'b', 'c'].map((content) =>
          appendMemories(log, space, [newMemory(content)], { key: content, operation: 'add', body: content }),
        ),
      );
    expect((await addAll()).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(losses.left).toBe(0);
    expect(await logOf(opened().db, shard)).toHaveLength(3);
    const retried = await addAll();
    expect(retried).toMatchObject(['a', 'b', 'c'].map(() => ({ status: 'fulfilled', value: [{ isNew: true }] })));
    expect((await logOf(opened().db, shard)).map(({ type }) => type)).toEqual(
      ['a', 'b', 'c'].map(() => 'memory.added'),
    );
  });
});

onEngine('postgres', 'a connection that dies', (opened) => {
  test('gives UNAVAILABLE and nothing else; retries under their keys leave every append exactly once', async () => {
    const space = await opened().newSpace();
    const stores = await opened().stores(2);
    const killer = new pg.Client({ connectionString: opened().databaseUrl });
    await killer.connect();
    const failures: unknown[] = [];
    let isWriting = true;
    const killing = (async () => {
      while (isWriting) {
        await killer.query(`select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and application_name = 'anima' and state <> 'idle'`);
        await sleep(60);
      }
    })();

    /** Tries as a client would, until the answer is there. */
    const untilAnswered = async <T>(request: () => Promise<T>): Promise<T> => {
      for (;;) {
        try {
          return await request();
        } catch (error) {
          failures.push(error);
          await sleep(5);
        }
      }
    };
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      const store = stores[writer % 2]!;
      for (let step = 0; step < 20 || failures.length < 10; step += 1) {
        const key = `${writer} ${step}`;
        const request = { key, operation: 'add', body: key };
        await untilAnswered(() => store.add(space, [newMemory(`memory ${key}`), newMemory('shared')], request));
      }
      return store;
    });
    await Promise.all(writers).finally(() => {
      isWriting = false;
    });
    await killing;
    await killer.end();

    expect(failures.length).toBeGreaterThanOrEqual(10);
    for (const failure of failures) expect(failure).toMatchObject({ name: 'AnimaError', code: 'UNAVAILABLE' });
    const log = await logOf(opened().db, space.shard);
    const added = log.filter(({ type }) => type === 'memory.added').length;
    expect(log).toHaveLength(2 * (added - 1));
    await opened().fold(space);
    const projected = await stored(opened().db, space.shard);
    expect(projected).toEqual(await replayed(opened().db, space.shard));
    const mostAccessed = Math.max(...Object.values(projected.states).map(({ accessCount }) => accessCount));
    expect(mostAccessed).toBe(added - 2);
  });
});
