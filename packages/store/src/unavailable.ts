import { AnimaError } from '@anima/core';

/** SQLSTATEs that say "not now": lost connections, resources, a server going down, a transaction cut off for its silence. */
const transientSqlState = /^(08|53|57|25P03)/;
const transientSocketErrors = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND']);

/** A method whose errors, where they say that the database cannot answer now, become an `UNAVAILABLE`. */
export function answering<Args extends readonly unknown[], Result>(
  method: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    try {
      return await method(...args);
    } catch (error) {
      if (error instanceof AnimaError || !isTransient(error)) throw error;
      throw new AnimaError('UNAVAILABLE', 'the database does not answer: try again in a moment', { cause: error });
    }
  };
}

function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && typeof error.code === 'string') {
    if (transientSqlState.test(error.code) || transientSocketErrors.has(error.code)) return true;
  }
  return /connection terminated|timeout exceeded when trying to connect|connection error/i.test(error.message);
}
