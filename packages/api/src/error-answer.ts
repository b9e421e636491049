import type { AnimaError } from '@anima/core';
import { getTRPCErrorShape, TRPCError } from '@trpc/server';
import { errorMap, retryAfterOf } from './error-map.ts';
import type { ReportFailure } from './failure-report.ts';
import type { AnswerFailure } from './http-options.ts';
import { jsonRpcFailure } from './mcp/json-rpc-error.ts';
import { mcpPath } from './mcp/routes.ts';
import { failure } from './rest/envelope.ts';
import type { AppRouter } from './trpc/router.ts';
import { errorView } from './wire-error.ts';

export const trpcPrefix = '/trpc';
export const errorType = 'application/json; charset=utf-8';

/** Of a URL without its host. */
export function pathOf(url: string): string {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}

/** The body of an answer: an error in the shape of the face that a path belongs to. */
export type ErrorBody = (error: AnimaError, request: { readonly id: string; readonly path: string }) => string;

export function createErrorBody(router: AppRouter): ErrorBody {
  return (error, { id, path }) => {
    if (path === mcpPath) return JSON.stringify(jsonRpcFailure(error));
    if (!path.startsWith(`${trpcPrefix}/`)) return JSON.stringify(failure({ id }, errorView(error)));
    const shape = getTRPCErrorShape({
      config: router._def._config,
      error: new TRPCError({ code: errorMap[error.code].trpc, cause: error }),
      type: 'unknown',
      path: undefined,
      input: undefined,
      ctx: undefined,
    });
    return JSON.stringify({ error: shape });
  };
}

/** Reports and sends an error that no tRPC call has answered itself, in the shape of the face that was called. */
export function createErrorAnswer(bodyOf: ErrorBody, report: ReportFailure): AnswerFailure {
  return (thrown, request, reply) => {
    const error = report(thrown, { requestId: request.id, operation: request.routeOptions.url });
    const retryAfter = retryAfterOf([error.code]);
    if (retryAfter && !reply.hasHeader('Retry-After')) reply.header('Retry-After', retryAfter);
    if (error.code === 'UNAUTHORIZED') reply.header('WWW-Authenticate', 'Bearer');
    // Fastify would close the connection on a body that is too large, and a caller who is still sending
    // it would see a broken pipe instead of this answer. Node reads on and drops what comes.
    if (error.code === 'PAYLOAD_TOO_LARGE') reply.removeHeader('connection');
    reply.code(errorMap[error.code].status).type(errorType);
    reply.send(bodyOf(error, { id: request.id, path: pathOf(request.url) }));
  };
}
