import { AsyncLocalStorage } from 'node:async_hooks';
import type { Span } from '@opentelemetry/api';

/** The span in which something is done, where it is followed. */
export const currentSpan = new AsyncLocalStorage<Span>();

/** What a line of the log says of the span in which it is written, in the names that OpenTelemetry gives them. */
export function spanFields(): object {
  const span = currentSpan.getStore()?.spanContext();
  return span ? { trace_id: span.traceId, span_id: span.spanId } : {};
}
