import { sql } from 'kysely';
import type { Database, Engine } from '../src/engine/engine.ts';

/** What Citus would be asked, in that order. */
export interface Asked {
  readonly name: string;
  readonly by: string | null;
  readonly beside: string | null;
  /** What the table referred to, and what referred to it, at that moment. */
  readonly refers: number;
  readonly unsafe: string;
}

const statements = [
  'create schema fake_citus',
  // By the names and columns of Citus's own catalog and functions.
  'create table fake_citus.pg_dist_partition (logicalrelid regclass primary key)',
  `create table fake_citus.asked (
     n integer generated always as identity, name text, by text, beside text, refers integer, unsafe text)`,
  `create function fake_citus.place(of regclass, by text, beside text) returns void language sql as $$
     insert into fake_citus.asked (name, by, beside, refers, unsafe)
       select of::text, by, beside,
         (select count(*) from pg_constraint f where f.contype = 'f' and of in (f.conrelid, f.confrelid)),
         current_setting('citus.enable_unsafe_triggers', true);
     insert into fake_citus.pg_dist_partition values (of) $$`,
  `create function fake_citus.create_reference_table(of regclass) returns void language sql as $$
     select fake_citus.place(of, null, null) $$`,
  `create function fake_citus.create_distributed_table(
     of regclass, by text, colocate_with text, shard_count integer default null) returns void language sql as $$
     select fake_citus.place(of, by, colocate_with) $$`,
];

/**
 * Makes an engine look like the coordinator of a cluster, as far as the placing of tables goes: the functions are
 * there, and write down how they were called. Nothing is distributed.
 */
export async function pretendCitus(engine: Engine): Promise<Engine> {
  for (const statement of statements) await sql.raw(statement).execute(engine.db);
  const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(engine.db);
  for (const session of [
    'set search_path = public, fake_citus',
    `alter database "${rows[0]!.name}" set search_path = public, fake_citus`,
  ]) {
    await sql.raw(session).execute(engine.db);
  }
  return { ...engine, isDistributed: true };
}

export async function readAsked(db: Database): Promise<readonly Asked[]> {
  const { rows } = await sql<Asked>`select name, by, beside, refers, unsafe from fake_citus.asked order by n`.execute(
    db,
  );
  return rows;
}
