import type { FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify';
import { requestIdOf } from './request-context.ts';

/** The largest request body, bytes: 80 memories of the longest content. */
export const bodyLimit = 4 * 1024 * 1024;

/** How long a request may take to arrive, body and all, ms. */
const requestTimeout = 60_000;

export type AnswerFailure = (error: unknown, request: FastifyRequest, reply: FastifyReply) => void;

/**
 * What the Fastify that hosts the API must be made with. A request that still arrives while the server
 * shuts down is served, and its connection then closed.
 */
export function fastifyOptions(answerFailure: AnswerFailure) {
  return {
    bodyLimit,
    requestTimeout,
    genReqId: requestIdOf,
    return503OnClosing: false,
    routerOptions: {
      /** A tRPC batch names all its procedures in one path segment. */
      maxParamLength: 2_000,
    },
    /** URLs that do not even reach a route, so no hook has stamped the answer. */
    frameworkErrors(error, request, reply) {
      stamp(request, reply);
      answerFailure(error, request, reply);
    },
  } satisfies FastifyServerOptions;
}

/** What every answer carries. */
export function stamp(request: FastifyRequest, reply: FastifyReply): void {
  reply.header('X-Request-Id', request.id);
  reply.header('X-Response-Time', `${reply.elapsedTime.toFixed(1)}ms`);
}
