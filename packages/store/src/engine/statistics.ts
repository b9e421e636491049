import type { Log } from '@anima/core';
import { type RawBuilder, sql } from 'kysely';
import type { Database } from './engine.ts';

const intervalMs = 5_000;

/** Rows that must have changed before a small table is worth a look. */
const analyzeFloor = 250;
const vacuumFloor = 2_000;

/** Share of a table that must have changed or died: autovacuum's own default. */
const scaleFactor = 0.2;

/** On a server autovacuum follows growth too, but a minute late: until then a table ten times the size has old plans. */
const serverGrowth = 1;

/**
 * Keeps the planner's statistics in step with growth: without them an index that shares only its
 * first columns with a look-up gets chosen, and the look-up reads the whole space. On the embedded
 * engine, where autovacuum never runs, dead rows are vacuumed too.
 *
 * @returns a function that stops it, once a run in progress is done
 */
export function keepStatistics(
  db: Database,
  log: Log,
  { autovacuum }: { readonly autovacuum: boolean },
): () => Promise<void> {
  const work = autovacuum ? () => analyzeGrown(db) : () => vacuumOrAnalyze(db);
  let running: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    running = running.then(work).catch((error: unknown) => log.error({ err: error }, 'analyzing tables failed'));
  }, intervalMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}

async function analyzeGrown(db: Database): Promise<void> {
  for (const table of await tablesWhere(db, sql`s.schemaname = 'public' and ${changed(serverGrowth)}`)) {
    // One that waited for an index to be built concurrently, which waits for all that run, would be a deadlock.
    await sql`analyze (skip_locked) ${sql.raw(table)}`.execute(db);
  }
}

async function vacuumOrAnalyze(db: Database): Promise<void> {
  const dead = sql`n_dead_tup > ${sql.lit(vacuumFloor)} + ${sql.lit(scaleFactor)} * n_live_tup`;
  for (const table of await tablesWhere(db, dead)) await sql`vacuum analyze ${sql.raw(table)}`.execute(db);
  for (const table of await tablesWhere(db, changed(scaleFactor))) await sql`analyze ${sql.raw(table)}`.execute(db);
}

function changed(share: number): RawBuilder<unknown> {
  return sql`n_mod_since_analyze > ${sql.lit(analyzeFloor)} + ${sql.lit(share)} * greatest(c.reltuples, 0)`;
}

async function tablesWhere(db: Database, condition: RawBuilder<unknown>): Promise<readonly string[]> {
  const { rows } = await sql<{ table: string }>`
    select format('%I.%I', s.schemaname, s.relname) as "table"
    from pg_stat_user_tables s join pg_class c on c.oid = s.relid where ${condition}`.execute(db);
  return rows.map(({ table }) => table);
}
