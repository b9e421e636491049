import { type CompiledQuery, DefaultQueryExecutor, type QueryExecutor } from 'kysely';

/** Statements of the store that were sent in this process, each once, and from where. */
export const sentStatements: ReadonlyMap<string, string> = listen();

/**
 * Every engine, pool and transaction sends by an executor of Kysely's. What a test asks by itself is of no concern: who
 * asks is the nearest caller outside the library.
 */
function listen(): ReadonlyMap<string, string> {
  const sent = new Map<string, string>();
  const executor: QueryExecutor = Object.getPrototypeOf(DefaultQueryExecutor.prototype);
  const { executeQuery, stream } = executor;
  const hear = ({ sql: text }: CompiledQuery) => {
    if (sent.has(text)) return;
    const caller = callerOf(new Error('who asks').stack ?? '');
    // A migration is sent once, and most of them to tables that are not placed yet.
    if (caller?.includes('/src/') && !caller.includes('/migrations/')) sent.set(text, caller);
  };
  executor.executeQuery = function hearing(...given) {
    hear(given[0]);
    return executeQuery.apply(this, given) as never;
  };
  executor.stream = function hearing(...given) {
    hear(given[0]);
    return stream.apply(this, given) as never;
  };
  return sent;
}

function callerOf(stack: string): string | undefined {
  const frames = stack.split('\n').slice(1);
  const outside = frames.find((frame) => !/node_modules|node:|sent-statements/.test(frame));
  return outside && /(packages\/[^):]*:\d+)/.exec(outside)?.[1];
}
