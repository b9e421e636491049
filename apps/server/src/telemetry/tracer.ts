import { AnimaError, type Span, type Tracer } from '@anima/core';
import * as otel from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { currentSpan } from './current-span.ts';

const callers = new W3CTraceContextPropagator();

/**
 * Core's tracer by spans of OpenTelemetry. Which span is the current one is kept by the process, not by OpenTelemetry's
 * global context: several servers may run in one process, each with a tracer or without.
 */
export function createTracer(spans: otel.Tracer): Tracer {
  async function follow<T>(span: otel.Span, work: (span: Span) => Promise<T>): Promise<T> {
    try {
      return await currentSpan.run(span, work, noting(span));
    } catch (error) {
      noteFailure(span, error);
      throw error;
    } finally {
      span.end();
    }
  }
  return {
    step(name, work) {
      const around = currentSpan.getStore();
      if (!around) return work(undefined);
      const span = spans.startSpan(name, {}, otel.trace.setSpan(otel.ROOT_CONTEXT, around));
      return follow(span, work);
    },
    background(name, work) {
      const span = spans.startSpan(name, { root: true }, otel.ROOT_CONTEXT);
      return follow(span, work);
    },
    request(name, headers) {
      const caller = callers.extract(otel.ROOT_CONTEXT, headers, otel.defaultTextMapGetter);
      const span = spans.startSpan(name, { kind: otel.SpanKind.SERVER }, caller);
      return {
        ...noting(span),
        run: (work) => currentSpan.run(span, work),
        end(hasFailed) {
          if (hasFailed) span.setStatus({ code: otel.SpanStatusCode.ERROR });
          span.end();
        },
      };
    },
  };
}

/** All that the others may do with a span. */
function noting(span: otel.Span): Span {
  return { set: (name, value) => void span.setAttribute(name, value) };
}

/** By its code or class: a message may quote what was said. */
function noteFailure(span: otel.Span, error: unknown): void {
  const name = error instanceof AnimaError ? error.code : error instanceof Error ? error.name : typeof error;
  span.setAttribute('error.type', name);
  // Whoever waited has enough, as with a model that is slower than its budget: nothing failed.
  if (name !== 'AbortError') span.setStatus({ code: otel.SpanStatusCode.ERROR });
}
