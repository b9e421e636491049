import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { copyEmptyCluster } from '../src/engine/new-cluster.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'anima-store-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('databases made at once start from one empty database that is kept, and keep what they hold', async () => {
  const [cache, one, other] = [join(folder, 'cache'), join(folder, 'one'), join(folder, 'other')];
  await Promise.all([copyEmptyCluster(one, cache), copyEmptyCluster(other, cache)]);
  expect(await readdir(cache)).toEqual([expect.stringMatching(/^pglite-\d/)]);

  const first = await PGlite.create(one);
  await first.exec('create table kept (id int)');
  await first.close();
  await copyEmptyCluster(one, cache);
  for (const [dataDir, tables] of [[one, 1] as const, [other, 0] as const]) {
    const opened = await PGlite.create(dataDir);
    const { rows } = await opened.query(`select * from pg_tables where tablename = 'kept'`);
    await opened.close();
    expect(rows).toHaveLength(tables);
  }
  expect((await readdir(folder)).toSorted()).toEqual(['cache', 'one', 'other']);
});
