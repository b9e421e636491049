import { AsyncLocalStorage } from 'node:async_hooks';
import { sql } from 'kysely';
import pg from 'pg';
import type { Database, Engine } from './engine.ts';

/**
 * The second wall between spaces, on a server: what shows the content of memories is read by a role that row-level
 * security shows one space only, whatever the statement says. Its space is that of the call, never that of the
 * statement. Searches find ids outside of it: under a policy the GIN index is not used, as `@@` is not leakproof.
 */
export const readerRole = 'anima_reader';

const spaceBehindWall = new AsyncLocalStorage<string>();

/** Runs reads that see one space only. */
export function behindWall<T>(space: { readonly id: string }, read: () => Promise<T>): Promise<T> {
  return spaceBehindWall.run(space.id, read);
}

/** The space that a statement may see, when it is sent behind the wall. */
export function walledSpace(text: unknown): string | undefined {
  // What begins or ends a transaction, or sets something for it, reads nothing.
  if (typeof text !== 'string' || !/^\s*(\/\*.*?\*\/\s*)?(select|with)\b/i.test(text)) return undefined;
  return spaceBehindWall.getStore();
}

const wallName = 'anima_wall';
const wallText = `select set_config('role', '${readerRole}', true), set_config('anima.space', $1, true)`;

interface Connection {
  readonly parsedStatements: Record<string, string | undefined>;
  parse(given: { readonly name: string; readonly text: string }): void;
  bind(given: { readonly statement: string; readonly values: readonly string[] }): void;
  execute(given: object): void;
}

/** What pg's query has beside what its types tell. */
const Query = pg.Query as unknown as new (
  config: { readonly name: string | undefined; readonly text: string; readonly values: unknown },
  values: undefined,
  callback: (error: Error | null, result: unknown) => void,
) => {
  name: string | undefined;
  text: string;
  handleDataRow(row: unknown): void;
  handleCommandComplete(message: unknown, connection: unknown): void;
  prepare(connection: Connection): void;
};

/**
 * A query that travels with the words that put it behind the wall, in one batch and so in one transaction: the role
 * and the space are set for the statement alone, and no round trip is added.
 */
export class WalledQuery extends Query {
  readonly #space: string;
  readonly #own: { readonly name: string | undefined; readonly text: string };
  readonly #prepares: boolean;
  #isAnswered = false;

  constructor(
    statement: {
      readonly name: string | undefined;
      readonly text: string;
      readonly values: unknown;
      readonly prepares: boolean;
    },
    space: string,
    callback: (error: Error | null, result: unknown) => void,
  ) {
    // Planned for another role, so prepared under another name.
    const name = statement.name && `${statement.name}_w`;
    super({ name, text: statement.text, values: statement.values }, undefined, callback);
    this.#own = { name, text: statement.text };
    this.#prepares = statement.prepares;
    this.#space = space;
  }

  /** Always by the extended protocol, parameters or none: it is one transaction up to its end. */
  requiresPreparation(): boolean {
    return true;
  }

  override prepare(connection: Connection): void {
    const wall = this.#prepares ? wallName : '';
    if (connection.parsedStatements[wall] === undefined) connection.parse({ name: wall, text: wallText });
    connection.bind({ statement: wall, values: [this.#space] });
    connection.execute({});
    super.prepare(connection);
    if (!this.#prepares) return;
    // Whose statement was parsed, the client asks the query when it hears of it.
    this.name = wallName;
    this.text = wallText;
  }

  override handleDataRow(row: unknown): void {
    if (this.#isAnswered) super.handleDataRow(row);
  }

  override handleCommandComplete(message: unknown, connection: unknown): void {
    if (this.#isAnswered) {
      super.handleCommandComplete(message, connection);
      return;
    }
    this.#isAnswered = true;
    Object.assign(this, this.#own);
  }
}

/**
 * Whether the wall can stand here. The embedded engine has one user, whom no policy binds; where tables are spread over
 * nodes, the role and the space that are set for a statement stay on the coordinator, and nodes would not know of them.
 */
export function canBeWalled({ kind, isDistributed }: Pick<Engine, 'kind' | 'isDistributed'>): boolean {
  return kind === 'postgres' && !isDistributed;
}

/** Held while the wall is looked after, so that processes that start together do it one after the other. */
const wallLock = 7_100_002;

/**
 * Builds the wall where it is not whole: the role, and for every table of spaces its policy.
 *
 * @returns why it does not stand, where the login may make no role; undefined where it does
 */
export async function ensureWall(db: Database): Promise<string | undefined> {
  try {
    await sql.raw(build).execute(db);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The SQLSTATE of a table that the role may not read. */
const notGranted = '42501';

/** Runs reads behind the wall; a table that an older version has made meanwhile is put behind it first. */
export async function readBehindWall<T>(
  db: Database,
  space: { readonly id: string },
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await behindWall(space, read);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === notGranted)) throw error;
    await ensureWall(db);
    return behindWall(space, read);
  }
}

const build = `
  do $$
  declare
    each record;
  begin
    perform pg_advisory_xact_lock(${wallLock});
    if not exists (select from pg_roles where rolname = '${readerRole}') then
      begin
        create role ${readerRole} nologin;
      exception when duplicate_object or unique_violation then null; -- roles are of the server: another database made it
      end;
    end if;
    if not pg_has_role('${readerRole}', 'member') then
      execute format('grant ${readerRole} to %I', current_user);
    end if;
    if not has_schema_privilege('${readerRole}', 'public', 'usage') then
      grant usage on schema public to ${readerRole};
    end if;
    for each in
      select c.oid, c.relname, a.attname is not null as of_spaces from pg_class c
      left join pg_attribute a on a.attrelid = c.oid and a.attname = 'space_id' and not a.attisdropped
      where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
        and (a.attname is not null or c.relname in ('fold_checkpoints', 'embedding_models'))
    loop
      if not has_table_privilege('${readerRole}', each.oid, 'select') then
        execute format('grant select on %I to ${readerRole}', each.relname);
      end if;
      if each.of_spaces and not exists (select from pg_policy where polrelid = each.oid and polname = 'own_space') then
        execute format('alter table %I enable row level security', each.relname);
        execute format(
          'create policy own_space on %I for select to ${readerRole} using (space_id = current_setting(''anima.space'', true))',
          each.relname);
      end if;
    end loop;
  end $$`;
