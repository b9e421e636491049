import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { errorMap } from '../error-map.ts';
import type { Operations } from '../operations.ts';
import type { Readiness } from '../readiness.ts';
import { requestContext } from '../request-context.ts';
import { cacheStatsView, healthView, metricsView, type ServiceState } from '../service-state.ts';
import { errorResponses } from './envelope.ts';

const tags = ['service'];

/** Where Prometheus asks. */
export const metricsPath = '/metrics';

export interface ServiceParts {
  readonly state: ServiceState;
  readonly readiness: Readiness;
  readonly operations: Operations;
}

/** What operators, probes and dashboards ask for; bare shapes, without the envelope. */
export function serviceRoutes({ state, readiness, operations }: ServiceParts): FastifyPluginCallbackZod {
  /** For balancers and probes, which have no key. */
  const config = { isPublic: true };
  return (app, _options, done) => {
    app.get('/health', { config, schema: { tags, summary: 'Who answers here', response: { 200: healthView } } }, () =>
      state.health(),
    );
    app.get(
      '/health/live',
      {
        config,
        schema: {
          tags,
          summary: 'Whether the process lives',
          response: { 200: z.object({ status: z.literal('live') }).describe('It lives') },
        },
      },
      () => ({ status: 'live' as const }),
    );
    app.get(
      '/health/ready',
      {
        config,
        schema: {
          tags,
          summary: 'Whether requests should be sent here',
          response: {
            200: z.object({ status: z.literal('ready') }).describe('They should'),
            503: z.object({ status: z.literal('unready'), reason: z.string() }).describe('They should not, and why'),
          },
        },
      },
      async (_request, reply) => {
        const reason = await readiness.unready();
        if (reason === undefined) return { status: 'ready' as const };
        return reply
          .code(503)
          .header('Retry-After', errorMap.UNAVAILABLE.retryAfter)
          .send({ status: 'unready', reason });
      },
    );
    app.get(
      '/api/v1/meta/cache-stats',
      { schema: { tags, summary: 'The embedding cache, and what to do about it', response: { 200: cacheStatsView } } },
      (request, reply) => operations.cacheStats(requestContext(request, reply)),
    );
    app.get(
      '/api/v1/meta/metrics',
      {
        schema: {
          tags,
          summary: 'How the service is doing now',
          response: { 200: metricsView, '5xx': errorResponses['5xx'] },
        },
      },
      (request, reply) => operations.metrics(requestContext(request, reply)),
    );
    app.get(
      metricsPath,
      {
        schema: {
          tags,
          summary: 'Everything measured, as Prometheus text',
          response: { 200: { description: 'The text', content: { 'text/plain': { schema: z.string() } } } },
        },
      },
      async (request, reply) => {
        const text = await operations.exposition(requestContext(request, reply));
        return reply.type('text/plain; version=0.0.4; charset=utf-8').send(text);
      },
    );
    done();
  };
}
