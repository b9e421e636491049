import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PGlite, Transaction } from '@electric-sql/pglite';
import type { PGliteDialectConfig } from 'kysely';
import pg from 'pg';
import { statementName } from './statement-names.ts';

type PGliteClient = Exclude<PGliteDialectConfig['pglite'], (...given: never[]) => unknown>;
type Query = PGliteClient['query'];

/**
 * PGlite as Kysely's driver uses it, which prepares every statement that is named (see
 * `statement-names.ts`) once and from then on executes it by name: planning a search takes longer than
 * running it, and PGlite keeps no plan by itself. `execute` goes as one message of the simple protocol,
 * where a query takes five.
 *
 * It answers by microtasks, one caller after the other: so each gives the event loop a turn first, or timers
 * and new requests would wait until nobody waits any more.
 */
export function preparingClient(pglite: PGlite): PGliteClient {
  const prepared = new Set<string>();
  const queryOn = (session: PGlite | Transaction): Query => {
    return async <T>(...[text, parameters = [], options]: Parameters<Query>) => {
      const name = statementName(text);
      if (name === undefined) return session.query<T>(text, parameters, options as object);
      if (!prepared.has(name)) {
        // Belongs to the session: the end of a transaction, however it ends, keeps it.
        await session.exec(`prepare ${name} as ${text}`);
        prepared.add(name);
      }
      const literals = parameters.map(sqlLiteral).join(', ');
      const [result] = await session.exec(`execute ${name}${literals && ` (${literals})`}`, options as object);
      if (!result) throw new Error('a prepared statement has no result');
      return result as Awaited<ReturnType<typeof session.query<T>>>;
    };
  };
  const query = queryOn(pglite);
  return {
    query: async (...statement) => {
      await nextTurn();
      return query(...statement);
    },
    transaction: async (work) => {
      await nextTurn();
      return pglite.transaction((transaction) =>
        work({ query: queryOn(transaction), rollback: () => transaction.rollback() }),
      );
    },
    close: () => pglite.close(),
    get closed() {
      return pglite.closed;
    },
    get ready() {
      return pglite.ready;
    },
    get waitReady() {
      return pglite.waitReady;
    },
  };
}

/** A parameter as a literal; `execute` coerces it to the type that the prepared statement expects. */
export function sqlLiteral(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  return pg.escapeLiteral(Array.isArray(value) ? arrayLiteral(value) : String(value));
}

function arrayLiteral(values: readonly unknown[]): string {
  return `{${values.map((value) => `"${String(value).replaceAll(/["\\]/g, '\\$&')}"`).join(',')}}`;
}
