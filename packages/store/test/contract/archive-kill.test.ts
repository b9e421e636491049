import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Space } from '@anima/core';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FolderPlace } from '../../src/archive/folder-place.ts';
import { LogArchive } from '../../src/archive/log-archive.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { archiving, live, rebuildNow, spaceToArchive } from '../archived-life.ts';
import { onOneServer } from '../engines.ts';
import { stored } from '../replay.ts';

const archivingProcess = fileURLToPath(import.meta.resolve('../processes/archive-log.ts'));

type End = readonly [kind: string, count: number];

/** What a run is doing when it is killed, in the order of a run; each goes on from what the one before has left. */
const ends: Record<Engine['kind'], readonly End[]> = {
  postgres: [
    ['place.put', 1],
    ['place.was put', 1],
    ['insert into log_bases', 2],
    ['place.get', 2],
    ['insert into log_segments', 1],
    ['insert into log_segment_spaces', 2],
    ['release_log_segment', 1],
    ['step releasing', 2],
  ],
  // It takes seconds to open.
  pglite: [
    ['insert into log_segment_spaces', 2],
    ['step releasing', 2],
  ],
};

/** The same where a space does not keep its events any longer. */
const endsOfForgetting: Record<Engine['kind'], readonly End[]> = {
  postgres: [
    ['place.was put', 1],
    ['update log_segments set file', 1],
    ['update log_segment_spaces', 2],
    ['place.remove', 1],
  ],
  pglite: [['update log_segment_spaces', 2]],
};

onOneServer('a process that is killed while it archives', (opened) => {
  let folder: string;
  let archive: LogArchive;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'anima-archive-test-'));
    const place = new FolderPlace(folder);
    archive = new LogArchive(place);
    opened().archive = { ...archiving, place };
    await opened().reopen();
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Runs it to its end, or to where it is killed. */
  const run = (kind = '', count = 0) =>
    opened().leaveTo(async (where) => {
      const isServer = String(opened().databaseUrl !== undefined);
      const child = spawn(process.execPath, [archivingProcess, where, isServer, folder, kind, String(count)], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
      const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
      return { signal, said };
    });

  /** Whoever was killed does not give back what it held; it would run out. */
  const forgetLease = () => sql`update log_archive set leased_by = null`.execute(opened().db);

  /** Every event of a shard, as it is read: from files, and behind them from the table. */
  const wholeLog = async ({ shard }: Space) => {
    const { db } = opened();
    const floor = await archive.floor(db, shard);
    const lines: string[] = [];
    for await (const events of archive.read(db, shard, { after: 0, upTo: floor })) {
      lines.push(...events.map(({ text }) => text));
    }
    const { rows } = await sql<{ line: string }>`
      select line from log_lines(${shard}::smallint, ${floor + 1}::bigint, ${2 ** 40}::bigint)`.execute(db);
    return [...lines, ...rows.map(({ line }) => line)];
  };

  test('loses no event and doubles none, wherever that is', async () => {
    const space = await spaceToArchive(opened());
    await live(opened(), space);
    const [log, projected] = [await wholeLog(space), await stored(opened().db, space.shard)];
    expect(log.length).toBeGreaterThan(30);
    for (const [kind, count] of ends[opened().engine.kind]) {
      expect(await run(kind, count), kind).toEqual({ signal: 'SIGKILL', said: '' });
      await forgetLease();
      expect(await wholeLog(space), kind).toEqual(log);
    }
    expect(await run()).toEqual({ signal: null, said: '' });
    expect(await wholeLog(space)).toEqual(log);
    const { rows } = await sql<{ left: number }>`
      select count(*)::int as left from events where shard = ${space.shard}`.execute(opened().db);
    expect(rows[0]?.left).toBeLessThan(log.length / 2);
    expect(await rebuildNow(opened(), { verify: true, full: true })).toEqual([]);
    expect(await stored(opened().db, space.shard)).toEqual(projected);

    const beside = log.filter((line) => !line.includes(`"space_id":"${space.id}"`));
    await opened().store.configure(space, { archiveRetentionDays: 1 }, undefined);
    await sql`update log_segment_spaces set recorded_until = now() - interval '2 days' where first < 16`.execute(
      opened().db,
    );
    for (const [kind, count] of endsOfForgetting[opened().engine.kind]) {
      expect(await run(kind, count), kind).toEqual({ signal: 'SIGKILL', said: '' });
      await forgetLease();
      const now = await wholeLog(space);
      expect(now.filter((line) => !log.includes(line)).length, kind).toBe(1); // how the space was configured
      expect(beside.every((line) => now.includes(line))).toBe(true);
    }
    expect(await run()).toEqual({ signal: null, said: '' });
    expect((await wholeLog(space)).length).toBe(log.length + 1 - 21);
    await opened().fold(space);
    expect(await rebuildNow(opened(), { verify: true })).toEqual([]);
  }, 120_000);
});
