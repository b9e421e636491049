import type { MetricFamily } from '@anima/api';
import type { Tracer } from '@anima/core';

/** What is done and measured here, sent to a collector. */
export interface Telemetry {
  /** Undefined where only metrics are sent. */
  readonly tracer: Tracer | undefined;
  /**
   * Sends from now on what is read, from time to time.
   *
   * @returns sends it a last time, and ends that; what it is read from must still be there
   */
  sendMetrics(read: () => Promise<readonly MetricFamily[]>): () => Promise<void>;
  /** Sends the spans that were not yet sent, and ends. */
  close(): Promise<void>;
}

/** Which process it is. */
export interface TelemetrySource {
  readonly version: string;
  readonly role: string;
}
