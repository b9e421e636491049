import type { BenchMeasure, BenchReport } from '@anima/core';
import { percentile } from '../percentile.ts';
import { tableOf } from '../report/blocks.ts';
import type { Findings } from '../report/report.ts';
import type { Reading } from './readings.ts';
import { type Series, type Trend, trendOf } from './trend.ts';

const mebibyte = 2 ** 20;

/** What must not rise, and by how much of where it began it may all the same. */
const watched = [
  { name: 'memory', unit: 'bytes', tolerance: 0.1, read: ({ rssBytes }: Reading) => rssBytes },
  { name: 'heap in use', unit: 'bytes', tolerance: 0.1, read: ({ heapUsedBytes }: Reading) => heapUsedBytes },
  { name: 'handles', unit: 'count', tolerance: 0.1, read: ({ handles }: Reading) => handles },
  { name: 'open files', unit: 'count', tolerance: 0.1, read: ({ openFiles }: Reading) => openFiles },
] as const;

/** Events that a lag may begin with and grow by: less is a batch. */
const tolerableLag = 500;

/** What the readings of a soak say: whether something leaked or fell behind. */
export function describeSoak(readings: readonly Reading[]): Pick<Findings, 'measures' | 'blocks' | 'failures'> {
  const trends = watched.flatMap((one) => {
    const series = seriesOf(readings, one.read);
    return series.length === 0 ? [] : [{ ...one, trend: trendOf(series, one.tolerance) }];
  });
  const lag = trendOf(
    seriesOf(readings, ({ lagEvents }) => lagEvents + tolerableLag),
    1,
  );
  const lags = readings.map(({ lagMs }) => lagMs);
  const measures: BenchMeasure[] = [
    ...trends.flatMap(({ name, unit, trend }): BenchMeasure[] => [
      { name: `${name} at first`, value: trend.from, unit, better: 'lower' },
      { name: `${name}, rise`, value: trend.rise, unit, better: 'lower' },
    ]),
    ...([50, 95, 100] as const).map(
      (percent): BenchMeasure => ({
        ...{ name: `lag ${percent === 100 ? 'max' : `p${percent}`}`, value: percentile(lags, percent) },
        ...{ unit: 'ms', better: 'lower' },
      }),
    ),
  ];
  const failures = [
    ...trends.flatMap(({ name, unit, trend }) => (trend.isRising ? [`${name} rises: ${inWords(trend, unit)}`] : [])),
    ...(lag.isRising ? [`the lag grows: by ${Math.round(lag.rise)} events`] : []),
  ];
  return {
    measures,
    failures,
    blocks: [trendTable(trends), memoryLines(readings), handleLines(readings), lagLines(readings)],
  };
}

function seriesOf(readings: readonly Reading[], read: (reading: Reading) => number | undefined): Series {
  return readings.flatMap((reading) => {
    const value = read(reading);
    return value === undefined ? [] : [[reading.atMs, value] as const];
  });
}

function inWords({ from, rise, standardError }: Trend, unit: 'bytes' | 'count'): string {
  const show = (value: number) => (unit === 'bytes' ? `${(value / mebibyte).toFixed(1)} MiB` : value.toFixed(1));
  return `from ${show(from)} by ${show(rise)} ± ${show(standardError)}`;
}

function trendTable(
  trends: readonly { readonly name: string; readonly unit: 'bytes' | 'count'; readonly trend: Trend }[],
): BenchReport['blocks'][number] {
  const per = (unit: 'bytes' | 'count') => (unit === 'bytes' ? mebibyte : 1);
  return tableOf(
    'From the end of the warm-up on',
    ['what', 'at first', 'rise', 'standard error of it', 'verdict'],
    trends.map(({ name, unit, trend: { from, rise, standardError, isRising } }) => [
      unit === 'bytes' ? `${name}, MiB` : name,
      ...[from, rise, standardError].map((value) => value / per(unit)),
      isRising ? 'rises' : 'stays',
    ]),
    'A straight line through the lowest value of each twelfth of the time. It rises when that is more than three standard errors and more than a tenth.',
  );
}

const seconds = { label: 'seconds', scale: 'linear' } as const;

/** As many points as a page needs. */
function pointsOf(readings: readonly Reading[], read: (reading: Reading) => number | undefined): [number, number][] {
  const every = Math.ceil(readings.length / 1_000);
  return seriesOf(readings, read).flatMap(([at, value], index): [number, number][] =>
    index % every === 0 ? [[at / 1_000, value]] : [],
  );
}

function memoryLines(readings: readonly Reading[]): BenchReport['blocks'][number] {
  return {
    ...{ kind: 'lines', title: 'Memory', x: seconds, y: { label: 'MiB', scale: 'linear' } },
    series: [
      { name: 'memory', points: pointsOf(readings, ({ rssBytes }) => rssBytes / mebibyte) },
      { name: 'heap in use', points: pointsOf(readings, ({ heapUsedBytes }) => heapUsedBytes / mebibyte) },
    ],
  };
}

function handleLines(readings: readonly Reading[]): BenchReport['blocks'][number] {
  return {
    ...{ kind: 'lines', title: 'Handles', x: seconds, y: { label: 'open', scale: 'linear' } },
    series: [
      { name: 'handles', points: pointsOf(readings, ({ handles }) => handles) },
      { name: 'open files', points: pointsOf(readings, ({ openFiles }) => openFiles) },
    ],
  };
}

function lagLines(readings: readonly Reading[]): BenchReport['blocks'][number] {
  return {
    ...{ kind: 'lines', title: 'Lag of folding', x: seconds, y: { label: 'events', scale: 'linear' } },
    series: [{ name: 'not folded yet', points: pointsOf(readings, ({ lagEvents }) => lagEvents) }],
  };
}
