import { AnimaError } from '@anima/core';
import { sql } from 'kysely';
import { type Database, inTransaction } from '../engine/engine.ts';

/** How long one statement of these reads may take, ms: all of a million pairs take about one second. */
const longestMs = 10_000;

/** The SQLSTATE of a statement that was cancelled, here by its time-out. */
const cancelled = '57014';

/**
 * Reads of associations, whose cost grows with the space: all of one moment, each statement within its time (on a
 * server; nothing can interrupt the embedded engine).
 *
 * @throws AnimaError `OVERLOADED` when a statement takes longer
 */
export async function withinTime<T>(
  db: Database,
  read: (trx: Database) => Promise<T>,
  timeoutMs: number = longestMs,
): Promise<T> {
  try {
    return await inTransaction(
      db,
      async (trx) => {
        await sql`set local statement_timeout = ${sql.lit(timeoutMs)}`.execute(trx);
        return read(trx);
      },
      { repeatableRead: true },
    );
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== cancelled) throw error;
    throw new AnimaError(
      'OVERLOADED',
      `these associations took longer to read than ${timeoutMs / 1_000} s: ask for less`,
      {
        cause: error,
      },
    );
  }
}
