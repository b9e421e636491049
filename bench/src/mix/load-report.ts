import type { BenchMeasure, BenchReport } from '@anima/core';
import { tableOf } from '../report/blocks.ts';
import { formatShare } from '../report/numbers.ts';
import type { Measured } from './measure-load.ts';
import type { Operation, P95Targets } from './operations.ts';

export interface LoadLimits {
  readonly p95Ms: P95Targets;
  /** Of all operations together. */
  readonly overallP95Ms?: number;
  /** Of all requests, 0–1. */
  readonly errorShare: number;
}

/** How each operation did under a load, as a report shows it. */
export function describeLoad(
  name: string,
  { requestsPerSecond, operations: results, p95: overallP95 }: Measured,
  limits: LoadLimits,
) {
  const of = (operation: Operation) => results.find((result) => result.operation === operation);
  const all = results.reduce((sum, { count, errorCount }) => sum + count + errorCount, 0);
  const failed = results.reduce((sum, { errorCount }) => sum + errorCount, 0);
  const measures: BenchMeasure[] = [
    ...results
      .filter(({ count }) => count > 0)
      .map(({ operation, p95 }) => ({
        ...{ name: `${operation} p95, ${name}`, unit: 'ms' as const, better: 'lower' as const },
        ...{ value: p95, target: limits.p95Ms[operation] },
      })),
    ...(limits.overallP95Ms === undefined ? [] : [overallMeasure(name, overallP95, limits.overallP95Ms)]),
    {
      ...{ name: `errors, ${name}`, unit: 'share', better: 'lower' },
      ...{ value: all === 0 ? 0 : failed / all, target: limits.errorShare },
    },
    { name: `requests, ${name}`, value: requestsPerSecond, unit: 'per second', better: 'higher' },
    { name: `pending adds, ${name}`, value: of('add')?.pendingShare ?? 0, unit: 'share', better: 'lower' },
    { name: `degraded queries, ${name}`, value: of('query')?.degradedShare ?? 0, unit: 'share', better: 'lower' },
  ];
  const failures = results
    .filter(({ count }) => count === 0)
    .map(({ operation }) => `${operation}, ${name}: not one was answered`);
  const kinds = results.flatMap(({ operation, errors }) =>
    Object.entries(errors).map(([kind, times]) => `${operation} failed ${times} times: ${kind}`),
  );
  const blocks: BenchReport['blocks'] = [
    tableOf(
      `Requests, ${name}`,
      ['operation', 'answered', 'errors', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms', 'pending', 'degraded'],
      results.map(({ operation, count, errorCount, p50, p95, p99, max, pendingShare, degradedShare }) => [
        ...[operation, count, errorCount, p50, p95, p99, max],
        operation === 'add' ? formatShare(pendingShare) : null,
        operation === 'query' ? formatShare(degradedShare) : null,
      ]),
      kinds.length > 0 ? kinds.join('; ').slice(0, 500) : undefined,
    ),
    {
      kind: 'latency',
      title: `Latency, ${name}`,
      series: results.map(({ operation, distribution }) => ({
        name: operation,
        percentiles: distribution.map(([percentile, ms]) => [percentile, ms]),
        targetMs: limits.p95Ms[operation],
      })),
    },
  ];
  return { measures, failures, blocks };
}

function overallMeasure(name: string, value: number, target: number): BenchMeasure {
  return { name: `p95 of all, ${name}`, value, target, unit: 'ms', better: 'lower' };
}
