import type { AppRouter, ErrorCode, FieldError } from '@anima/api';
import { TRPCClientError } from '@trpc/client';

/**
 * Why a call failed: one of the server's codes, or what kept its answer from arriving.
 * `NETWORK_ERROR`: nothing answered. `TIMEOUT`: not in time. `ABORTED`: the caller's own signal.
 * `BAD_RESPONSE`: what answered is not an Anima server.
 */
export type AnimaClientErrorCode = ErrorCode | 'NETWORK_ERROR' | 'TIMEOUT' | 'ABORTED' | 'BAD_RESPONSE';

interface Failure {
  readonly code: AnimaClientErrorCode;
  readonly message: string;
  readonly details?: readonly FieldError[] | undefined;
  /** HTTP status of the call; a batch has one for each of its calls. */
  readonly status?: number | undefined;
  readonly response?: Response | undefined;
  readonly cause?: unknown;
}

/**
 * What every call of the client throws.
 *
 * @example
 * ```ts
 * try {
 *   await anima.memories.add.mutate({ content: '' });
 * } catch (error) {
 *   if (!isAnimaClientError(error) || error.code !== 'VALIDATION_ERROR') throw error;
 *   for (const { field, message, limit } of error.details) console.warn(field, message, limit);
 * }
 * ```
 */
export class AnimaClientError extends TRPCClientError<AppRouter> {
  readonly code: AnimaClientErrorCode;
  /** The fields at fault and the limits they broke; empty where the failure is not about fields. */
  readonly details: readonly FieldError[];
  /** HTTP status; undefined when nothing answered. */
  readonly status: number | undefined;
  /** The id under which the server's log has this request; undefined when nothing answered. */
  readonly requestId: string | undefined;
  /** What the server asked to wait before another attempt, ms; undefined when it did not say. */
  readonly retryAfterMs: number | undefined;

  constructor({ code, message, details = [], status, response, cause }: Failure) {
    super(message, { ...(cause instanceof Error ? { cause } : {}), ...(response ? { meta: { response } } : {}) });
    // tRPC's constructor makes every instance one of its own class.
    Object.setPrototypeOf(this, AnimaClientError.prototype);
    this.name = 'AnimaClientError';
    this.code = code;
    this.details = details;
    this.status = status ?? response?.status;
    this.requestId = response?.headers.get('x-request-id') ?? undefined;
    this.retryAfterMs = retryAfterMs(response);
  }
}

/**
 * Whether a call of the client threw this.
 *
 * @example
 * ```ts
 * const answer = await anima.memories.query.mutate({ query: 'what do I like?' }).catch((error: unknown) => {
 *   if (isAnimaClientError(error) && error.code === 'NETWORK_ERROR') return undefined;
 *   throw error;
 * });
 * ```
 */
export function isAnimaClientError(error: unknown): error is AnimaClientError {
  return error instanceof AnimaClientError;
}

const passing: ReadonlySet<AnimaClientErrorCode> = new Set([
  'NETWORK_ERROR',
  'TIMEOUT',
  'RATE_LIMITED',
  'OVERLOADED',
  'UNAVAILABLE',
]);

/** Whether the same request may well succeed later. */
export function isPassing({ code }: AnimaClientError): boolean {
  return passing.has(code);
}

/** Whatever tRPC's links failed with, as the error that callers see. */
export function toClientError(error: unknown): AnimaClientError {
  if (error instanceof AnimaClientError) return error;
  if (!(error instanceof TRPCClientError)) return withoutAnswer(error, undefined);
  const { data, meta } = error as TRPCClientError<AppRouter>;
  const response = isResponse(meta?.response) ? meta.response : undefined;
  if (!data?.anima) return withoutAnswer(error.cause ?? error, response);
  const { code, message, details } = data.anima;
  return new AnimaClientError({ code, message, details, status: data.httpStatus, response, cause: error });
}

/** The caller's signal ended the call. */
export function abortedCall(cause: unknown): AnimaClientError {
  return new AnimaClientError({ code: 'ABORTED', message: 'the call was aborted by its signal', cause });
}

/** A response that is not one of this API: a proxy's, or another server's. */
export function foreignResponse(response: Response): AnimaClientError {
  const { status } = response;
  const code = codeOfProxy[status] ?? 'BAD_RESPONSE';
  return new AnimaClientError({ code, message: `${response.url} answered ${status}, and not as Anima does`, response });
}

const codeOfProxy: Readonly<Record<number, AnimaClientErrorCode>> = {
  429: 'RATE_LIMITED',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'UNAVAILABLE',
};

function withoutAnswer(cause: unknown, response: Response | undefined): AnimaClientError {
  if (response) return foreignResponse(response);
  if (isStreamError(cause)) return lostStream(cause);
  const name = cause instanceof Error ? cause.name : '';
  const message = cause instanceof Error ? cause.message : String(cause);
  if (name === 'AbortError') return abortedCall(cause);
  if (name === 'TimeoutError') return new AnimaClientError({ code: 'TIMEOUT', message, cause });
  // What `fetch` and its streams throw when the connection fails.
  if (name === 'TypeError') return new AnimaClientError({ code: 'NETWORK_ERROR', message, cause });
  return new AnimaClientError({ code: 'BAD_RESPONSE', message, cause });
}

/** What an `EventSource` says when its stream ended or never began. */
interface StreamError {
  readonly type: 'error';
  /** HTTP status, where something answered. */
  readonly code?: number;
  readonly message?: string;
}

function isStreamError(cause: unknown): cause is StreamError {
  return typeof cause === 'object' && cause !== null && 'type' in cause && cause.type === 'error' && 'code' in cause;
}

function lostStream({ code: status, message = 'the connection was lost' }: StreamError): AnimaClientError {
  const code = status === undefined ? 'NETWORK_ERROR' : (codeOfProxy[status] ?? 'BAD_RESPONSE');
  return new AnimaClientError({ code, message, status });
}

/** By its shape: a `fetch` that was handed in may have a class of its own. */
function isResponse(value: unknown): value is Response {
  return typeof value === 'object' && value !== null && 'status' in value && 'headers' in value;
}

/** `Retry-After` is a number of seconds or a date. */
function retryAfterMs(response: Response | undefined): number | undefined {
  const header = response?.headers.get('retry-after');
  if (!header) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
