import type { DatabaseConnection } from 'kysely';

/**
 * Fields of a database error that quote what was sent: PGlite adds the statement and its parameters,
 * memories in full; every server quotes the row or the text that it stumbled over.
 */
const quotingFields = ['query', 'params', 'detail', 'where', 'internalQuery'];

/** A connection whose errors carry no memory into a log. */
export function withoutContent(connection: DatabaseConnection): DatabaseConnection {
  const executeQuery = connection.executeQuery.bind(connection);
  connection.executeQuery = async (...query) => {
    try {
      return await executeQuery(...query);
    } catch (error) {
      if (error instanceof Error) for (const field of quotingFields) Reflect.deleteProperty(error, field);
      throw error;
    }
  };
  return connection;
}
