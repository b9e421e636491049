import type { Log } from '@anima/core';
import { sql } from 'kysely';
import type { Database } from './engine.ts';

const intervalMs = 5_000;
/** Autovacuum's own defaults: a share of the table, and a floor that small tables must reach. */
const scaleFactor = 0.2;
const analyzeFloor = 500;
const vacuumFloor = 2_000;

/**
 * Does what autovacuum does on a server and never does inside PGlite: ANALYZE a table once it has
 * grown enough that its plans may be wrong, VACUUM it once enough of it is dead.
 *
 * @returns a function that stops it, once a run in progress is done
 */
export function startVacuuming(db: Database, log: Log): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    running = running
      .then(() => vacuumWhatNeedsIt(db))
      .catch((error: unknown) => log.error({ err: error }, 'vacuum failed'));
  }, intervalMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}

async function vacuumWhatNeedsIt(db: Database): Promise<void> {
  const { rows } = await sql<{ table: string; dead: boolean }>`
    select format('%I.%I', s.schemaname, s.relname) as "table",
      n_dead_tup > ${vacuumFloor}::float8 + ${scaleFactor}::float8 * n_live_tup as dead
    from pg_stat_user_tables s join pg_class c on c.oid = s.relid
    where n_dead_tup > ${vacuumFloor}::float8 + ${scaleFactor}::float8 * n_live_tup
      or n_mod_since_analyze > ${analyzeFloor}::float8 + ${scaleFactor}::float8 * greatest(c.reltuples, 0)`.execute(db);
  for (const { table, dead } of rows) {
    await sql`${sql.raw(dead ? 'vacuum analyze' : 'analyze')} ${sql.raw(table)}`.execute(db);
  }
}
