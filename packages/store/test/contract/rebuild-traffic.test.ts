import { setImmediate as nextTurn } from 'node:timers/promises';
import { type ProjectionDifference, projections, type Space } from '@anima/core';
import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { foldNextBatch } from '../../src/projections/fold-shard.ts';
import { projectionRules } from '../../src/projections/rules.ts';
import { atMost, onEveryEngine } from '../engines.ts';
import { newMemory, newRecall } from '../new-memory.ts';
import { replayed, stored } from '../replay.ts';

onEveryEngine('rebuild under traffic', (opened) => {
  let spaces: Space[];
  beforeAll(async () => {
    spaces = [await opened().newSpace(), await opened().newSpace()];
    for (const space of spaces) await work(space, 0);
    for (const space of spaces) await opened().fold(space);
  });

  /** Adds, recalls and cites; some of it is new, some was there before. */
  const work = async (space: Space, round: number) => {
    const added = await opened().store.add(
      space,
      [round % 30, round % 7, (round + 1) % 7].map((n) => newMemory(`gull ${n}`, { conversationId: `c${round % 5}` })),
    );
    const ids = [...new Set(added.map(({ memoryId }) => memoryId))];
    const { recallId } = await opened().store.recordRecall(space, newRecall(ids, `c${round % 3}`));
    await opened().store.cite(space, recallId, [ids[0]!]);
  };

  /** Appends and folds for as long as `during` takes. */
  const traffic = async (during: () => Promise<void>) => {
    let isBusy = true;
    const appending = spaces.map(async (space) => {
      for (let round = 0; isBusy || round < 10; round += 1) {
        await work(space, round);
        await nextTurn();
      }
    });
    const folding = projections.map(async (name) => {
      for (let round = 0; isBusy; round += 1) {
        await foldNextBatch(opened().db, projectionRules[name], spaces[round % 2]!.shard, atMost(7));
        await nextTurn();
      }
    });
    await during().finally(() => {
      isBusy = false;
    });
    await Promise.all([...appending, ...folding]);
  };

  const rebuild = async (verify: boolean): Promise<ProjectionDifference[]> => {
    const differences: ProjectionDifference[] = [];
    for await (const step of opened().store.rebuild({ verify })) {
      if (step.type === 'report') differences.push(...step.report.differences);
    }
    return differences;
  };

  const expectEqual = async () => {
    for (const space of spaces) {
      await opened().fold(space);
      expect(await stored(opened().db, space.shard)).toEqual(await replayed(opened().db, space.shard));
    }
  };

  test('verifying finds no difference, for there is none', async () => {
    await traffic(async () => {
      for (let times = 0; times < 3; times += 1) expect(await rebuild(true)).toEqual([]);
    });
    await expectEqual();
  });

  test('a repair ends equal: what is appended and folded meanwhile is neither lost nor counted twice', async () => {
    for (let times = 0; times < 3; times += 1) {
      for (const { shard } of spaces) {
        await sql`update memory_state set phi = phi + 1 where shard = ${shard}`.execute(opened().db);
        await sql`delete from tier_changes where shard = ${shard}`.execute(opened().db);
        await sql`update associations set count = 99 where shard = ${shard}`.execute(opened().db);
      }
      await traffic(async () => {
        expect((await rebuild(false)).length).toBeGreaterThan(0);
      });
      expect(await rebuild(true)).toEqual([]);
    }
    await expectEqual();
  });
});
