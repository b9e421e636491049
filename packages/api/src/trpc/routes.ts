import { type FastifyHandlerOptions, fastifyRequestHandler } from '@trpc/server/adapters/fastify';
import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import { retryAfterOf } from '../error-map.ts';
import type { ReportFailure } from '../failure-report.ts';
import { requestContext } from '../request-context.ts';
import { toAnimaError } from '../wire-error.ts';
import type { AppRouter } from './router.ts';

/** Calls in one request: as many as the client sends, and as many again. */
const mostBatched = 20;

/** Serves the router on Fastify. JSON is all it takes: tRPC's adapter would take forms and files as well. */
export function trpcRoutes(router: AppRouter, report: ReportFailure): FastifyPluginCallback {
  return (app, _options, done) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, parsed) => parsed(null, body));

    const handler: FastifyHandlerOptions<AppRouter, FastifyRequest, FastifyReply> = {
      router,
      maxBatchSize: mostBatched,
      createContext: ({ req, res }) => requestContext(req, res),
      onError: ({ error, path, req }) => report(error, { requestId: req.id, operation: path }),
      responseMeta({ errors }) {
        const retryAfter = retryAfterOf(errors.map((error) => toAnimaError(error).code));
        return retryAfter ? { headers: new Headers({ 'retry-after': retryAfter }) } : {};
      },
    };
    app.all<{ Params: { path: string } }>('/:path', { schema: { hide: true } }, (req, res) =>
      fastifyRequestHandler({ ...handler, req, res, path: req.params.path }),
    );
    done();
  };
}
