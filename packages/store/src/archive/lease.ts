import { randomUUID } from 'node:crypto';
import { AnimaError } from '@anima/core';
import { sql } from 'kysely';
import type { Database } from '../engine/engine.ts';

/** How long a run that says nothing is taken to be alive. */
const leaseTime = '10 minutes';

/** The right to archive, which one run of all processes has. Two would do the same work, and no harm. */
export class ArchiveLease {
  readonly #db: Database;
  readonly #holder = randomUUID();

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Takes it, or keeps it.
   *
   * @returns under which name this database writes its files
   * @throws AnimaError `CONFLICT` when another run has it
   */
  async hold(): Promise<string> {
    const { rows } = await sql<{ writer: string }>`
      update log_archive set leased_by = ${this.#holder}, leased_until = clock_timestamp() + ${leaseTime}::interval
      where leased_by is null or leased_by = ${this.#holder} or leased_until < clock_timestamp()
      returning writer`.execute(this.#db);
    const [row] = rows;
    if (!row)
      throw new AnimaError(
        'CONFLICT',
        'the log is being archived already: by this process or another, or by one that was killed within ten minutes',
      );
    return row.writer;
  }

  async release(): Promise<void> {
    await sql`update log_archive set leased_by = null, leased_until = null where leased_by = ${this.#holder}`.execute(
      this.#db,
    );
  }
}
