import { AnimaError, type KeyStore, type Log, type SharedRedis, type Tracer } from '@anima/core';
import swagger from '@fastify/swagger';
import type { FastifyPluginAsync } from 'fastify';
import { authenticate } from './authentication.ts';
import { type EarlyRefusal, refuseEarly } from './early-refusal.ts';
import { trpcPrefix } from './error-answer.ts';
import type { ReportFailure } from './failure-report.ts';
import { type AnswerFailure, stamp } from './http-options.ts';
import type { LiveSampler } from './live/live-sampler.ts';
import type { LogTail } from './live/log-tail.ts';
import { mcpRoutes } from './mcp/routes.ts';
import type { Operations } from './operations.ts';
import { limitRates } from './rate-limits.ts';
import { requestContext } from './request-context.ts';
import { traceRequests } from './request-traces.ts';
import { validateRequest } from './request-validation.ts';
import { archiveRoutes } from './rest/archive-routes.ts';
import { associationRoutes } from './rest/association-routes.ts';
import { backupRoutes } from './rest/backup-routes.ts';
import { benchRoutes } from './rest/bench-routes.ts';
import { catalystRoutes } from './rest/catalyst-routes.ts';
import { historyRoutes } from './rest/history-routes.ts';
import { lifecycleRoutes } from './rest/lifecycle-routes.ts';
import { logRoutes } from './rest/log-routes.ts';
import { maintenanceRoutes } from './rest/maintenance-routes.ts';
import { memoryRoutes } from './rest/memory-routes.ts';
import { openapiOptions } from './rest/openapi.ts';
import { reembedRoutes } from './rest/reembed-routes.ts';
import { type ServiceParts, serviceRoutes } from './rest/service-routes.ts';
import { spaceRoutes } from './rest/space-routes.ts';
import { surveyRoutes } from './rest/survey-routes.ts';
import { transferRoutes } from './rest/transfer-routes.ts';
import type { AppRouter } from './trpc/router.ts';
import { trpcRoutes } from './trpc/routes.ts';

export interface HttpParts extends ServiceParts {
  readonly router: AppRouter;
  readonly operations: Operations;
  readonly early: EarlyRefusal;
  readonly report: ReportFailure;
  readonly answerFailure: AnswerFailure;
  readonly live: LiveSampler;
  readonly tail: LogTail;
  readonly version: string;
  /** Undefined where nobody is asked for a key. */
  readonly keys: KeyStore | undefined;
  /** Of one key. */
  readonly requestsPerMinute: number;
  /** Where it is counted; undefined where each process counts for itself. */
  readonly redis: SharedRedis | undefined;
  readonly log: Log;
  readonly tracer: Pick<Tracer, 'request'> | undefined;
}

/** What a process shows: everything, or only how it is doing (a worker). */
export interface HttpPluginOptions {
  readonly faces: 'all' | 'service';
}

/** All faces as one Fastify plugin. It never listens: the host does. */
export function httpPlugin(parts: HttpParts): FastifyPluginAsync<HttpPluginOptions> {
  const { router, operations, early, report, answerFailure, live, tail, version, log, tracer } = parts;
  const { keys, requestsPerMinute, redis } = parts;
  return async (app, { faces }) => {
    app.setValidatorCompiler(validateRequest);
    // Types hold every answer to its schema, so none is checked again on its way out.
    app.setSerializerCompiler(() => JSON.stringify);
    app.removeContentTypeParser('text/plain');

    if (tracer) traceRequests(app, tracer);
    app.addHook('onSend', async (request, reply) => stamp(request, reply));
    // Fastify keeps the time of a request only where somebody listens for its end, as this does.
    app.addHook('onResponse', async (request, reply) => {
      const { method, routeOptions } = request;
      const ms = Math.round(reply.elapsedTime);
      log.debug({ requestId: request.id, method, route: routeOptions.url, status: reply.statusCode, ms }, 'request');
    });
    refuseEarly(app.server, early);
    const countTry = keys ? await limitRates(app, requestsPerMinute, redis) : async () => undefined;
    authenticate(app, keys, countTry);
    app.setErrorHandler(answerFailure);
    app.setNotFoundHandler((request, reply) => {
      answerFailure(new AnimaError('NOT_FOUND', `nothing answers ${request.method} here`), request, reply);
    });

    await app.register(swagger, openapiOptions(version));
    await app.register(serviceRoutes(parts));
    if (faces === 'all') {
      await app.register(memoryRoutes(operations), { prefix: '/api/v1/memories' });
      await app.register(lifecycleRoutes(operations), { prefix: '/api/v1/memories' });
      await app.register(catalystRoutes(operations), { prefix: '/api/v1/memories' });
      await app.register(associationRoutes(operations), { prefix: '/api/v1/associations' });
      await app.register(historyRoutes(operations), { prefix: '/api/v1/memories' });
      await app.register(logRoutes(operations), { prefix: '/api/v1' });
      await app.register(spaceRoutes(operations), { prefix: '/api/v1/spaces' });
      await app.register(surveyRoutes(operations), { prefix: '/api/v1/spaces' });
      await app.register(reembedRoutes(operations), { prefix: '/api/v1/spaces' });
      await app.register(transferRoutes(operations), { prefix: '/api/v1/spaces' });
      await app.register(backupRoutes(operations), { prefix: '/api/v1' });
      await app.register(benchRoutes(operations), { prefix: '/api/v1/bench' });
      await app.register(maintenanceRoutes(operations), { prefix: '/api/v1' });
      await app.register(archiveRoutes(operations), { prefix: '/api/v1' });
      app.addHook('onReady', async () => live.start());
      await app.register(mcpRoutes({ operations, report, version }));
      app.addHook('preClose', async () => {
        live.stop();
        tail.stop();
      });
      await app.register(trpcRoutes(router, report), { prefix: trpcPrefix });
    }
    app.get('/api/v1/openapi.json', { schema: { hide: true } }, (request, reply) =>
      operations.openapi(requestContext(request, reply), () => app.swagger()),
    );
  };
}
