import type { BenchMeasure, BenchReport } from '@anima/core';
import { growthExponent } from '../fit-line.ts';
import { operationNames } from '../mix/operations.ts';
import { tableOf } from '../report/blocks.ts';
import type { Findings } from '../report/report.ts';
import type { Grown } from './grow.ts';
import type { Recalls } from './measure-recall.ts';
import type { ServerAtSize } from './measure-size.ts';

const mebibyte = 2 ** 20;

/** What a query may take at a million memories, of what it takes at ten thousand. */
const aim = { of: 1_000_000, against: 10_000, factor: 2 };

export interface AtSize extends Grown, ServerAtSize {
  readonly size: number;
  readonly recalls: Recalls;
}

export interface Skipped {
  readonly size: number;
  readonly why: string;
}

/** How everything grows with the number of memories. */
export function describeScale(
  measured: readonly AtSize[],
  skipped: readonly Skipped[],
): Pick<Findings, 'measures' | 'blocks' | 'data'> {
  const curves = operationNames.flatMap((operation) => {
    const of = measured.map((at) => ({ size: at.size, ...at.operations.find((each) => each.operation === operation) }));
    const points = (key: 'p50' | 'p95' | 'perSecond') =>
      of.flatMap((one): [number, number][] => (one[key] === undefined ? [] : [[one.size, one[key]]]));
    return [{ operation, p50: points('p50'), p95: points('p95'), perSecond: points('perSecond') }];
  });
  const measures: BenchMeasure[] = [
    ...curves.flatMap(({ operation, p50, p95 }) => [
      ...exponent(`${operation} p50, growth exponent`, p50),
      ...exponent(`${operation} p95, growth exponent`, p95),
    ]),
    ...exponent(
      'index of vectors, growth exponent',
      measured.map(({ size, sizes }) => [size, sizes.vectorIndexBytes]),
    ),
    ...aimOf(curves.find(({ operation }) => operation === 'query')?.p95 ?? []),
  ];
  const lines = (title: string, label: string, key: 'p50' | 'p95' | 'perSecond'): BenchReport['blocks'][number] => ({
    ...{ kind: 'lines', title, x: { label: 'memories', scale: 'log' }, y: { label, scale: 'log' } },
    series: curves.map((curve) => ({ name: curve.operation, points: curve[key] })),
  });
  return {
    measures,
    blocks: [
      operationTable(measured),
      sizeTable(measured),
      recallTable(measured),
      ...extrapolated(measured),
      ...(skipped.length === 0
        ? []
        : [
            tableOf(
              'Left out',
              ['memories', 'why'],
              skipped.map(({ size, why }) => [String(size), why]),
            ),
          ]),
      lines('p50 of one caller', 'ms', 'p50'),
      lines('p95 of one caller', 'ms', 'p95'),
      lines('Throughput of several callers', 'per second', 'perSecond'),
      {
        ...{ kind: 'lines', title: 'Size', x: { label: 'memories', scale: 'log' }, y: { label: 'MiB', scale: 'log' } },
        series: [
          { name: 'database', points: measured.map(({ size, sizes }) => [size, sizes.databaseBytes / mebibyte]) },
          { name: 'indexes', points: measured.map(({ size, sizes }) => [size, sizes.indexBytes / mebibyte]) },
          {
            name: 'index of vectors',
            points: measured.map(({ size, sizes }) => [size, sizes.vectorIndexBytes / mebibyte]),
          },
        ],
      },
    ],
    data: { measured, skipped },
  };
}

function exponent(name: string, points: readonly (readonly [number, number])[]): BenchMeasure[] {
  const value = growthExponent(points);
  return value === undefined ? [] : [{ name, value, unit: 'ratio', better: 'lower' }];
}

function aimOf(p95: readonly (readonly [size: number, ms: number])[]): BenchMeasure[] {
  const at = (size: number) => p95.find(([each]) => each === size)?.[1];
  const [large, small] = [at(aim.of), at(aim.against)];
  if (large === undefined || small === undefined) return [];
  const name = 'query p95 at 1,000,000, times that at 10,000';
  return [{ name, value: large / small, unit: 'ratio', better: 'lower', target: aim.factor }];
}

function operationTable(measured: readonly AtSize[]): BenchReport['blocks'][number] {
  return tableOf(
    'Every operation at every size',
    ['memories', ...operationNames.flatMap((name) => [`${name} p50, ms`, 'p95, ms', 'per second'])],
    measured.map(({ size, operations }) => [
      String(size),
      ...operations.flatMap(({ p50, p95, perSecond }) => [p50, p95, perSecond]),
    ]),
    'Latencies are those of one caller, over HTTP, no text twice; throughput is that of several.',
  );
}

function sizeTable(measured: readonly AtSize[]): BenchReport['blocks'][number] {
  return tableOf(
    'What it takes',
    [
      'memories',
      'database, MiB',
      'indexes, MiB',
      'index of vectors, MiB',
      'server, MiB',
      'made in, s',
      'vectors indexed in, s',
    ],
    measured.map(({ size, sizes, rssBytes, growMs, indexMs }) => [
      String(size),
      ...[sizes.databaseBytes, sizes.indexBytes, sizes.vectorIndexBytes, rssBytes].map((bytes) => bytes / mebibyte),
      ...[growMs, indexMs].map((ms) => ms / 1_000),
    ]),
  );
}

function recallTable(measured: readonly AtSize[]): BenchReport['blocks'][number] {
  const views = measured[0]?.recalls.byView.map(({ view }) => view) ?? [];
  return tableOf(
    'The graph of vectors, against comparing every vector',
    ['memories', ...views.flatMap((view) => [`ef_search ${view}: recall@20`, 'ms']), 'every vector, ms'],
    measured.map(({ size, recalls }) => [
      String(size),
      ...recalls.byView.flatMap(({ recall, ms }) => [recall, ms]),
      recalls.exactMs,
    ]),
    'Medians of the bare statement, 30 questions. Anima looks with 100, and with 400 where there is a filter.',
  );
}

/** The straight line through the logarithms, one power of ten further than what was measured. */
function extrapolated(measured: readonly AtSize[]): BenchReport['blocks'] {
  // Below, all of a space is compared and nothing is said of the graph.
  const large = measured.filter(({ size }) => size >= 10_000);
  const last = large.at(-1);
  if (!last || large.length < 3) return [];
  const size = 10 * last.size;
  const row = (what: string, unit: string, of: (at: AtSize) => number) => {
    const points = large.map((at) => [at.size, of(at)] as const);
    const exponent = growthExponent(points) ?? Number.NaN;
    return [`${what}, ${unit}`, of(last), exponent, of(last) * 10 ** exponent];
  };
  const p95 = (at: AtSize) => at.operations.find(({ operation }) => operation === 'query')?.p95 ?? Number.NaN;
  return [
    tableOf(
      `What ${size.toLocaleString('en-US')} would take`,
      ['what', `at ${last.size.toLocaleString('en-US')}`, 'growth exponent', `at ${size.toLocaleString('en-US')}`],
      [
        row('query p95', 'ms', p95),
        // One that was there is not built.
        ...(large.every(({ from, size }) => from < size)
          ? [row('indexing all vectors', 's', ({ indexMs }) => indexMs / 1_000)]
          : []),
        row('database', 'MiB', ({ sizes }) => sizes.databaseBytes / mebibyte),
        row('indexes', 'MiB', ({ sizes }) => sizes.indexBytes / mebibyte),
        row('index of vectors', 'MiB', ({ sizes }) => sizes.vectorIndexBytes / mebibyte),
      ],
      `Not measured: a straight line through the logarithms, from ${large.map((at) => at.size.toLocaleString('en-US')).join(', ')}.`,
    ),
  ];
}
