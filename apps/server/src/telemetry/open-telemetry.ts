import type { MetricFamily } from '@anima/api';
import type { Log, Tracer } from '@anima/core';
import type { TelemetrySettings } from './settings.ts';

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

/** Loads what sends it: nothing of OpenTelemetry is in a process before that. */
export async function openTelemetry(
  settings: TelemetrySettings | undefined,
  source: TelemetrySource,
  log: Log,
): Promise<Telemetry | undefined> {
  if (!settings) return undefined;
  if (settings.problems.length > 0) {
    log.warn({ problems: settings.problems }, 'settings of OpenTelemetry that mean nothing here');
  }
  if (!settings.traces && !settings.metrics) return undefined;
  const { startTelemetry } = await import('./otlp.ts');
  return startTelemetry(settings, source, log);
}
