import type { ErrorCode, Log } from '@anima/core';
import { Counter, Histogram, type Registry } from 'prom-client';
import { LatencyInterval, type LatencySummary, LatencyWindow } from './latency-window.ts';
import type { RequestContext } from './request-context.ts';

/** The operations whose recent latency `/api/v1/meta/metrics` shows. */
const watched = ['add', 'query', 'bootstrap'] as const;
export type Watched = (typeof watched)[number];

/** The one place where operations and errors are counted, for both faces. */
export interface Meter {
  /** An operation ended; its time runs from the arrival of its request. */
  observe(operation: string, status: 'ok' | ErrorCode, request: Pick<RequestContext, 'requestId' | 'elapsedMs'>): void;
  /** A request was answered with this error, whether or not an operation had begun. */
  countError(code: ErrorCode): void;
  latency(): Record<Watched, LatencySummary>;
  /** What was observed and counted since it was last taken. It has one reader. */
  takeInterval(): Interval;
}

interface Interval {
  readonly latency: Record<Watched, LatencySummary>;
  /** Operations that ended. */
  readonly operations: number;
  readonly errors: number;
}

export function createMeter(options: {
  readonly registry: Registry;
  readonly log: Log;
  readonly slowRequestMs: number;
}): Meter {
  const { registry, log, slowRequestMs } = options;
  const durations = new Histogram({
    name: 'anima_operation_duration_seconds',
    help: 'Time from the arrival of a request to the end of its operation',
    labelNames: ['operation', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.2, 0.3, 0.5, 1, 2.5, 5],
    registers: [registry],
  });
  const errors = new Counter({
    name: 'anima_errors_total',
    help: 'Requests answered with an error',
    labelNames: ['code'],
    registers: [registry],
  });
  const windows = { add: new LatencyWindow(), query: new LatencyWindow(), bootstrap: new LatencyWindow() };
  const interval = { add: new LatencyInterval(), query: new LatencyInterval(), bootstrap: new LatencyInterval() };
  const counted = { operations: 0, errors: 0 };

  return {
    observe(operation, status, request) {
      const ms = request.elapsedMs();
      durations.observe({ operation, status }, ms / 1_000);
      counted.operations += 1;
      if (isWatched(operation)) {
        windows[operation].record(ms);
        interval[operation].record(ms);
      }
      if (ms > slowRequestMs) {
        const fields = { operation, status, ms: Math.round(ms), requestId: request.requestId };
        log.warn(fields, 'slow request');
      }
    },
    countError(code) {
      errors.inc({ code });
      counted.errors += 1;
    },
    latency() {
      return {
        add: windows.add.summary(),
        query: windows.query.summary(),
        bootstrap: windows.bootstrap.summary(),
      };
    },
    takeInterval() {
      const taken = { ...counted };
      Object.assign(counted, { operations: 0, errors: 0 });
      const latency = { add: interval.add.take(), query: interval.query.take(), bootstrap: interval.bootstrap.take() };
      return { ...taken, latency };
    },
  };
}

function isWatched(operation: string): operation is Watched {
  return (watched as readonly string[]).includes(operation);
}
