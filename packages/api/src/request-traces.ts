import type { RequestTrace, Tracer } from '@anima/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { metricsPath } from './rest/service-routes.ts';

/**
 * Follows each request from its arrival until nothing more of its answer is to be sent, but those of probes and
 * scrapers: they come so often that they would be most of what is seen. Register it before any other hook.
 */
export function traceRequests(app: FastifyInstance, tracer: Pick<Tracer, 'request'>): void {
  const traces = new WeakMap<FastifyRequest, RequestTrace>();
  app.addHook('onRequest', (request, reply, done) => {
    const { method, routeOptions } = request;
    const { url: route, config } = routeOptions;
    if (config.isPublic || route === metricsPath) {
      done();
      return;
    }
    const trace = tracer.request(route === undefined ? method : `${method} ${route}`, request.headers);
    traces.set(request, trace);
    trace.set('http.request.method', method);
    if (route !== undefined) trace.set('http.route', route);
    trace.set('anima.request_id', request.id);
    // Also when the client went away, of which Fastify tells only once there is an answer.
    reply.raw.once('close', () => {
      trace.set('http.response.status_code', reply.statusCode);
      trace.end(reply.statusCode >= 500);
    });
    trace.run(done);
  });
  // The end of an answer is an event of its connection, which knows nothing of the request.
  app.addHook('onResponse', (request, _reply, done) => {
    const trace = traces.get(request);
    if (trace) trace.run(done);
    else done();
  });
}
