import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';

const pgliteEntry = createRequire(import.meta.url).resolve('@electric-sql/pglite');

/**
 * Makes a new embedded database from a copy of an empty one that is kept in a cache: PostgreSQL's `initdb` takes
 * seconds here, a copy a fifth of a second. A folder that holds a database is left alone.
 *
 * @param dataDir where the database is to be
 * @param cacheDir what is in it can be made again, and is when it is not there
 */
export async function copyEmptyCluster(dataDir: string, cacheDir: string): Promise<void> {
  if (existsSync(dataDir)) return;
  const { version } = JSON.parse(await readFile(join(dirname(pgliteEntry), '..', 'package.json'), 'utf8'));
  const kept = join(cacheDir, `pglite-${version}`);
  if (!existsSync(kept)) await appear(kept, initialize);
  await appear(dataDir, (folder) => cp(kept, folder, { recursive: true }));
}

async function initialize(folder: string): Promise<void> {
  const pglite = await PGlite.create(folder);
  await pglite.close();
}

/** A folder that is there whole or not at all, whoever else makes it at the same time. */
async function appear(folder: string, make: (path: string) => Promise<void>): Promise<void> {
  const unfinished = `${folder}.${randomUUID()}`;
  await mkdir(dirname(folder), { recursive: true });
  try {
    await make(unfinished);
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}
