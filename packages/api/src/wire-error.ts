import { AnimaError, type ErrorCode, type FieldError, validationError } from '@anima/core';
import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { bodyLimit } from './http-options.ts';

/** An error as a caller sees it, on every face. */
export interface ErrorView {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details?: readonly FieldError[];
}

/** Whatever was thrown, as the `AnimaError` that it amounts to; what nobody foresaw is `INTERNAL`. */
export function toAnimaError(error: unknown): AnimaError {
  if (error instanceof AnimaError) return error;
  if (error instanceof TRPCError) return fromTrpc(error);
  if (isFastifyRefusal(error)) return fromFastify(error);
  return defect(error);
}

/** What of an error may be shown. A defect shows nothing: its story is in the log, under the request's id. */
export function errorView({ code, message, details }: AnimaError): ErrorView {
  if (code === 'INTERNAL') return { code, message: 'internal error; the server logged it under this request id' };
  return { code, message, ...(details ? { details } : {}) };
}

/**
 * tRPC wraps what a procedure threw as INTERNAL_SERVER_ERROR, so a zod or syntax error under that
 * code is a defect of ours; under any other code it is about the input.
 */
function fromTrpc(error: TRPCError): AnimaError {
  const { cause } = error;
  if (cause instanceof AnimaError) return cause;
  if (error.code === 'INTERNAL_SERVER_ERROR') return defect(cause ?? error);
  if (cause instanceof z.core.$ZodError) return validationError(cause);
  if (cause instanceof SyntaxError) return malformedJson(error);
  if (error.code === 'NOT_FOUND') return new AnimaError('NOT_FOUND', error.message, { cause: error });
  return refused({ field: 'request', message: error.message }, error);
}

interface FastifyRefusal extends Error {
  readonly statusCode: number;
  readonly code?: string;
}

/** A request that Fastify turned away before a route saw it. */
function fromFastify(error: FastifyRefusal): AnimaError {
  if (error.statusCode === 413) {
    const message = `must be at most ${bodyLimit} bytes`;
    return refused({ field: 'body', message, limit: bodyLimit }, error, 'PAYLOAD_TOO_LARGE');
  }
  if (error.statusCode === 415) {
    return refused({ field: 'Content-Type', message: 'must be application/json', limit: 'application/json' }, error);
  }
  if (error.code === 'FST_ERR_CTP_INVALID_JSON_BODY') return malformedJson(error);
  if (error.code === 'FST_ERR_BAD_URL') return refused({ field: 'url', message: 'is not a valid URL' }, error);
  if (error.code === 'FST_ERR_MAX_PARAM_LENGTH') return refused({ field: 'url', message: 'is too long' }, error);
  return refused({ field: 'request', message: error.message }, error);
}

function isFastifyRefusal(error: unknown): error is FastifyRefusal {
  if (!(error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number')) return false;
  return error.statusCode >= 400 && error.statusCode < 500;
}

/** Without the parser's own message: it quotes the body. */
function malformedJson(cause: unknown): AnimaError {
  return refused({ field: 'body', message: 'must be valid JSON' }, cause);
}

function refused(detail: FieldError, cause: unknown, code: ErrorCode = 'VALIDATION_ERROR'): AnimaError {
  return new AnimaError(code, `${detail.field}: ${detail.message}`, { details: [detail], cause });
}

function defect(cause: unknown): AnimaError {
  return new AnimaError('INTERNAL', 'unexpected error', { cause });
}
