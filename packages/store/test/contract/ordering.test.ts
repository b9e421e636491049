import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { readEvents } from '../../src/log/read-events.ts';
import { onEveryEngine } from '../engines.ts';
import { newMemory, newRecall } from '../new-memory.ts';
import { logOf } from '../replay.ts';

const appenders = 8;
const appends = 25;

onEveryEngine('the order of the log', (opened) => {
  test('8 appenders leave no gap, time never falls, and a reader that follows by its checkpoint misses nothing', async () => {
    const spaces = [await opened().newSpace()];
    spaces.push(await opened().newSpace({ beside: spaces[0]! }));
    const { shard } = spaces[0]!;
    const stores = await opened().stores(4);

    let writing = true;
    const followed: string[] = [];
    const reader = (async () => {
      for (let after = 0; ; ) {
        const isLastLook = !writing;
        const events = await readEvents(opened().db, shard, { after, limit: 7 });
        followed.push(...events.map(({ id }) => id));
        after = events.at(-1)?.position ?? after;
        if (isLastLook && events.length === 0) return;
        await sleep(1);
      }
    })();
    const writers = Array.from({ length: appenders }, async (_, writer) => {
      const store = stores[writer % stores.length]!;
      for (let step = 0; step < appends; step += 1) {
        const space = spaces[(writer + step) % 2]!;
        if (step % 3 === 0) {
          await store.recordRecall(space, newRecall([]));
        } else {
          const content = step % 3 === 1 ? `same ${step}` : `own ${writer} ${step}`;
          await store.add(space, [newMemory(content)]);
        }
      }
    });
    await Promise.all(writers).finally(() => {
      writing = false;
    });
    await reader;

    const log = await logOf(opened().db, shard);
    expect(log.map(({ position }) => position)).toEqual(Array.from({ length: appenders * appends }, (_, i) => i + 1));
    expect(followed).toEqual(log.map(({ id }) => id));
    const times = log.map(({ recordedAt }) => recordedAt);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    const heads = await sql<{ position: number }>`select position from shard_heads where shard = ${shard}`.execute(
      opened().db,
    );
    expect(heads.rows).toEqual([{ position: log.length }]);
  });
});
