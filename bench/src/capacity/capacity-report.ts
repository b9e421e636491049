import type { BenchMeasure, BenchReport } from '@anima/core';
import { median } from '../median.ts';
import { tableOf } from '../report/blocks.ts';
import { type Capacity, find, latenciesOf, nameOf, rateOf, ratesOf } from './capacity.ts';
import { floorNames, floorOf, recorded, type Served } from './subjects.ts';
import type { Window } from './window.ts';

/** An operation at a constant rate. */
export interface AtRate {
  readonly operation: Served;
  readonly perSecond: number;
  readonly window: Window;
}

interface Described {
  readonly measures: BenchMeasure[];
  readonly blocks: BenchReport['blocks'];
}

/** What closed loops reached, beside the floors of the same run. */
export function describeCapacity(capacities: readonly Capacity[], served: readonly Served[]): Described {
  const connections = [...new Set(capacities.map((capacity) => capacity.connections))];
  const most = Math.max(...connections);
  const measures = served.flatMap((operation) => [
    ...connections.map((count) => ({
      ...{ name: `${operation} of its floor, ${count} at a time`, unit: 'ratio' as const, better: 'higher' as const },
      value: ratioToFloor(capacities, operation, count, true),
    })),
    {
      ...{ name: `${operation}, ${most} at a time`, unit: 'per second' as const, better: 'higher' as const },
      value: rateOf(find(capacities, operation, most), true),
    },
  ]);
  return {
    measures,
    blocks: [
      tableOf(
        'Operations beside their floors',
        ['operation', 'floor', 'at a time', 'answers/s', 'with folding/s', 'floor/s', 'of the floor', 'with folding'],
        served.flatMap((operation) =>
          connections.map((count) => [
            ...[operation, floorNames[floorOf[operation]], count],
            rateOf(find(capacities, operation, count), false),
            recorded.has(operation) ? rateOf(find(capacities, operation, count), true) : null,
            rateOf(find(capacities, floorOf[operation], count), false),
            ratioToFloor(capacities, operation, count, false),
            recorded.has(operation) ? ratioToFloor(capacities, operation, count, true) : null,
          ]),
        ),
        'Closed loops, medians of windows in turns. With folding, the time until all was folded counts too. ' +
          'A floor is the statement by itself, in the process of the bench, on a copy of the same data.',
      ),
      {
        kind: 'bars',
        title: `Answers a second, ${most} at a time`,
        y: { label: 'per second', scale: 'log' },
        series: ['operation', 'with folding', 'its floor'],
        groups: served.map((operation) => ({
          name: operation,
          values: [
            rateOf(find(capacities, operation, most), false),
            recorded.has(operation) ? rateOf(find(capacities, operation, most), true) : null,
            rateOf(find(capacities, floorOf[operation], most), false),
          ],
        })),
      },
      tableOf(
        'Latencies of the closed loops',
        ['what', 'at a time', 'a second', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms', 'errors'],
        capacities.map((capacity) => {
          const { latencies, errors } = latenciesOf(capacity);
          return [
            ...[nameOf(capacity.subject), capacity.connections, rateOf(capacity, false)],
            ...[latencies.at(50), latencies.at(95), latencies.at(99), latencies.max, sum(errors)],
          ];
        }),
      ),
    ],
  };
}

/** Operations at a part of their capacity. */
export function describeAtRate(results: readonly AtRate[], part: number): Described {
  const percent = `${100 * part} %`;
  return {
    measures: results.map(({ operation, window }) => ({
      ...{ name: `${operation} p95 at ${percent} of its capacity`, unit: 'ms', better: 'lower' },
      value: window.latencies.at(95),
    })),
    blocks: [
      tableOf(
        `At ${percent} of what each reached`,
        ['operation', 'sent a second', 'answered', 'errors', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms'],
        results.map(({ operation, perSecond, window: { latencies, errors } }) => [
          ...[operation, perSecond, latencies.count, sum(errors)],
          ...[latencies.at(50), latencies.at(95), latencies.at(99), latencies.max],
        ]),
        'A constant rate; each latency counts from when the request was meant to be sent.',
      ),
      {
        kind: 'latency',
        title: `Latency at ${percent} of what each reached`,
        series: results.map(({ operation, window }) => ({
          name: operation,
          percentiles: window.latencies.distribution(),
        })),
      },
    ],
  };
}

/** The median of what an operation is of its floor, each round by itself: neighbours in time. */
function ratioToFloor(capacities: readonly Capacity[], operation: Served, connections: number, drained: boolean) {
  return median(ratiosToFloor(capacities, operation, connections, drained));
}

export function ratiosToFloor(
  capacities: readonly Capacity[],
  operation: Served,
  connections: number,
  drained: boolean,
): number[] {
  const floors = ratesOf(find(capacities, floorOf[operation], connections), false);
  const rates = ratesOf(find(capacities, operation, connections), drained);
  // A window in which nothing was answered on one side, as on a machine that stood still, is no ratio.
  return rates.flatMap((rate, round) => {
    const floor = floors[round] ?? 0;
    return rate > 0 && floor > 0 ? [rate / floor] : [];
  });
}

/** What went wrong over HTTP, a sentence each. */
export function failuresOf(capacities: readonly Capacity[], atRate: readonly AtRate[]): string[] {
  const ofLoops = capacities.flatMap((capacity) =>
    [...latenciesOf(capacity).errors].map(
      ([kind, times]) => `${nameOf(capacity.subject)} failed ${times} times: ${kind}`,
    ),
  );
  const atRates = atRate.flatMap(({ operation, window }) =>
    [...window.errors].map(([kind, times]) => `${operation} at a constant rate failed ${times} times: ${kind}`),
  );
  return [...ofLoops, ...atRates].slice(0, 50);
}

function sum(errors: ReadonlyMap<string, number>): number {
  return [...errors.values()].reduce((total, times) => total + times, 0);
}
