import { type AnimaClientErrorCode, isAnimaClientError } from '@anima/client';
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

/** What to do next, for the failures that leave something to do. */
const hints: Readonly<Partial<Record<AnimaClientErrorCode, string>>> = {
  UNAUTHORIZED: 'Set ANIMA_API_KEY to a key of this server; `anima keys create --on-database` makes the first one.',
  FORBIDDEN: 'The key in ANIMA_API_KEY does not open this.',
  RATE_LIMITED: 'Wait a moment and run the command again.',
  OVERLOADED: 'The server has more to do than it can take. Wait a moment and run the command again.',
  UNAVAILABLE: 'The server runs, but something that it needs does not; its log says what.',
  INTERNAL: 'This is a defect of the server; its log has the rest.',
  NETWORK_ERROR: 'Start that server, or name none (--url, ANIMA_URL) and the command opens the data folder here.',
  TIMEOUT: 'The server is there, but slow. Run the command again, or see `anima status`.',
  BAD_RESPONSE: 'What answers there is not an Anima server: see --url or ANIMA_URL.',
};

/** What a person should read of a failure: `code: message`, the fields at fault, what to do next. */
export function explain(error: unknown): string {
  if (isAnimaClientError(error)) {
    const fields = error.details.map(({ field, message }) => `${field}: ${message}`);
    // Where one field is at fault, the message says it already.
    const others = fields.filter((field) => field !== error.message).map((field) => `  ${field}`);
    const request = error.code === 'INTERNAL' && error.requestId ? [`  request ${error.requestId}`] : [];
    return [`${error.code}: ${error.message}`, ...others, ...request, ...hint(hints[error.code])].join('\n');
  }
  if (error instanceof CliError) return [`${error.code}: ${error.message}`, ...hint(error.hint)].join('\n');
  if (error instanceof ServerStartError) return `UNAVAILABLE: ${error.message}`;
  return `INTERNAL: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

function hint(text: string | undefined): string[] {
  return text === undefined ? [] : [text];
}
