import { sql } from 'kysely';
import { type Database, inTransaction } from '../engine/engine.ts';
import { distributionColumn, placeOf } from './placement.ts';

/** The table that all others are beside: the first of them to be distributed. */
const anchor = 'shard_heads';

/**
 * Parts that Citus can put on different nodes. It puts a shard into one of them by a hash, and of the 64 shards that
 * leaves 39 of 64 parts in use, the fullest with 4 shards; of 32 parts 30 are, the fullest with 5.
 */
const parts = 64;

/** Held while tables are placed, so that processes that start together do it one after the other. */
const placeLock = 7_100_004;

/**
 * Gives every table its place on the nodes, where it has none yet: what migrations have just made, or a database that
 * was one server's until now. Rows that are there move along.
 *
 * Each table is a transaction, and those that refer to one another are one: a start that is interrupted goes on with
 * the next one's.
 */
export async function distributeTables(db: Database): Promise<void> {
  for (let group = await nextGroup(db); group !== undefined; group = await nextGroup(db)) {
    await inTransaction(db, async (trx) => {
      await sql`select pg_advisory_xact_lock(${placeLock})`.execute(trx);
      // Another process may have been at it while this one waited.
      const tables = await nextGroup(trx);
      if (tables) await placeGroup(trx, tables);
    });
  }
}

/** Distributes a table that was just made, by its shard, beside all others. */
export async function distributeBeside(trx: Database, table: string): Promise<void> {
  if (await isPlaced(trx, table)) return;
  await allowTriggers(trx);
  await oneNodeAfterTheOther(trx);
  await distribute(trx, table);
}

/** Tables that belong on the nodes and are not there. */
export async function unplacedTables(db: Database): Promise<readonly string[]> {
  return (await readUnplaced(db)).map(({ name }) => name);
}

async function readUnplaced(db: Database): Promise<readonly { readonly name: string; readonly refers: boolean }[]> {
  const { rows } = await sql<{ name: string; refers: boolean }>`
    select c.relname as name, exists (
      select from pg_constraint f where f.contype = 'f' and c.oid in (f.conrelid, f.confrelid)) as refers
    from pg_class c
    where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
      and not exists (select from pg_dist_partition p where p.logicalrelid = c.oid)
    order by c.relname collate "C"`.execute(db);
  return rows.filter(({ name }) => ['distributed', 'reference'].includes(placeOf(name) ?? ''));
}

/** The tables that are placed next, together; undefined where all are. The anchor is first; what refers to one another is together. */
async function nextGroup(db: Database): Promise<readonly string[] | undefined> {
  const unplaced = await readUnplaced(db);
  if (unplaced.some(({ name }) => name === anchor)) return [anchor];
  const together = unplaced.filter(({ refers }) => refers).map(({ name }) => name);
  if (together.length > 0) return together;
  const [next] = unplaced;
  return next && [next.name];
}

/**
 * Places tables without what refers from one to another, and adds that again: Citus would take a table that refers to
 * a reference table for one of its own first, and cannot take it back where a column is an identity.
 */
async function placeGroup(trx: Database, tables: readonly string[]): Promise<void> {
  await allowTriggers(trx);
  await oneNodeAfterTheOther(trx);
  const { rows: references } = await sql<{ table: string; name: string; definition: string }>`
    select conrelid::regclass::text as "table", conname as name, pg_get_constraintdef(oid) as definition
    from pg_constraint where contype = 'f' and conrelid = any(${tables}::regclass[]) order by 1, 2`.execute(trx);
  for (const { table, name } of references) {
    await sql`alter table ${sql.table(table)} drop constraint ${sql.id(name)}`.execute(trx);
  }
  for (const table of tables) {
    if (placeOf(table) === 'reference') await sql`select create_reference_table(${table}::regclass)`.execute(trx);
    else await distribute(trx, table);
  }
  for (const { table, name, definition } of references) {
    await sql`alter table ${sql.table(table)} add constraint ${sql.id(name)} ${sql.raw(definition)}`.execute(trx);
  }
}

async function allowTriggers(trx: Database): Promise<void> {
  // The trigger that keeps the log says no: to a delete, too, as on a worker it cannot look for what was archived.
  await sql`set local citus.enable_unsafe_triggers = on`.execute(trx);
}

/**
 * For a transaction that changes what many nodes have, and what these tables refer to: by one connection to each node,
 * as Citus refuses the one after the other where several were used.
 */
export async function oneNodeAfterTheOther(trx: Database): Promise<void> {
  await sql`set local citus.multi_shard_modify_mode = 'sequential'`.execute(trx);
}

async function distribute(trx: Database, table: string): Promise<void> {
  if (table === anchor) {
    await sql`select create_distributed_table(${table}::regclass, ${distributionColumn}, colocate_with => 'none',
      shard_count => ${parts}::integer)`.execute(trx);
    return;
  }
  await sql`select create_distributed_table(${table}::regclass, ${distributionColumn},
    colocate_with => ${`public.${anchor}`})`.execute(trx);
}

async function isPlaced(db: Database, table: string): Promise<boolean> {
  const { rows } = await sql`select 1 from pg_dist_partition where logicalrelid = ${table}::regclass`.execute(db);
  return rows.length > 0;
}
