import { type CompiledQuery, DefaultQueryExecutor, type QueryExecutor } from 'kysely';

/** What was sent since the last look, each statement once, with the parameters that it had then. */
const unseen = new Map<string, readonly unknown[]>();

/** Statements of the store that were sent in this process, each once, and from where. */
export const sentStatements: ReadonlyMap<string, string> = listen();

/** Statements of the store since this was asked before. */
export function latest(): ReadonlyMap<string, readonly unknown[]> {
  const seen = new Map(unseen);
  unseen.clear();
  return seen;
}

/**
 * Every engine, pool and transaction sends by an executor of Kysely's. What a test asks by itself is of no concern: who
 * asks is the nearest caller outside the library.
 */
function listen(): ReadonlyMap<string, string> {
  const sent = new Map<string, string>();
  const executor: QueryExecutor = Object.getPrototypeOf(DefaultQueryExecutor.prototype);
  const { executeQuery, stream } = executor;
  const hear = ({ sql: text, parameters }: CompiledQuery) => {
    if (!sent.has(text)) {
      const caller = callerOf(new Error('who asks').stack ?? '');
      // A migration is sent once, and most of them to tables that are not placed yet.
      if (!caller?.includes('/src/') || caller.includes('/migrations/')) return;
      sent.set(text, caller);
    }
    if (!unseen.has(text)) unseen.set(text, parameters);
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
