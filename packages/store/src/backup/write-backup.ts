import { createHash } from 'node:crypto';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { type Database, type Engine, inTransaction } from '../engine/engine.ts';
import { appliedMigrations, backedUpTables } from './tables.ts';

/** What a backup's first line says. */
export interface BackupHeader {
  readonly format: 'anima-backup';
  readonly version: 1;
  readonly at: string;
  /** Those of the schema: a backup belongs to the version that made it. */
  readonly migrations: readonly string[];
}

/** What its last line says of the lines before. */
export interface BackupTrailer {
  readonly trailer: true;
  readonly tables: number;
  readonly rows: number;
  readonly sha256: string;
}

/** Rows of one line. */
const rowsOfLine = 200;

/**
 * Every table as of one moment. It is written to a temporary file first, at the speed of the database: a snapshot must
 * not wait for whoever reads.
 */
export async function* writeBackup({ db, isDistributed }: Engine): AsyncGenerator<string> {
  const spool = await openUnnamed();
  try {
    await inTransaction(
      db,
      async (trx) => {
        // A connection has a moment of its own: with one to each node, a shard is of one moment, whole.
        if (isDistributed) await sql`set local citus.max_adaptive_executor_pool_size = 1`.execute(trx);
        await writeAll(trx, spool);
      },
      { repeatableRead: true },
    );
    const pieces = spool.createReadStream({ start: 0, autoClose: false, encoding: 'utf8', highWaterMark: 256 * 1024 });
    for await (const piece of pieces) yield piece as string;
  } finally {
    await spool.close();
  }
}

async function writeAll(trx: Database, spool: FileHandle): Promise<void> {
  const hash = createHash('sha256');
  const write = async (line: string) => {
    hash.update(line);
    await spool.appendFile(line);
  };
  const { rows } = await sql<{ at: string }>`select to_json(now())#>>'{}' as at`.execute(trx);
  const migrations = await appliedMigrations(trx);
  const header: BackupHeader = { format: 'anima-backup', version: 1, at: rows[0]?.at ?? '', migrations };
  await write(`${JSON.stringify(header)}\n`);
  const tables = await backedUpTables(trx);
  let written = 0;
  for (const table of tables) {
    await sql`declare backed_up no scroll cursor for select row_to_json(t)::text as row from ${sql.table(table)} t
      /* across shards: a backup is of all */`.execute(trx);
    for (;;) {
      const fetched = await sql<{ row: string }>`fetch ${sql.lit(rowsOfLine)} from backed_up`.execute(trx);
      if (fetched.rows.length === 0) break;
      // Never read as JSON here: a number keeps every digit that the database gave it.
      await write(`${table}\t[${fetched.rows.map(({ row }) => row).join(',')}]\n`);
      written += fetched.rows.length;
    }
    await sql`close backed_up`.execute(trx);
  }
  const trailer: BackupTrailer = { trailer: true, tables: tables.length, rows: written, sha256: hash.digest('hex') };
  await spool.appendFile(`${JSON.stringify(trailer)}\n`);
}

/** A file that nobody else can open, and of which nothing stays. */
async function openUnnamed(): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), 'anima-backup-'));
  try {
    return await open(join(folder, 'backup'), 'ax+', 0o600);
  } finally {
    await rm(folder, { recursive: true });
  }
}
