import { AnimaError } from '@anima/core';
import { sql } from 'kysely';
import type { Database } from './engine.ts';

/** What a server is: one PostgreSQL, or the coordinator of many (Citus). */
export type Backend = 'postgres' | 'citus';

/** The first major version of Citus that these tables were tried on. */
const leastCitus = 13;

/** What the server says of itself. */
export interface ServerVersions {
  readonly version: number;
  readonly vector: string | null;
  /** The version of the extension that this database has; null: none. */
  readonly citus: string | null;
}

/** Whether tables of ours are spread over nodes, and whether this node is one that others are asked by. */
export interface Distribution {
  readonly isCoordinator: boolean;
  readonly distributed: number;
}

/**
 * Sees that the server is what Anima needs, and what `DATABASE_BACKEND` says that it is.
 *
 * @throws AnimaError `UNAVAILABLE` with a line that says what to do
 */
export async function checkServer(
  db: Database,
  { setting, backend }: { readonly setting: 'DATABASE_URL' | 'DATABASE_DIRECT_URL'; readonly backend: Backend },
): Promise<void> {
  const { rows } = await sql<ServerVersions>`
    select current_setting('server_version_num')::int as version,
      (select default_version from pg_available_extensions where name = 'vector') as vector,
      (select extversion from pg_extension where extname = 'citus') as citus`
    .execute(db)
    .catch((error: unknown) => {
      throw new AnimaError('UNAVAILABLE', `${setting}: the database does not answer (${reason(error)})`, {
        cause: error,
      });
    });
  const [versions] = rows;
  const problem = !versions
    ? `${setting}: the database does not say what it is`
    : (unfitVersions(versions, setting) ??
      unfitBackend(backend, versions, versions.citus === null ? undefined : await readDistribution(db)));
  if (problem !== undefined) throw new AnimaError('UNAVAILABLE', problem);
}

/** What Citus has of our tables; asked only where it is installed. */
async function readDistribution(db: Database): Promise<Distribution> {
  const { rows } = await sql<Distribution>`
    select (select groupid = 0 from pg_dist_local_group) as "isCoordinator",
      (select count(*)::int from pg_dist_partition p join pg_class c on c.oid = p.logicalrelid
       where c.relnamespace = 'public'::regnamespace and c.relname = 'shard_heads') as distributed`.execute(db);
  return rows[0] ?? { isCoordinator: false, distributed: 0 };
}

function unfitVersions({ version, vector }: ServerVersions, setting: string): string | undefined {
  if (version < 150_000) return `${setting}: PostgreSQL 15 or newer is needed, this is ${version}`;
  const [major = 0, minor = 0] = (vector ?? '0.0').split('.').map(Number);
  if (major > 0 || minor >= 8) return undefined;
  const found = vector ? `this server has ${vector}` : 'this server does not have it';
  return `${setting}: the extension pgvector 0.8 or newer is needed; ${found}`;
}

/** Why `DATABASE_BACKEND` does not fit what was found, with what to do about it; undefined where it does. */
export function unfitBackend(
  backend: Backend,
  { citus }: Pick<ServerVersions, 'citus'>,
  distribution: Distribution | undefined,
): string | undefined {
  if (backend === 'postgres') {
    // The extension alone does no harm: a server may have it for somebody else.
    if (!distribution?.distributed) return undefined;
    return 'DATABASE_BACKEND is postgres, and the tables of this database are spread over nodes by Citus: set DATABASE_BACKEND=citus';
  }
  if (citus === null) {
    return 'DATABASE_BACKEND is citus, and this database does not have that extension: run "create extension citus" on every node and citus_add_node on the coordinator, or leave DATABASE_BACKEND unset';
  }
  if (Number.parseInt(citus, 10) < leastCitus) {
    return `DATABASE_BACKEND is citus: Citus ${leastCitus} or newer is needed, this is ${citus}`;
  }
  if (distribution?.isCoordinator) return undefined;
  return 'DATABASE_BACKEND is citus, and DATABASE_URL leads to a worker: it must lead to the coordinator';
}

function reason(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reason).join('; ');
  return error instanceof Error ? error.message : String(error);
}
