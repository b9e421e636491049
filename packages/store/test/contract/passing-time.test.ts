import { setTimeout as sleep } from 'node:timers/promises';
import { decay, type Space } from '@anima/core';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { decaySpace } from '../../src/jobs/decay.ts';
import { expire } from '../../src/lifecycle/visibility.ts';
import { ChangeLog } from '../../src/log/change.ts';
import { onEveryEngine } from '../engines.ts';
import { logOf, replayed, stored } from '../replay.ts';

onEveryEngine('time that passes', (opened) => {
  const day = 86_400_000;
  const changes = () => new ChangeLog(opened().db, () => undefined);
  const expectFolded = async (space: Space) => {
    await opened().fold(space, 2);
    expect(await stored(opened().db, space.shard)).toEqual(await replayed(opened().db, space.shard));
  };

  test('φ of what was not accessed for 30 days fades once a month, one event a space, and not again', async () => {
    const space = await opened().newSpace();
    const fresh = await opened().newSpace();
    for (const one of [space, fresh]) await opened().add(one, { content: 'ember', isCatalyst: true });
    await sql`update spaces set created_at = now() - interval '40 days' where space_id = ${space.id}`.execute(
      opened().db,
    );
    expect(await Promise.all([1, 2, 3].map(() => decaySpace(changes(), space)))).toEqual([true, false, false]);
    expect(await decaySpace(changes(), fresh)).toBe(false);
    const log = await logOf(opened().db, space.shard);
    expect(log.map(({ type }) => type)).toEqual(['memory.added', 'space.decayed']);
    expect(log[1]!.payload).toEqual(decay(log[1]!.recordedAt));
    await expectFolded(space);
  });

  test('fading by SQL is fading by core’s rule, for single and for merged memories', async () => {
    const space = await opened().newSpace();
    const ids: string[] = [];
    for (let n = 0; n < 12; n += 1) {
      ids.push((await opened().add(space, { content: `coal ${n}`, isCatalyst: n % 3 === 0 })).memory.id);
      for (let times = 0; times < n; times += 1) await opened().add(space, `coal ${n}`);
    }
    await opened().store.merge(space, [ids[10]!, ids[11]!], 0.99);
    await opened().store.merge(space, [ids[3]!, ids[9]!], 0.96);
    for (const cutoff of [Date.now() + day, Date.now() + day, Date.now() - day]) {
      await changes().change(space, undefined, async () => ({
        outcome: undefined,
        facts: [{ type: 'space.decayed', memoryIds: [], payload: { cutoff, factor: 870 } }],
      }));
      await opened().query(space, 'coal');
    }
    await opened().store.unmerge(space, ids[9]!);
    await expectFolded(space);
  });

  test('what is erased when it was about to expire stays erased, and what was to expire beside it does', async () => {
    const space = await opened().newSpace();
    const expiresAt = new Date(Date.now() + 50).toISOString();
    const ids: string[] = [];
    for (const content of ['soon erased', 'soon over']) {
      ids.push((await opened().add(space, { content, expiresAt })).memory.id);
    }
    const [erased = '', over = ''] = ids;
    await sleep(100);
    await opened().store.erase(space, [erased]);
    const { changed } = await changes().change(space, undefined, (scope) => expire(scope, space, ids));
    expect(changed).toEqual([over]);
    await expectFolded(space);
  });

  test('what has expired is not found any more, and its content can be said anew', async () => {
    const space = await opened().newSpace();
    await opened().store.startWorkers(opened().embedder);
    const expiresAt = new Date(Date.now() + 1_500).toISOString();
    const { memory } = await opened().add(space, { content: 'parking until noon', expiresAt });
    const found = async () => (await opened().query(space, { query: 'parking', record: false })).count;
    expect(await found()).toBe(1);
    await expect.poll(found, { timeout: 20_000 }).toBe(0);
    expect((await opened().store.readEntries(space, [memory.id]))[0]).toMatchObject({ visibility: 'expired' });
    const again = await opened().add(space, 'parking until noon');
    expect(again).toMatchObject({ isDuplicate: false });
    expect(await opened().store.restore(space, [memory.id])).toEqual({
      changed: [],
      unchanged: [{ memoryId: memory.id, because: 'duplicate' }],
    });
    await opened().store.erase(space, [again.memory.id]);
    expect((await opened().store.restore(space, [memory.id])).changed).toEqual([memory.id]);
    expect(await found()).toBe(1);
    await expectFolded(space);
  });
});
