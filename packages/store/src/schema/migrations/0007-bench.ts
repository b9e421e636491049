import { type Kysely, sql } from 'kysely';

/** Runs of the bench that a server was told of: few, of the server and of no space. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // json, not jsonb: settings and versions are shown in the order in which they were said. Ids are in the order of time.
  `create table bench_runs (
     id uuid primary key,
     bench text collate "C" not null,
     summary json not null,
     blocks json not null)`,

  'create index bench_runs_bench on bench_runs (bench, id)',
];
