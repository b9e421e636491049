import type { ErrorCode } from '@anima/core';
import type { TRPC_ERROR_CODE_KEY } from '@trpc/server';

interface WireError {
  /** HTTP status. */
  readonly status: number;
  readonly trpc: TRPC_ERROR_CODE_KEY;
  /** What a caller is asked to wait, s; sent as `Retry-After`. */
  readonly retryAfter?: number;
}

/** What each of core's error codes means on the wire: the only place that knows. */
export const errorMap: Readonly<Record<ErrorCode, WireError>> = {
  VALIDATION_ERROR: { status: 400, trpc: 'BAD_REQUEST' },
  UNAUTHORIZED: { status: 401, trpc: 'UNAUTHORIZED' },
  FORBIDDEN: { status: 403, trpc: 'FORBIDDEN' },
  NOT_FOUND: { status: 404, trpc: 'NOT_FOUND' },
  CONFLICT: { status: 409, trpc: 'CONFLICT' },
  ARCHIVED: { status: 410, trpc: 'NOT_FOUND' },
  PAYLOAD_TOO_LARGE: { status: 413, trpc: 'PAYLOAD_TOO_LARGE' },
  RATE_LIMITED: { status: 429, trpc: 'TOO_MANY_REQUESTS', retryAfter: 1 },
  OVERLOADED: { status: 503, trpc: 'SERVICE_UNAVAILABLE', retryAfter: 1 },
  UNAVAILABLE: { status: 503, trpc: 'SERVICE_UNAVAILABLE', retryAfter: 2 },
  INTERNAL: { status: 500, trpc: 'INTERNAL_SERVER_ERROR' },
};

/** The `Retry-After` of an answer that carries these errors: the longest that one of them asks for. */
export function retryAfterOf(codes: readonly ErrorCode[]): string | undefined {
  const longest = Math.max(0, ...codes.map((code) => errorMap[code].retryAfter ?? 0));
  return longest > 0 ? String(longest) : undefined;
}
