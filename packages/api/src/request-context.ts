import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Principal } from '@anima/core';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** What an operation knows of the request that it serves, whichever face took it. */
export interface RequestContext {
  readonly requestId: string;
  /** Whose request it is; an operation refuses one that is nobody's. */
  readonly principal: Principal | undefined;
  /** @throws AnimaError `UNAUTHORIZED` when the key of the request opens nothing any more */
  confirm(): Promise<void>;
  /** Time since the request arrived, ms. */
  elapsedMs(): number;
}

export function requestContext(request: FastifyRequest, reply: FastifyReply): RequestContext {
  return {
    requestId: request.id,
    principal: request.principal,
    confirm: () => request.confirm(),
    elapsedMs: () => reply.elapsedTime,
  };
}

/** What may pass from a caller's header into logs and answers: short, and nothing that could break a line. */
const saneRequestId = /^[\w.:@/+=-]{1,128}$/;

/** The caller's own `X-Request-Id` where it is sane, else a new one. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && saneRequestId.test(given) ? given : randomUUID();
}
