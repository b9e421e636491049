import type { z } from 'zod';

/** Every way in which a request can fail. What each means on the wire is decided in `@anima/api`. */
export const errorCodes = [
  'VALIDATION_ERROR',
  'UNAUTHORIZED',
  'FORBIDDEN',
  'NOT_FOUND',
  'CONFLICT',
  'ARCHIVED',
  'PAYLOAD_TOO_LARGE',
  'RATE_LIMITED',
  'OVERLOADED',
  'UNAVAILABLE',
  'INTERNAL',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** One field of a request that broke a rule; `limit` is the bound it broke, where there is one. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
  readonly limit?: number | string;
}

/** The only error that crosses a package boundary on purpose. Anything else is a defect. */
export class AnimaError extends Error {
  override readonly name = 'AnimaError';
  readonly code: ErrorCode;
  readonly details: readonly FieldError[] | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly details?: readonly FieldError[]; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.details = options.details;
  }
}

/** The refusal of one field that no schema could judge by itself. */
export function refusal(field: string, message: string): AnimaError {
  return new AnimaError('VALIDATION_ERROR', `${field}: ${message}`, { details: [{ field, message }] });
}

/** What a request gets that names memories which its space does not have, in the field `field`. */
export function noSuchMemory(field: 'memoryId' | 'memoryIds', ids: readonly string[], spaceId: string): AnimaError {
  const details = ids.map((id) => ({ field, message: `there is no memory ${id} in space "${spaceId}"` }));
  return new AnimaError('NOT_FOUND', `${field}: ${details[0]?.message}`, { details });
}

/** Turns what zod found into a `VALIDATION_ERROR` whose details name each field and its limit. */
export function validationError(error: z.core.$ZodError): AnimaError {
  const details = error.issues.flatMap(fieldErrors);
  const first = details[0];
  return new AnimaError('VALIDATION_ERROR', first ? `${first.field}: ${first.message}` : 'invalid request', {
    details,
    cause: error,
  });
}

function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  const field = issue.path.length > 0 ? issue.path.join('.') : 'body';
  switch (issue.code) {
    case 'too_big':
      return [{ field, message: issue.message, limit: Number(issue.maximum) }];
    case 'too_small':
      return [{ field, message: issue.message, limit: Number(issue.minimum) }];
    case 'invalid_value':
      return [{ field, message: issue.message, limit: issue.values.join(' | ') }];
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        field: [...issue.path, key].join('.'),
        message: `unknown field "${key}"`,
      }));
    default:
      return [{ field, message: issue.message }];
  }
}
