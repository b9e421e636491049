import type { Log } from '@anima/core';
import type { TelemetrySettings } from './settings.ts';
import type { Telemetry, TelemetrySource } from './telemetry.ts';

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
