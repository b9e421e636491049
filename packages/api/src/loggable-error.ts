/**
 * An error as the log may keep it: where it came from, never what a memory says. Errors of the
 * database carry the statement and its parameters, and messages quote values; only what is named here
 * is kept, and of a message only the quotes that name a part of the schema.
 */
export interface LoggableError {
  readonly type: string;
  readonly message: string;
  /** Frames only; the head of a stack repeats the message. */
  readonly stack?: string;
  readonly code?: string;
  readonly constraint?: string;
  readonly table?: string;
  readonly column?: string;
  readonly cause?: LoggableError;
  readonly errors?: readonly LoggableError[];
}

const depth = 5;

export function loggableError(error: unknown, level = 0): LoggableError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'a value that is not an error was thrown' };
  const frames = error.stack?.split('\n').filter((line) => line.startsWith('    at '));
  return {
    type: error.name,
    message: withoutValues(error.message),
    ...(frames ? { stack: frames.join('\n') } : {}),
    ...named(error, 'code'),
    ...named(error, 'constraint'),
    ...named(error, 'table'),
    ...named(error, 'column'),
    ...(error.cause !== undefined && level < depth ? { cause: loggableError(error.cause, level + 1) } : {}),
    ...(error instanceof AggregateError && level < depth
      ? { errors: error.errors.map((each) => loggableError(each, level + 1)) }
      : {}),
  };
}

/** A quote, closed or not, and the word before it. */
const quoted = /(\w+\s+)?("(?:[^"\\]|\\.)*("|$))/gs;
const schemaWord =
  /^(?:relation|table|column|constraint|index|function|type|schema|role|database|extension|operator|parameter|encoding|user)\s+$/;

function withoutValues(message: string): string {
  return message.replace(quoted, (whole, word: string | undefined) =>
    word && schemaWord.test(word) ? whole : `${word ?? ''}"…"`,
  );
}

function named<K extends string>(error: Error, key: K): { readonly [key in K]?: string } {
  const value: unknown = (error as unknown as Record<string, unknown>)[key];
  return (typeof value === 'string' ? { [key]: value } : {}) as { readonly [key in K]?: string };
}
