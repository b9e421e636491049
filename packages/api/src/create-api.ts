import type { FastifyPluginAsync } from 'fastify';
import { createAdmission } from './admission.ts';
import type { ApiDependencies } from './dependencies.ts';
import { createErrorAnswer, createErrorBody } from './error-answer.ts';
import { createFailureReport } from './failure-report.ts';
import { fastifyOptions } from './http-options.ts';
import { type HttpPluginOptions, httpPlugin } from './http-plugin.ts';
import { createLiveSampler } from './live/live-sampler.ts';
import { createLogTail } from './live/log-tail.ts';
import { createMeter } from './meter.ts';
import { createOperations } from './operations.ts';
import { createMeasurements, createRegistry, type MetricFamily } from './prometheus.ts';
import { createReadiness } from './readiness.ts';
import { createServiceState } from './service-state.ts';
import { createRouter } from './trpc/router.ts';

export interface Api {
  /** What the host makes its Fastify with, before it registers `plugin`. */
  readonly fastifyOptions: ReturnType<typeof fastifyOptions>;
  readonly plugin: FastifyPluginAsync<HttpPluginOptions>;
  /** From now on `/health/ready` answers 503: the process is going away. */
  drain(): void;
  /** What `/metrics` shows, as data. */
  readMetrics(): Promise<readonly MetricFamily[]>;
}

/** Puts the API together from the parts that the server has opened. */
export function createApi(dependencies: ApiDependencies): Api {
  const { store, log, tracer, version } = dependencies;
  const registry = createRegistry();
  const meter = createMeter({ registry, ...dependencies });
  const state = createServiceState(dependencies, meter);
  const readiness = createReadiness(store, log);
  const live = createLiveSampler({ ...dependencies, meter });
  const tail = createLogTail(dependencies);
  const measurements = createMeasurements(registry, dependencies);
  const admission = createAdmission(dependencies.shedAboveMs);
  const operations = createOperations(dependencies, {
    ...{ admission, meter, state, live, tail, exposition: measurements.text },
  });
  const router = createRouter(operations);
  const report = createFailureReport({ log, meter });
  const errorBody = createErrorBody(router);
  const answerFailure = createErrorAnswer(errorBody, report);
  const plugin = httpPlugin({
    ...{ router, operations, report, answerFailure, state, readiness, live, tail, version, log, tracer },
    early: { admission, errorBody, meter, readiness },
    keys: dependencies.keys,
    requestsPerMinute: dependencies.requestsPerMinute,
    redis: dependencies.redis,
  });
  const drain = () => {
    readiness.drain();
    live.stop();
    tail.stop();
  };
  return { fastifyOptions: fastifyOptions(answerFailure), plugin, drain, readMetrics: measurements.families };
}
