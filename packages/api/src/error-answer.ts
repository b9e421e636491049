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

/** Reports and sends an error that no tRPC call has answered itself, in the shape of the face that was called. */
export function createErrorAnswer(router: AppRouter, report: ReportFailure): AnswerFailure {
  return (thrown, request, reply) => {
    const error = report(thrown, { requestId: request.id, operation: request.routeOptions.url });
    const { status, trpc } = errorMap[error.code];
    const retryAfter = retryAfterOf([error.code]);
    if (retryAfter && !reply.hasHeader('Retry-After')) reply.header('Retry-After', retryAfter);
    if (error.code === 'UNAUTHORIZED') reply.header('WWW-Authenticate', 'Bearer');
    // Fastify would close the connection on a body that is too large, and a caller who is still sending
    // it would see a broken pipe instead of this answer. Node reads on and drops what comes.
    if (error.code === 'PAYLOAD_TOO_LARGE') reply.removeHeader('connection');
    reply.code(status).type('application/json; charset=utf-8');
    if (request.routeOptions.url === mcpPath) {
      reply.send(JSON.stringify(jsonRpcFailure(error)));
      return;
    }
    if (!request.url.startsWith(`${trpcPrefix}/`)) {
      reply.send(JSON.stringify(failure(request, errorView(error))));
      return;
    }
    const shape = getTRPCErrorShape({
      config: router._def._config,
      error: new TRPCError({ code: trpc, cause: error }),
      type: 'unknown',
      path: undefined,
      input: undefined,
      ctx: undefined,
    });
    reply.send(JSON.stringify({ error: shape }));
  };
}
