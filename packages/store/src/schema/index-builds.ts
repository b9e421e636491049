import type { Log } from '@anima/core';
import { sql } from 'kysely';
import type { Database } from '../engine/engine.ts';

/** How often it is said how far a build is, ms. */
const everyMs = 10_000;

/** An index that some process is building now. */
export interface IndexBuild {
  readonly name: string;
  /** As PostgreSQL names it, such as `building index: loading tuples`. */
  readonly phase: string;
  /** Of the phase, 0 to 1; null where PostgreSQL does not say. */
  readonly share: number | null;
}

/** The builds that are under way in this database, as PostgreSQL reports them. */
export async function readIndexBuilds(db: Database): Promise<readonly IndexBuild[]> {
  const { rows } = await sql<IndexBuild>`
    select c.relname as name, p.phase,
      coalesce(p.blocks_done::float8 / nullif(p.blocks_total, 0), p.tuples_done::float8 / nullif(p.tuples_total, 0)) as share
    from pg_stat_progress_create_index p join pg_class c on c.oid = p.index_relid
    where p.datname = current_database()`.execute(db);
  return rows;
}

/** As in `vectors_1_hnsw: building index: loading tuples, 43 %`. */
export function inWords({ name, phase, share }: IndexBuild): string {
  return `${name}: ${phase}${share === null ? '' : `, ${Math.round(100 * share)} %`}`;
}

/** Says how far the builds are for as long as `build` takes. */
export async function tellingProgress<T>(db: Database, log: Log, build: () => Promise<T>): Promise<T> {
  const tell = async () => {
    for (const one of await readIndexBuilds(db)) log.info({ ...one }, `building an index: ${inWords(one)}`);
  };
  const timer = setInterval(() => {
    tell().catch((error: unknown) => log.warn({ err: error }, 'how far the indexes are could not be read'));
  }, everyMs);
  try {
    return await build();
  } finally {
    clearInterval(timer);
  }
}
