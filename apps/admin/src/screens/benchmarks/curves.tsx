'use client';

import type { BenchBlock } from '@anima/client';
import { useComputedColorScheme } from '@mantine/core';
import type uPlot from 'uplot';
import { drawLevel, Plot, type PlotOptions, type Scheme, usualLook } from '../../parts/plot.tsx';
import { colorsOf, Legend } from './legend.tsx';

type OfKind<Kind extends BenchBlock['kind']> = Extract<BenchBlock, { kind: Kind }>;

interface Curve {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
  /** What its values are held against. */
  readonly target?: number | undefined;
}

interface Axis {
  readonly label: string;
  readonly isLog: boolean;
  /** What stands beside a place of it. */
  readonly written: (value: number) => string;
  readonly range?: [number, number];
}

const height = 220;
const number = Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
/** So few that each is worth a point. */
const fewPoints = 40;

/** Curves over size or time. */
export function Lines({ block: { title, x, y, series, target } }: { readonly block: OfKind<'lines'> }) {
  const axis = ({ label, scale }: typeof x): Axis => ({ label, isLog: scale === 'log', written: number.format });
  return <Curves {...{ title, x: axis(x), y: axis(y), target }} curves={series} />;
}

/** Each nine takes the same room: what is interesting lies at the slow end. */
const nines = (percentile: number) => Math.min(4, -Math.log10(Math.max(1e-9, 1 - percentile / 100)));
const ninth = ['p0', 'p90', 'p99', 'p99.9', 'most'];

/** Distributions of latencies: what share of the answers took at most how long. */
export function Latencies({ block: { title, series } }: { readonly block: OfKind<'latency'> }) {
  const curves = series.map(({ name, percentiles, targetMs }) => ({
    ...{ name, target: targetMs },
    points: percentiles.map(([percentile, ms]) => [nines(percentile), ms] as const),
  }));
  return (
    <Curves
      {...{ title, curves }}
      x={{ label: 'share of the answers', isLog: false, written: (place) => ninth[place] ?? '', range: [0, 4] }}
      y={{ label: 'ms', isLog: true, written: number.format }}
    />
  );
}

interface CurvesProps {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly curves: readonly Curve[];
  readonly target?: number | undefined;
}

function Curves({ title, x, y, curves, target }: CurvesProps) {
  const scheme = useComputedColorScheme('light');
  const names = curves.map(({ name }) => name);
  return (
    <>
      <Legend names={names} aside={`${y.label} by ${x.label}${x.isLog || y.isLog ? ', logarithmic' : ''}`} />
      <Plot
        label={`${title}: ${names.join(', ')}; ${y.label} by ${x.label}`}
        {...{ height, data: aligned(curves, x, y), look: JSON.stringify([scheme, x, y, curves, target]) }}
        options={optionsOf({ x, y, curves, target, scheme })}
      />
    </>
  );
}

/** Each place that any curve knows, with what every curve has there. Nothing has a logarithm below 1 in infinity. */
function aligned(curves: readonly Curve[], x: Axis, y: Axis): uPlot.AlignedData {
  const drawn = curves.map(({ points }) => {
    return new Map(points.filter(([at, value]) => (!x.isLog || at > 0) && (!y.isLog || value > 0)));
  });
  const places = [...new Set(drawn.flatMap((points) => [...points.keys()]))].toSorted((a, b) => a - b);
  return [places, ...drawn.map((points) => places.map((place) => points.get(place) ?? null))];
}

function optionsOf({
  x,
  y,
  curves,
  target,
  scheme,
}: Pick<CurvesProps, 'x' | 'y' | 'curves' | 'target'> & { readonly scheme: Scheme }): PlotOptions {
  const usual = usualLook(scheme);
  const colors = colorsOf(scheme);
  const levels = [
    ...(target === undefined ? [] : [{ level: target, color: usual.target }]),
    ...curves.flatMap((curve, index) =>
      curve.target === undefined ? [] : [{ level: curve.target, color: colors[index % colors.length] ?? usual.target }],
    ),
  ];
  const highest = Math.max(0, ...levels.map(({ level }) => level));
  return {
    ...usual.plot,
    scales: {
      x: { time: false, distr: x.isLog ? 3 : 1, ...(x.range ? { range: x.range } : {}) },
      y: y.isLog
        ? { distr: 3, range: (_plot, min, max) => decades(min, Math.max(max, highest)) }
        : { range: (_plot, _min, max) => [0, Math.max(highest, max || 1) * 1.08] },
    },
    axes: [
      { ...usual.axis, size: 24, space: 60, values: (_plot, places) => places.map((at) => marked(x, at)) },
      { ...usual.axis, size: 50, space: 28, values: (_plot, values) => values.map((at) => marked(y, at)) },
    ],
    series: [
      {},
      ...curves.map(({ name, points }, index): uPlot.Series => {
        const stroke = colors[index % colors.length] ?? usual.target;
        return {
          ...{ label: name, stroke, width: 1.5, spanGaps: true },
          points: { show: points.length <= fewPoints, size: 4, fill: stroke },
        };
      }),
    ],
    hooks: {
      draw: levels.map(
        ({ level, color }) =>
          (plot) =>
            drawLevel(plot, level, color),
      ),
    },
  };
}

/** Between the tens of a logarithm there is no room for words. uPlot leaves out by `null` what it would crowd. */
function marked({ isLog, written }: Axis, value: number | null): string {
  if (value === null || (isLog && !Number.isInteger(Math.round(1e6 * Math.log10(value)) / 1e6))) return '';
  return written(value);
}

/** Whole powers of ten around what there is. */
function decades(min: number, max: number): [number, number] {
  const least = min > 0 ? min : 1;
  return [10 ** Math.floor(Math.log10(least)), 10 ** Math.ceil(Math.log10(Math.max(least * 1.01, max)))];
}
