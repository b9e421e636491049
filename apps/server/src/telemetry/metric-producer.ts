import type { MetricFamily } from '@anima/api';
import { ValueType } from '@opentelemetry/api';
import { hrTime } from '@opentelemetry/core';
import { emptyResource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';

type Labels = Readonly<Record<string, string | number | undefined>>;

/** Since when counters count: they have since the process began. */
const startTime = hrTime(0);

/**
 * What is measured for Prometheus, for OpenTelemetry too: read when it is due, under the same names, measured once.
 * Sums and histograms are since the start of the process (cumulative).
 */
export function metricProducer(read: () => Promise<readonly MetricFamily[]>): MetricProducer {
  return {
    async collect() {
      const metrics = (await read()).flatMap(metricData);
      return {
        resourceMetrics: { resource: emptyResource(), scopeMetrics: [{ scope: { name: 'anima' }, metrics }] },
        errors: [],
      };
    },
  };
}

/** None for a family that has no value yet. */
function metricData(family: MetricFamily): MetricData[] {
  const { name, help, values } = family;
  const times = { startTime, endTime: hrTime() };
  const about = {
    descriptor: { name, description: help, unit: '', valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  if (values.length === 0) return [];
  const points = () => values.map(({ labels, value }) => ({ ...times, attributes: { ...labels }, value }));
  // The type of the family says a number, and what is there a word.
  switch (String(family.type)) {
    case 'counter':
      return [{ ...about, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints: points() }];
    case 'gauge':
      return [{ ...about, dataPointType: DataPointType.GAUGE, dataPoints: points() }];
    case 'histogram':
      return [{ ...about, dataPointType: DataPointType.HISTOGRAM, dataPoints: histograms(family, times) }];
    default:
      return [];
  }
}

/** Prometheus counts in each bucket what the smaller ones hold, too. */
function histograms(
  { name, values }: MetricFamily,
  times: Pick<DataPoint<Histogram>, 'startTime' | 'endTime'>,
): DataPoint<Histogram>[] {
  const series = Map.groupBy(values, ({ labels: { le: _, ...labels } }) => JSON.stringify(labels));
  return [...series.values()].map((ofSeries) => {
    const buckets = ofSeries.filter(({ labels }) => 'le' in labels);
    const upTo = buckets.map(({ value }) => value);
    const only = (suffix: string) => ofSeries.find((one) => 'metricName' in one && one.metricName === name + suffix);
    const { le: _, ...attributes }: Labels = ofSeries[0]?.labels ?? {};
    return {
      ...times,
      attributes,
      value: {
        buckets: {
          boundaries: buckets.slice(0, -1).map(({ labels }) => Number((labels as Labels).le)),
          counts: upTo.map((count, index) => count - (upTo[index - 1] ?? 0)),
        },
        sum: only('_sum')?.value ?? 0,
        count: only('_count')?.value ?? 0,
      },
    };
  });
}
