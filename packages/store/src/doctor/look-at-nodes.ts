import { sql } from 'kysely';
import type { Database, Engine } from '../engine/engine.ts';
import { missingOnNode } from '../engine/session-settings.ts';
import { unplacedTables } from '../schema/distribute.ts';
import { type Found, failure, ok, one, warning } from './look.ts';

interface Node {
  readonly name: string;
  readonly isActive: boolean;
  readonly parts: number;
}

/** What `DATABASE_BACKEND` says, against what is there; on Citus, whether every node does its part. */
export async function lookAtNodes({ db, kind, isDistributed }: Engine): Promise<Found> {
  if (kind === 'pglite') return ok('one: this process');
  const { citus } = await one(
    db,
    sql<{ citus: string | null }>`select (select extversion from pg_extension where extname = 'citus') as citus`,
  );
  if (isDistributed) return lookAtCluster(db, `Citus ${citus}`);
  if (citus === null) return ok('one: the server');
  return warning(
    `this database has Citus ${citus}, and DATABASE_BACKEND is postgres: all tables are on the coordinator`,
    'Set DATABASE_BACKEND=citus to spread them over the nodes, or drop the extension.',
  );
}

async function lookAtCluster(db: Database, state: string): Promise<Found> {
  const nodes = await readNodes(db);
  const described = `${state}: ${nodes.map(({ name, parts }) => `${name} (${parts} parts)`).join(', ') || 'no node'}`;
  const away = nodes.filter(({ isActive }) => !isActive).map(({ name }) => name);
  if (away.length > 0) return failure(`${described}; not active: ${away.join(', ')}`, 'See citus_activate_node.');
  const unplaced = await unplacedTables(db);
  if (unplaced.length > 0) {
    return failure(`${described}; on no node: ${unplaced.join(', ')}`, 'Restart the server: it places what is new.');
  }
  const { rows: lacking } = await sql<{ node: string; result: string }>`
    select nodename || ':' || nodeport as node, result from run_command_on_workers(${missingOnNode})
    where not success or result <> ''`.execute(db);
  if (lacking.length > 0) {
    return warning(
      `${described}; sessions lack ${lacking.map(({ node, result }) => `${result} (${node})`).join('; ')}`,
      'Start the server once with a login that is a superuser, or set them for its login on those nodes.',
    );
  }
  const idle = nodes.filter(({ parts }) => parts === 0).map(({ name }) => name);
  if (idle.length > 0) {
    return warning(`${described}; without a part: ${idle.join(', ')}`, 'Run "select citus_rebalance_start()".');
  }
  return ok(described);
}

/** Nodes that may have shards, and of how many parts of each table. */
async function readNodes(db: Database): Promise<readonly Node[]> {
  const { rows } = await sql<Node>`
    select n.nodename || ':' || n.nodeport as name, n.isactive as "isActive", (
      select count(*)::int from pg_dist_placement p join pg_dist_shard s using (shardid)
      where p.groupid = n.groupid and s.logicalrelid = 'shard_heads'::regclass) as parts
    from pg_dist_node n where n.shouldhaveshards and n.noderole = 'primary' order by n.nodeid`.execute(db);
  return rows;
}
