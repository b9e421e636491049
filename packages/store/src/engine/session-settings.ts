import { sql } from 'kysely';
import type { Database, Engine } from './engine.ts';

/**
 * Settings of every session. Without iterative scans a filter cuts HNSW's answer short (9.7 of 20
 * rows at 10 %); at the default random_page_cost a sequential scan looks cheaper than the index.
 */
const ofStatements = {
  'hnsw.iterative_scan': 'relaxed_order',
  'hnsw.ef_search': '100',
  random_page_cost: '1.1',
  jit: 'off',
  timezone: 'UTC',
} as const;

const settings = {
  ...ofStatements,
  // Longer than any statement of ours but the build of an index: what takes longer has gone wrong.
  statement_timeout: '10min',
  // Who hangs in a transaction, or whose machine is gone, keeps its shards from others no longer than this.
  idle_in_transaction_session_timeout: '15s',
} as const;

/** As a connection asks for them at its start, where nothing stands between it and the server. */
export const startupOptions = Object.entries(settings)
  .map(([name, value]) => `-c ${name}=${value}`)
  .join(' ');

/** Held while they are written, so that processes that start together do it one after the other. */
const settingsLock = 7_100_003;

/**
 * Makes them those of this login in this database, for sessions that a pooler opens: it passes on nothing of what a
 * connection asks for. Only what differs is written. A standby has them too.
 *
 * @param direct without a pooler, as the same login
 */
export function keepSessionSettings(direct: Database): Promise<void> {
  return keep(direct, settings);
}

/**
 * Makes those that a plan depends on the login's on every node: Citus opens sessions of its own there, and hands on what
 * a role is set to, not what a connection asked for. The others stay with the coordinator, which ends what takes too
 * long: on nodes they would end the move of a shard.
 */
export async function keepNodeSettings({ db, log }: Engine): Promise<void> {
  await keep(db, ofStatements).catch((error: unknown) =>
    log.warn({ err: error }, 'sessions on the nodes lack settings: "anima doctor" says which'),
  );
}

/** A statement for a node of its own, that gives the names of settings which a plan depends on and its session lacks. */
export const missingOnNode = `
  select coalesce(string_agg(name, ', '), '')
  from json_each_text('${JSON.stringify(ofStatements)}') as w(name, value)
  where current_setting(name, true) is distinct from value`;

async function keep(direct: Database, these: Readonly<Record<string, string>>): Promise<void> {
  const wanted = JSON.stringify(Object.entries(these).map(([name, value]) => ({ name, value })));
  await sql
    .raw(
      `do $$
      declare
        each record;
      begin
        perform pg_advisory_xact_lock(${settingsLock});
        perform '[1]'::vector; -- until its library is loaded, only a superuser may set what it has
        for each in
          select name, value from json_to_recordset('${wanted}') as w(name text, value text)
          where not exists (
            select from pg_db_role_setting s, unnest(s.setconfig) as kept
            where s.setrole = (select oid from pg_roles where rolname = current_user)
              and s.setdatabase = (select oid from pg_database where datname = current_database())
              and lower(kept) = lower(w.name || '=' || w.value))
        loop
          execute format('alter role %I in database %I set %s = %L', current_user, current_database(), each.name, each.value);
        end loop;
      end $$`,
    )
    .execute(direct);
}

/** Settings that a session does not have, as `name=value`. */
export async function missingSessionSettings(db: Database): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string; is: string | null }>`
    select name, current_setting(name, true) as "is" from unnest(${Object.keys(settings)}::text[]) as name`.execute(db);
  const has = new Map(rows.map((row) => [row.name, row.is]));
  return Object.entries(settings).flatMap(([name, value]) => (has.get(name) === value ? [] : [`${name}=${value}`]));
}
