import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EmbeddingModel } from '@anima/core';
import { createDatabase } from '@anima/store/database';
import { type Measured, openMeasured } from '@anima/store/measured';
import type { Fix } from './fixes.ts';

/** The same data twice: as it is, and without indexes. */
export interface Databases {
  /** The one to measure a server on that does without these fixes. */
  of(without: ReadonlySet<Fix>): Measured;
  readonly all: readonly Measured[];
  /** One of each database: to fold and embed there. */
  readonly workers: readonly Measured[];
}

interface DatabaseOptions {
  /** A PostgreSQL on which databases of its own are made; without one, embedded folders are. */
  readonly databaseUrl: string | undefined;
  readonly model: EmbeddingModel;
  /** Gives the first database its data. */
  readonly fill: (measured: Measured) => Promise<void>;
}

const pools = { wide: 50, narrow: 20 };

/** Fills a database and copies it; both are gone with the stack. */
export async function openDatabases(
  stack: AsyncDisposableStack,
  { databaseUrl, model, fill }: DatabaseOptions,
): Promise<Databases> {
  const open = async (place: Place, poolMax: number, worker: boolean) => {
    const measured = await openMeasured({ ...place, poolMax, worker, model });
    stack.defer(() => measured.close());
    return measured;
  };
  const fillAt = async (place: Place) => {
    const measured = await openMeasured({ ...place, poolMax: pools.wide, worker: true, model });
    await fill(measured).finally(() => measured.close());
  };
  const places = databaseUrl ? await nativePlaces(stack, databaseUrl, fillAt) : await embeddedPlaces(stack, fillAt);
  const full = await open(places.full, pools.wide, true);
  const bare = await open(places.bare, pools.narrow, true);
  await dropIndexes(bare);
  // A folder has one process, and one connection.
  const narrow = databaseUrl ? await open(places.full, pools.narrow, false) : full;
  return {
    of: (without) => (without.has('indexes') ? bare : without.has('pool') ? narrow : full),
    all: [...new Set([full, bare, narrow])],
    workers: [full, bare],
  };
}

type Place = { readonly databaseUrl: string | undefined; readonly folder?: string };

async function nativePlaces(stack: AsyncDisposableStack, url: string, fillAt: (place: Place) => Promise<void>) {
  const full = stack.use(await createDatabase(url, 'ablation'));
  await fillAt({ databaseUrl: full.url });
  const bare = stack.use(await createDatabase(url, 'ablation_bare', full.name));
  return { full: { databaseUrl: full.url }, bare: { databaseUrl: bare.url } };
}

async function embeddedPlaces(stack: AsyncDisposableStack, fillAt: (place: Place) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), 'anima-bench-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const full = { databaseUrl: undefined, folder: join(folder, 'full') };
  const bare = { databaseUrl: undefined, folder: join(folder, 'bare') };
  await fillAt(full);
  await cp(full.folder, bare.folder, { recursive: true });
  return { full, bare };
}

/** Keys stay: they are what keeps the data right. */
async function dropIndexes({ run }: Measured): Promise<void> {
  const indexes = await run<{ name: string }>(
    `select i.indexrelid::regclass::text as name from pg_index i join pg_class c on c.oid = i.indexrelid
     where c.relnamespace = 'public'::regnamespace and not i.indisunique`,
  );
  for (const { name } of indexes) await run(`drop index ${name}`);
  await run('analyze');
}
