import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '@anima/core';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import { parseKeyPairsIntoRecord, setGlobalErrorHandler } from '@opentelemetry/core';
import {
  defaultResource,
  detectResources,
  type Resource,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader, type PushMetricExporter } from '@opentelemetry/sdk-metrics';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { metricProducer } from './metric-producer.ts';
import type { SamplerName, TelemetrySettings } from './settings.ts';
import type { Telemetry, TelemetrySource } from './telemetry.ts';
import { createTracer } from './tracer.ts';

/** How long the last metrics, and then the last spans, may take at the end, ms: a collector that is gone keeps nobody. */
const patienceMs = 1_500;

/** Between two lines of the log about a collector that takes nothing, ms. */
const quietMs = 60_000;

/** OTLP over HTTP. What is not said here (time-outs, compression, certificates) the exporters read from their variables. */
export async function startTelemetry(
  settings: TelemetrySettings,
  source: TelemetrySource,
  log: Log,
): Promise<Telemetry> {
  reportTo(log);
  const resource = resourceOf(settings, source);
  const { traces, metrics, protocol } = settings;
  const headers = parseKeyPairsIntoRecord(settings.headers);
  const provider =
    traces &&
    new TracerProvider({
      resource,
      sampler: samplerOf(traces.sampler, traces.ratio),
      spanProcessors: [new BatchSpanProcessor({ exporter: await spanExporter(protocol, traces.url, headers) })],
    });
  const exporter = metrics && (await metricExporter(protocol, metrics.url, headers));
  const lastOf = async (sending: Promise<void> | undefined, what: string) => {
    const late = sleep(patienceMs, 'late', { ref: false });
    const end = await Promise.race([Promise.resolve(sending).catch((error: unknown) => error ?? 'failed'), late]);
    if (end !== undefined) log.warn({ what, err: end }, 'the last of what is followed and measured could not be sent');
  };
  return {
    tracer: provider && createTracer(provider.getTracer('anima', source.version)),
    sendMetrics(read) {
      if (!metrics || !exporter) return async () => undefined;
      const reader = new PeriodicExportingMetricReader({
        exporter,
        exportIntervalMillis: metrics.everyMs,
        metricProducers: [metricProducer(read)],
      });
      const meters = new MeterProvider({ resource, readers: [reader] });
      return () => lastOf(meters.shutdown(), 'metrics');
    },
    close: () => lastOf(provider?.shutdown(), 'traces'),
  };
}

/** What everything that is sent has in common; `OTEL_RESOURCE_ATTRIBUTES` adds to it. */
function resourceOf({ serviceName }: TelemetrySettings, { version, role }: TelemetrySource): Resource {
  return defaultResource()
    .merge(detectResources({ detectors: [serviceInstanceIdDetector, resourceAttributesEnvDetector] }))
    .merge(resourceFromAttributes({ 'service.name': serviceName, 'service.version': version, 'anima.role': role }));
}

function samplerOf(name: SamplerName, ratio: number): Sampler {
  const roots = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(ratio),
  };
  const [, root = name] = /^parentbased_(.+)$/.exec(name) ?? [];
  const sampler = roots[root as keyof typeof roots]();
  return root === name ? sampler : new ParentBasedSampler({ root: sampler });
}

type Protocol = TelemetrySettings['protocol'];

async function spanExporter(protocol: Protocol, url: string, headers: Record<string, string>): Promise<SpanExporter> {
  const { OTLPTraceExporter } =
    protocol === 'http/json'
      ? await import('@opentelemetry/exporter-trace-otlp-http')
      : await import('@opentelemetry/exporter-trace-otlp-proto');
  return new OTLPTraceExporter({ url, headers });
}

async function metricExporter(
  protocol: Protocol,
  url: string,
  headers: Record<string, string>,
): Promise<PushMetricExporter> {
  const { OTLPMetricExporter } =
    protocol === 'http/json'
      ? await import('@opentelemetry/exporter-metrics-otlp-http')
      : await import('@opentelemetry/exporter-metrics-otlp-proto');
  return new OTLPMetricExporter({ url, headers });
}

/** A collector that is gone is told of now and then, and nothing waits for it. */
function reportTo(log: Log): void {
  let reportedAt = Number.NEGATIVE_INFINITY;
  const report = (fields: object) => {
    const now = performance.now();
    if (now - reportedAt < quietMs) return;
    reportedAt = now;
    log.warn(fields, 'traces or metrics could not be sent');
  };
  setGlobalErrorHandler((error) => report({ err: error }));
  const ignore = () => undefined;
  const say = (reason: string) => report({ reason });
  const logger = { error: say, warn: say, info: ignore, debug: ignore, verbose: ignore };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
}
