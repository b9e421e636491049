import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { withClient } from './database.ts';

interface Node {
  readonly host: string;
  readonly port: number;
  readonly is_coordinator: boolean;
}

/**
 * A database of its own on every node of a Citus cluster, with the extension and the nodes known to it; empty, and
 * dropped at the end. A worker is reached from the coordinator only, so it is told by way of that (dblink).
 *
 * @param coordinatorUrl leads, as a superuser, to a database that has the nodes
 */
export async function createClusterDatabase(coordinatorUrl: string, purpose: string) {
  const name = `anima_${purpose}_${randomUUID().slice(0, 8)}`;
  const url = new URL(coordinatorUrl);
  url.pathname = name;
  const nodes = await withClient(coordinatorUrl, async (client) => {
    await client.query('create extension if not exists dblink').catch(refuseUnlessThere);
    const known = await client.query<Node>(`
      select nodename as host, nodeport as port, groupid = 0 as is_coordinator
      from pg_dist_node where noderole = 'primary' and isactive order by nodeid`);
    await client.query(`create database ${name}`);
    await onWorkers(client, `create database ${name}`);
    for (const { host, port, is_coordinator } of known.rows) {
      if (is_coordinator) continue;
      const there = conninfo({ host, port: String(port), dbname: name, ...login(url) });
      await client.query('select dblink_exec($1, $2)', [there, 'create extension if not exists citus']);
    }
    return known.rows;
  });
  await withClient(url.href, async (client) => {
    await client.query('create extension if not exists citus');
    for (const { host, port, is_coordinator } of nodes) {
      const add = is_coordinator ? 'citus_set_coordinator_host' : 'citus_add_node';
      await client.query(`select ${add}($1, $2)`, [host, port]);
    }
  });
  return { url: url.href, [Symbol.asyncDispose]: () => dropClusterDatabases(coordinatorUrl, name) };
}

/** Drops those whose name begins so, on every node. */
export async function dropClusterDatabases(coordinatorUrl: string, prefix: string): Promise<void> {
  await withClient(coordinatorUrl, async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      'select datname from pg_database where starts_with(datname, $1)',
      [prefix],
    );
    for (const { datname } of rows) {
      await client.query(`drop database ${datname} with (force)`);
      await onWorkers(client, `drop database if exists ${datname} with (force)`);
    }
  });
}

async function onWorkers(client: pg.Client, command: string): Promise<void> {
  const { rows } = await client.query<{ success: boolean; result: string }>(
    'select success, result from run_command_on_workers($1)',
    [command],
  );
  const failed = rows.find(({ success }) => !success);
  if (failed) throw new Error(`${command}, on a worker: ${failed.result}`);
}

/** Two that start together may both try; the second finds it made. */
function refuseUnlessThere(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === '23505')) throw error;
}

function login({ username, password }: URL) {
  return {
    ...(username === '' ? {} : { user: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
  };
}

function conninfo(parts: Readonly<Record<string, string>>): string {
  const quoted = (value: string) => `'${value.replace(/[\\']/g, '\\$&')}'`;
  return Object.entries(parts)
    .map(([key, value]) => `${key}=${quoted(value)}`)
    .join(' ');
}
