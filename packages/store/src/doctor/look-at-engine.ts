import { readFile, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Engine } from '../engine/engine.ts';
import { type Found, failure, ok, one, warning } from './look.ts';

const megabyte = 1_000_000;
/** Free space from which a folder is about to be full, bytes. */
const littleSpace = 1_000 * megabyte;
const noSpace = 100 * megabyte;
/** Between this process's clock and the database's, ms. */
const tolerableClockMs = 2_000;

export async function lookAtEngine({ db, kind, folder }: Engine): Promise<Found> {
  const { version } = await one(db, sql<{ version: string }>`select current_setting('server_version') as version`);
  if (kind === 'postgres') return ok(`PostgreSQL ${version}`);
  return ok(`PGlite (PostgreSQL ${version}) in ${folder ?? 'memory: nothing outlives this process'}`);
}

export async function lookAtExtensions({ db }: Engine): Promise<Found> {
  const { rows } = await sql<{ name: string; version: string; available: string | null }>`
    select e.extname as name, e.extversion as version, a.default_version as available
    from pg_extension e left join pg_available_extensions a on a.name = e.extname
    where e.extname in ('vector', 'btree_gin') order by e.extname`.execute(db);
  const list = rows.map(({ name, version }) => `${name} ${version}`).join(', ');
  if (rows.length < 2) return failure(`only ${list || 'none'}`, 'Restart the server: it creates what is missing.');
  const old = rows.filter(({ version, available }) => available !== null && available !== version);
  if (old.length === 0) return ok(list);
  const updates = old.map(({ name }) => `alter extension ${name} update;`).join(' ');
  return warning(`${list}; the server has newer ones`, `Run ${updates}`);
}

export async function lookAtPool({ poolGauges }: Engine): Promise<Found> {
  const { total, idle, waiting, max } = poolGauges();
  const state = `${total} of ${max} connections, ${idle} idle, ${waiting} requests waiting`;
  return waiting === 0 ? ok(state) : warning(state, 'Raise DB_POOL_MAX, or give the database more cores.');
}

export async function lookAtClock({ db }: Engine): Promise<Found> {
  const before = Date.now();
  const { now } = await one(
    db,
    sql<{ now: number }>`select (extract(epoch from clock_timestamp()) * 1000)::float8 as now`,
  );
  const offMs = Math.round(now - (before + Date.now()) / 2);
  if (Math.abs(offMs) < tolerableClockMs) return ok('agrees with the database');
  return warning(`the database's is ${offMs} ms ahead of this machine's`, 'Keep both in step with NTP.');
}

export async function lookAtDisk({ db, folder, kind, isDistributed }: Engine): Promise<Found> {
  const size = 'select pg_database_size(current_database())';
  const { bytes } = await one(
    db,
    isDistributed
      ? sql<{ bytes: number }>`select sum(result::float8) as bytes from run_command_on_all_nodes(${size})`
      : sql<{ bytes: number }>`select (${sql.raw(size)})::float8 as bytes`,
  );
  const used = `the database takes ${inMegabytes(bytes)}`;
  if (isDistributed) return ok(`${used} on all nodes`);
  if (folder === undefined) return ok(kind === 'postgres' ? `${used} on its server` : `${used} of memory`);
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const state = `${used}, ${inMegabytes(free)} are free`;
  const advice = 'Make room, or move the folder to another disk (ANIMA_DATA_DIR).';
  if (free < noSpace) return failure(state, advice);
  return free < littleSpace ? warning(state, advice) : ok(state);
}

export async function lookAtLock({ folder, kind }: Engine): Promise<Found> {
  if (kind === 'postgres') return ok('not needed: any number of processes may share this database');
  if (folder === undefined) return ok('not needed: the database is in memory');
  const { pid } = JSON.parse(await readFile(join(folder, 'lock'), 'utf8')) as { pid: number };
  if (pid === process.pid) return ok('the folder is held by this process alone');
  return failure(`the folder's lock names process ${pid}`, 'Stop one of the two at once: together they lose memories.');
}

function inMegabytes(bytes: number): string {
  return `${Math.round(bytes / megabyte)} MB`;
}
