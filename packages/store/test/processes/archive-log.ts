// A process that archives the log, and is killed where it is told: at the n-th call of the place or statement of a kind.
import { AnimaError } from '@anima/core';
import type { KyselyPlugin } from 'kysely';
import { archiveLog } from '../../src/archive/archive-log.ts';
import { FolderPlace } from '../../src/archive/folder-place.ts';
import { LogArchive } from '../../src/archive/log-archive.ts';
import type { ArchivePlace } from '../../src/archive/place.ts';
import type { Database } from '../../src/engine/engine.ts';
import { openPglite } from '../../src/engine/pglite.ts';
import { openPostgres } from '../../src/engine/postgres.ts';

const [where = '', isServer = '', folder = '', kind = '', count = ''] = process.argv.slice(2);
const log = { debug: () => {}, info: () => {}, warn: () => {}, error: console.error };
const engine =
  isServer === 'true'
    ? await openPostgres({ databaseUrl: where, poolMax: 2, worker: false, log })
    : await openPglite({ folder: where, worker: false, log });

let left = Number(count);
function dieAt(what: string): void {
  if (kind === '' || !what.includes(kind)) return;
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
}

class DyingPlace extends FolderPlace implements ArchivePlace {
  override async put(name: string, path: string): Promise<void> {
    dieAt('place.put');
    await super.put(name, path);
    dieAt('place.was put');
  }
  override get(name: string): Promise<AsyncIterable<Uint8Array>> {
    dieAt('place.get');
    return super.get(name);
  }
  override async remove(name: string): Promise<void> {
    dieAt('place.remove');
    await super.remove(name);
  }
}

/** Sees every statement before it is sent, also those of transactions. */
const dying: KyselyPlugin = {
  transformQuery: ({ node }) => {
    dieAt(JSON.stringify(node));
    return node;
  },
  transformResult: async ({ result }) => result,
};
const db = engine.db.withPlugin(dying) as Database;
const archive = new LogArchive(new DyingPlace(folder));
const rules = { keepDays: 0, keepEvents: 3, segmentEvents: 7, settleMs: 0 };
try {
  for await (const step of archiveLog({ ...engine, db }, archive, rules, { dryRun: false })) {
    dieAt(step.type === 'progress' ? `step ${step.progress.stage}` : 'report');
  }
  await engine.close();
} catch (error) {
  if (!(error instanceof AnimaError)) throw error;
  process.stderr.write(`${error.code}: ${error.message}`);
  process.exitCode = 1;
}
