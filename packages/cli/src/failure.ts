import { AnimaClientError } from '@anima/client';
import { ServerStartError } from '@anima/client/node/start-server';

/** 0: done. 1: refused or failed. 2: the command was not understood. 130: stopped by Ctrl-C. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** A failure that is the command's own to tell; everything else comes from the server. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: string;
  /** What to do next. */
  readonly hint: string | undefined;

  constructor(code: string, message: string, options: { readonly hint?: string } = {}) {
    super(message);
    this.code = code;
    this.hint = options.hint;
  }
}

const hints: Readonly<Record<string, string>> = {
  UNAUTHORIZED: 'Set ANIMA_API_KEY to a key of this server.',
  FORBIDDEN: 'The key in ANIMA_API_KEY does not open this space.',
  CONFLICT: 'The same idempotency key was used for another request.',
  RATE_LIMITED: 'Wait a moment and run the command again.',
  OVERLOADED: 'The server has more to do than it can take. Wait a moment and run the command again.',
  UNAVAILABLE: 'See whether the server runs and reaches its database: `anima status`.',
  INTERNAL: 'This is a defect of the server; its log has the rest.',
};

/** What a person should read of a failure: `code: message`, the fields at fault, what to do next. */
export function explain(error: unknown): string {
  if (error instanceof AnimaClientError) {
    const fields = (error.details ?? []).map(({ field, message }) => `  ${field}: ${message}`);
    return [`${error.code}: ${error.message}`, ...fields, ...hint(hints[error.code])].join('\n');
  }
  if (error instanceof CliError) return [`${error.code}: ${error.message}`, ...hint(error.hint)].join('\n');
  if (error instanceof ServerStartError) return `UNAVAILABLE: the server could not be started here\n${error.message}`;
  return `INTERNAL: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

function hint(text: string | undefined): string[] {
  return text === undefined ? [] : [text];
}
