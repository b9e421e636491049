import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  bootstrap,
  bootstrapInput,
  historyInput,
  historyOf,
  logEventInput,
  logInput,
  projections,
  query,
  queryInput,
  readLog,
  readLogEvent,
  type Space,
  tierHistoryOf,
} from '@anima/core';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FolderPlace } from '../../src/archive/folder-place.ts';
import { turningTypes } from '../../src/schema/search-indexes.ts';
import { archiveNow, archiving, follow, live, rebuildNow, spaceToArchive } from '../archived-life.ts';
import { Opened, onOneServer } from '../engines.ts';
import { stored } from '../replay.ts';
import { importLines, linesOf } from '../space-files.ts';

onOneServer('the archive', (opened) => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'anima-archive-test-'));
    opened().archive = { ...archiving, place: new FolderPlace(folder) };
    await opened().reopen();
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const archive = (dryRun = false) => archiveNow(opened(), dryRun);
  const rebuild = (verify: boolean, full = false) => rebuildNow(opened(), { verify, full });
  const newSpace = (where = {}) => spaceToArchive(opened(), where);

  const inTable = async ({ shard }: Space) => {
    const { rows } = await sql<{ position: number; type: string }>`
      select position, type from events where shard = ${shard} order by position`.execute(opened().db);
    return rows;
  };

  /** All that a space says of its past, of what happened up to `head`. */
  const toldOf = async (space: Space, ids: readonly string[], recallIds: readonly string[], head: number) => {
    const { store, dependencies } = opened();
    const told: Record<string, unknown> = {};
    for (const memoryId of ids) {
      for (const descending of [false, true]) {
        const found: unknown[] = [];
        for (let cursor: string | undefined; ; ) {
          const page = await historyOf(
            store,
            historyInput.parse({ memoryId, space: space.id, descending, limit: 4, cursor }),
          );
          found.push(...page.events.filter(({ position }) => position <= head));
          if (page.next === null) break;
          cursor = page.next;
        }
        told[`story of ${memoryId} ${descending}`] = found;
      }
      const { changes } = await tierHistoryOf(store, historyInput.parse({ memoryId, space: space.id, limit: 100 }));
      told[`tiers of ${memoryId}`] = changes.filter(({ position }) => position <= head);
    }
    for (const filter of [
      {},
      { types: ['memory.cited'] },
      { memoryId: ids[0] },
      { conversationId: 'talk 1' },
      { types: ['memory.merged'] },
    ]) {
      const found: unknown[] = [];
      for (let cursor: number | undefined; ; ) {
        const page = await readLog(store, logInput.parse({ ...filter, space: space.id, limit: 5, cursor }));
        found.push(...page.events.filter(({ position }) => position <= head));
        if (page.next === null) break;
        cursor = page.next;
      }
      told[`log ${JSON.stringify(filter)}`] = found;
    }
    for (let position = 1; position <= head; position += 2) {
      told[`effects at ${position}`] = await readLogEvent(store, logEventInput.parse({ space: space.id, position }));
      const { event } = told[`effects at ${position}`] as { event: { at: string } };
      const moment = await store.findMoment(space, event.at);
      told[`the moment of ${position}`] = (await store.findMoment(space, position)).at === moment.at;
      if (position % 5 !== 0) continue;
      const asked = { space: space.id, query: 'gull', asOf: position, similarityThreshold: 0 };
      told[`query as of ${position}`] = (await query(dependencies, queryInput.parse(asked))).memories;
      told[`bootstrap as of ${position}`] = await bootstrap(
        dependencies,
        bootstrapInput.parse({ space: space.id, asOf: position }),
      );
    }
    for (const recallId of recallIds) told[`recall ${recallId}`] = await store.readReceipt(space, recallId);
    return told;
  };

  const exported = async (space: Space, { store } = opened()) => {
    const lines: string[] = [];
    for await (const step of store.exportSpace(space)) lines.push(...step.lines);
    return lines.filter((line) => line.includes('"kind":"event"'));
  };

  test('what was archived is told as before, of every memory, moment and recall; and the table is small', async () => {
    const space = await newSpace();
    const { ids, recallIds } = await live(opened(), space);
    const head = await opened().store.endOfLog(space);
    const before = await toldOf(space, ids, recallIds, head);
    const [file, projected] = [await exported(space), await stored(opened().db, space.shard)];
    expect(await archive(true)).toMatchObject({ dryRun: true, files: Math.floor((head - 3) / 7) });
    expect((await inTable(space)).length).toBe(head);

    const report = await archive();

    expect(report).toMatchObject({ dryRun: false, files: Math.floor((head - 3) / 7), events: 7 * report.files });
    const rest = await inTable(space);
    expect(rest.length).toBeLessThan(head / 2);
    const kept = rest.filter(({ position }) => position <= report.events).map(({ type }) => type);
    expect(kept).toEqual(
      expect.arrayContaining(['memory.merged', 'memory.unmerged', 'space.decayed', 'memory.tiered']),
    );
    expect(await toldOf(space, ids, recallIds, head)).toEqual(before);
    expect(await exported(space)).toEqual(file);
    expect(await stored(opened().db, space.shard)).toEqual(projected);
    expect(await rebuild(true)).toEqual([]);
    expect(await rebuild(true, true)).toEqual([]);

    // What is in files is still in the log: it cannot come in again beside itself.
    const again = importLines(opened(), await linesOf(opened(), space), opened().newName({ beside: space }));
    await expect(again).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('shares a log') });

    // An answer may still be cited that is in a file.
    await opened().store.cite(space, recallIds[1] ?? '', [ids[0] ?? '']);
    const sizes = await opened().store.logSizes();
    expect(sizes.archive).toMatchObject({ place: folder, files: report.files, events: report.events });
    expect(sizes.events - sizes.table.events).toBe(head - rest.length);
  }, 120_000);

  test('the log goes on: what comes later is archived behind it, and a rebuild mends from the snapshot', async () => {
    const space = await newSpace();
    await live(opened(), space);
    await archive();
    await live(opened(), space, 'again');
    await follow(opened(), space);
    expect(await rebuild(true)).toEqual([]);
    const past = () =>
      Promise.all(
        [10, 25, 45, 60].map((asOf) =>
          bootstrap(opened().dependencies, bootstrapInput.parse({ space: space.id, asOf })),
        ),
      );
    const before = await past();
    expect((await archive()).files).toBeGreaterThan(0);
    // Of the copies of states of what is archived, one is left.
    expect(await past()).toEqual(before);
    const { rows } = await sql<{ copies: number }>`
      select count(*)::int as copies from snapshots s where s.shard = ${space.shard}
        and s.position <= (select max(last) from log_segments g where g.shard = s.shard)`.execute(opened().db);
    expect(rows).toEqual([{ copies: 1 }]);
    await opened().add(space, 'gull 9');
    const { shard } = space;
    const projected = await stored(opened().db, shard);
    await sql`update memory_state set phi = phi + 1 where shard = ${shard}`.execute(opened().db);
    await sql`delete from associations where shard = ${shard}`.execute(opened().db);
    await expect(rebuild(true, true)).resolves.not.toEqual([]);
    await rebuild(false);
    expect(await stored(opened().db, shard)).toEqual(projected);
    expect(await rebuild(true, true)).toEqual([]);
  }, 120_000);

  test('rows that differ from a replay stop it before anything is moved', async () => {
    const space = await newSpace();
    await live(opened(), space);
    await sql`update memory_state set phi = phi + 1 where shard = ${space.shard}`.execute(opened().db);
    await expect(archive()).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('differ') });
    expect((await inTable(space)).length).toBe(await opened().store.endOfLog(space));
    await rebuild(false);
    expect((await archive()).files).toBeGreaterThan(0);
  });

  test('an event leaves the table in no other way, and none that its file does not have', async () => {
    const space = await newSpace();
    await live(opened(), space);
    const { db } = opened();
    const { shard } = space;
    const refused = { message: expect.stringContaining('append-only') };
    await expect(sql`delete from events where shard = ${shard}`.execute(db)).rejects.toMatchObject(refused);
    await sql`
      insert into log_segments (shard, first, last, file, events, bytes, sha256, named)
      values (${shard}, 1, 7, 'nowhere', 7, 1, sha256('something else'), '')`.execute(db);
    await expect(sql`delete from events where shard = ${shard} and position = 1`.execute(db)).rejects.toMatchObject(
      refused,
    );
    const release = () => sql`select release_log_segment(${shard}::smallint, 1)`.execute(db);
    await expect(release()).rejects.toMatchObject({ message: expect.stringContaining('not covered') });
    for (const projection of projections) {
      await sql`insert into log_bases (shard, projection, position, rules_version, file, rows, bytes, sha256)
        values (${shard}, ${projection}, 7, 1, 'nowhere', 0, 0, '')`.execute(db);
    }
    await expect(release()).rejects.toMatchObject({ message: expect.stringContaining('not what the log says') });
    await sql`delete from log_bases where shard = ${shard}`.execute(db);
    await sql`delete from log_segments where shard = ${shard}`.execute(db);
    await archive();
    await expect(
      sql`update events set payload = '{}' where shard = ${shard} and position = 1`.execute(db),
    ).resolves.toMatchObject({ numAffectedRows: 0n });
    await expect(sql`delete from events where shard = ${shard}`.execute(db)).rejects.toMatchObject(refused);
  });

  test('what stays in the table is what the migration says and what reads it expects', async () => {
    const { rows } = await sql<{ text: string }>`
      select prosrc as text from pg_proc where proname = 'release_log_segment'`.execute(opened().db);
    const listed = [...(rows[0]?.text ?? '').matchAll(/'((?:memory|space)\.\w+)'/g)].map(([, type]) => type);
    expect(new Set(listed)).toEqual(new Set(turningTypes));
  });

  test('a damaged file is never taken for the log', async () => {
    const space = await newSpace();
    await live(opened(), space);
    await archive();
    const names = (await readdir(folder, { recursive: true })).filter((name) =>
      name.includes(`shard-${String(space.shard).padStart(2, '0')}/000000000001`),
    );
    const path = join(folder, names[0] ?? '');
    const whole = await readFile(path);
    for (const damaged of [whole.subarray(0, whole.length / 2), Buffer.alloc(0), Buffer.from(whole).fill(0, 40, 60)]) {
      await writeFile(path, damaged);
      await expect(exported(space)).rejects.toThrow('is not what was written');
    }
    await rm(path);
    await expect(exported(space)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await writeFile(path, whole);
    expect((await exported(space)).length).toBe(await opened().store.endOfLog(space));
  });

  test('what a space does not keep any longer is gone, and said so; its states and its neighbours stay', async () => {
    const space = await newSpace();
    const beside = await newSpace({ beside: space });
    const { ids } = await live(opened(), space, 'here');
    await live(opened(), beside, 'there');
    await live(opened(), space, 'later');
    await archive();
    const projected = await stored(opened().db, space.shard);
    const kept = await exported(beside);
    await opened().store.configure(space, { archiveRetentionDays: 1 }, undefined);
    await sql`update log_segment_spaces set recorded_until = now() - interval '2 days'
      where space_id = ${space.id} and first < 36`.execute(opened().db);

    expect((await archive(true)).forgotten).toBeGreaterThan(20);
    expect((await archive()).forgotten).toBeGreaterThan(20);

    expect(await stored(opened().db, space.shard)).toEqual(projected);
    await opened().fold(space);
    expect(await rebuild(true)).toEqual([]);
    expect(await rebuild(false)).toEqual([]);
    await expect(rebuild(true, true)).rejects.toMatchObject({ code: 'ARCHIVED' });
    expect(await exported(beside)).toEqual(kept);
    await expect(exported(space)).rejects.toMatchObject({ code: 'ARCHIVED' });
    const asked = { space: space.id, query: 'gull', asOf: 20 };
    await expect(query(opened().dependencies, queryInput.parse(asked))).rejects.toMatchObject({ code: 'ARCHIVED' });
    const page = historyInput.parse({ memoryId: ids[0], space: space.id, limit: 100 });
    const { events } = await historyOf(opened().store, page);
    expect(events.length).toBeGreaterThan(3);
    expect(Math.min(...events.map(({ position }) => position))).toBeGreaterThan(20);
    expect((await archive()).forgotten).toBe(0);
  }, 120_000);

  test('a restored backup reads the same files, and never removes them', async () => {
    const space = await newSpace();
    await live(opened(), space);
    await archive();
    const [told, text] = [await exported(space), [] as string[]];
    for await (const piece of opened().store.backup()) text.push(piece);
    const other = await Opened.open(opened().kind);
    try {
      other.archive = opened().archive;
      await other.store.restoreBackup(backupLines(text.join('')));
      await other.reopen();
      expect(await exported(space, other)).toEqual(told);
      await follow(other, space);
      expect(await rebuildNow(other, { verify: true })).toEqual([]);
      await other.store.configure(space, { archiveRetentionDays: 1 }, undefined);
      await sql`update log_segment_spaces set recorded_until = now() - interval '2 days'`.execute(other.db);
      expect((await archiveNow(other)).forgotten).toBeGreaterThan(10);
      await archiveNow(other);
      await expect(exported(space, other)).rejects.toMatchObject({ code: 'ARCHIVED' });
      expect(await exported(space)).toEqual(told);
    } finally {
      await other.close();
    }
  }, 60_000);

  test('events wait for what still reads them', async () => {
    const space = await newSpace();
    await live(opened(), space);
    await sql`update fold_checkpoints set position = 3 where shard = ${space.shard} and projection = 'lexemes'`.execute(
      opened().db,
    );
    expect(await archive(true)).toMatchObject({ held: { folding: 1 } });
    await follow(opened(), space);
    await sql`
      insert into receipts (shard, space_id, recall_id, position, state_position, profile, hits, created_at)
      values (${space.shard}, ${space.id}, gen_random_uuid(), 5, 1, 'hybrid', '[]', now())`.execute(opened().db);
    expect(await archive(true)).toMatchObject({ held: { receipts: 1, folding: 0 } });
    await sql`delete from receipts`.execute(opened().db);
    expect(await archive()).toMatchObject({ held: { receipts: 0 } });
  });

  test('a server that does not know the place says so, with a code', async () => {
    const space = await newSpace();
    const { ids } = await live(opened(), space);
    await archive();
    const known = opened().archive;
    opened().archive = undefined;
    await opened().reopen();
    try {
      const refused = { code: 'ARCHIVED', message: expect.stringContaining('LOG_ARCHIVE_URL') };
      const page = historyInput.parse({ memoryId: ids[0], space: space.id });
      await expect(historyOf(opened().store, page)).rejects.toMatchObject(refused);
      await expect(exported(space)).rejects.toMatchObject(refused);
      await expect(rebuild(true, true)).rejects.toMatchObject(refused);
      await expect(archive()).rejects.toMatchObject({ code: 'CONFLICT' });
      expect((await opened().query(space, 'gull')).memories.length).toBeGreaterThan(0);
    } finally {
      opened().archive = known;
      await opened().reopen();
    }
  });
});

async function* backupLines(text: string): AsyncGenerator<string> {
  yield* text.trimEnd().split('\n');
}
