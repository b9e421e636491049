import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { AnimaError } from '@anima/core';
import type { Admission } from './admission.ts';
import { type ErrorBody, errorType, pathOf, trpcPrefix } from './error-answer.ts';
import { errorMap, retryAfterOf } from './error-map.ts';
import { mcpPath } from './mcp/routes.ts';
import type { Meter } from './meter.ts';
import type { Readiness } from './readiness.ts';
import { requestIdOf } from './request-context.ts';

/** How the service does is to be seen above all when it has too much to do. */
const neverRefused = /^\/api\/v1\/(meta\/|openapi\.json$)/;

export interface EarlyRefusal {
  readonly admission: Admission;
  readonly errorBody: ErrorBody;
  readonly meter: Pick<Meter, 'countError'>;
  readonly readiness: Pick<Readiness, 'isDraining'>;
}

/**
 * Turns requests away before Fastify hears of them. In a flood nearly all are, and what each of them costs is taken from
 * those that are answered: by Fastify's way it is a third of a millisecond.
 */
export function refuseEarly(server: Server, { admission, errorBody, meter, readiness }: EarlyRefusal): void {
  const handlers = server.listeners('request') as ((request: IncomingMessage, response: ServerResponse) => void)[];
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    const path = pathOf(request.url ?? '');
    const refusal = isGuarded(path) ? refusalOf(admission) : undefined;
    if (!refusal) {
      for (const handle of handlers) handle(request, response);
      return;
    }
    meter.countError(refusal.code);
    const id = requestIdOf(request);
    response.writeHead(errorMap[refusal.code].status, {
      'content-type': errorType,
      'retry-after': retryAfterOf([refusal.code]) ?? '1',
      'x-content-type-options': 'nosniff',
      'x-request-id': id,
      // Who comes back does so by a connection that leads elsewhere.
      ...(readiness.isDraining ? { connection: 'close' } : {}),
    });
    response.end(errorBody(refusal, { id, path }));
  });
}

function isGuarded(path: string): boolean {
  return (
    (path.startsWith('/api/') || path.startsWith(`${trpcPrefix}/`) || path === mcpPath) && !neverRefused.test(path)
  );
}

function refusalOf(admission: Admission): AnimaError | undefined {
  try {
    admission.check();
    return undefined;
  } catch (error) {
    if (error instanceof AnimaError) return error;
    throw error;
  }
}
