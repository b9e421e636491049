import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase } from '@anima/store/database';
import type { TargetOptions } from './target.ts';

/** Where a store can be opened, again and again. */
export interface Place {
  readonly databaseUrl: string | undefined;
  readonly folder?: string;
}

/** A database of its own on the server that was named, or a folder; gone with the stack. */
export async function ownPlace(
  stack: AsyncDisposableStack,
  { engine, databaseUrl }: Pick<TargetOptions, 'engine' | 'databaseUrl'>,
  purpose: string,
): Promise<Place> {
  if (engine === 'postgres') {
    if (!databaseUrl) throw new Error('--engine postgres needs --database-url or DATABASE_URL');
    return { databaseUrl: stack.use(await createDatabase(databaseUrl, purpose)).url };
  }
  const folder = await mkdtemp(join(tmpdir(), 'anima-bench-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  return { databaseUrl: undefined, folder: join(folder, purpose) };
}
