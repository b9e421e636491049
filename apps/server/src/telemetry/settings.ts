import type { Env } from '../env.ts';

/** What is sent where. */
export interface TelemetrySettings {
  readonly serviceName: string;
  readonly protocol: (typeof protocols)[number];
  /** As OpenTelemetry writes them: `name=value,…`, percent-encoded. */
  readonly headers: string;
  readonly traces: { readonly url: string; readonly sampler: SamplerName; readonly ratio: number } | undefined;
  readonly metrics: { readonly url: string; readonly everyMs: number } | undefined;
  /** What is set and means nothing here. */
  readonly problems: readonly string[];
}

const protocols = ['http/protobuf', 'http/json'] as const;

const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
export type SamplerName = (typeof samplers)[number];

const usualSampler = 'parentbased_always_on';

/**
 * What OpenTelemetry's own variables ask for; undefined where nothing is to be sent. They are there for every program
 * of a machine, so one that means nothing to Anima is no reason not to start: it is told of and left alone, as the
 * specification wants it.
 */
export function telemetrySettings(env: Env): TelemetrySettings | undefined {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return undefined;
  const problems: string[] = [];
  const tracesUrl = urlOf('traces', env.OTEL_TRACES_EXPORTER, env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, env);
  const metricsUrl = urlOf('metrics', env.OTEL_METRICS_EXPORTER, env.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT, env);
  if (tracesUrl === undefined && metricsUrl === undefined) return undefined;

  const oneOf = <Value extends string>(name: keyof Env, values: readonly Value[]): Value | undefined => {
    const known = values.find((value) => value === env[name]);
    if (known === undefined) problems.push(`${name} is none of ${values.join(', ')}`);
    return known;
  };
  const number = (name: keyof Env, isAllowed: (value: number) => boolean, usual: number): number => {
    const given = env[name];
    const value = Number(given ?? usual);
    if (isAllowed(value)) return value;
    problems.push(`${name} is not a number that it may be; it counts as ${usual}`);
    return usual;
  };
  const url = (given: string | undefined): string | undefined => {
    if (given === undefined || /^https?:$/.test(URL.parse(given)?.protocol ?? '')) return given;
    problems.push('an OTEL_EXPORTER_OTLP_…ENDPOINT is no http:// or https:// URL');
    return undefined;
  };

  // Another protocol has another port: what was meant for it is not sent there in this one.
  const protocol = oneOf('OTEL_EXPORTER_OTLP_PROTOCOL', protocols);
  const traces = protocol && url(tracesUrl);
  const metrics = protocol && url(metricsUrl);
  const sampler = oneOf('OTEL_TRACES_SAMPLER', samplers) ?? usualSampler;
  const ratio = number('OTEL_TRACES_SAMPLER_ARG', (value) => value >= 0 && value <= 1, 1);
  const everyMs = number('OTEL_METRIC_EXPORT_INTERVAL', (value) => value >= 100 && value <= 86_400_000, 60_000);
  return {
    serviceName: env.OTEL_SERVICE_NAME,
    protocol: protocol ?? 'http/protobuf',
    headers: env.OTEL_EXPORTER_OTLP_HEADERS ?? '',
    traces: traces === undefined ? undefined : { url: traces, sampler, ratio },
    metrics: metrics === undefined ? undefined : { url: metrics, everyMs },
    problems,
  };
}

/** Where a signal is sent: its own endpoint is a whole address, the one of all signals the begin of one. */
function urlOf(
  signal: 'traces' | 'metrics',
  exporters: string,
  ownEndpoint: string | undefined,
  { OTEL_EXPORTER_OTLP_ENDPOINT: ofAll }: Env,
): string | undefined {
  const isSent = exporters.split(',').some((exporter) => exporter.trim() === 'otlp');
  if (!isSent) return undefined;
  return ownEndpoint ?? (ofAll && `${ofAll.replace(/\/$/, '')}/v1/${signal}`);
}
