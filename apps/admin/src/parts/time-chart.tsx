'use client';

import { useComputedColorScheme } from '@mantine/core';
import type uPlot from 'uplot';
import { compact, drawLevel, Plot, type PlotOptions, type Scheme, usualLook } from './plot.tsx';

export interface ChartLine {
  readonly label: string;
  readonly color: string;
  readonly values: readonly (number | null)[];
  /** Filled to the ground. */
  readonly filled?: boolean;
  /** Moves at once from value to value, where nothing lies between. */
  readonly stepped?: boolean;
  readonly dashed?: boolean;
  /** A point for each value, where values stand alone. */
  readonly points?: boolean;
}

interface TimeChartProps {
  /** What it shows, in a sentence, for those who do not see it. */
  readonly label: string;
  /** Epoch ms, ascending. */
  readonly times: readonly number[];
  readonly lines: readonly ChartLine[];
  readonly height?: number;
  /** A value that must not be passed: drawn as a dashed line, and always within the chart. */
  readonly target?: number;
  readonly unit?: string;
  /** At least this far up. */
  readonly least?: number;
  /** No further up than this. */
  readonly most?: number;
}

/** Curves over time. */
export function TimeChart({ label, times, lines, height = 140, target, unit = '', least = 0, most }: TimeChartProps) {
  const scheme = useComputedColorScheme('light');
  const data: uPlot.AlignedData = [times.map((time) => time / 1_000), ...lines.map(({ values }) => [...values])];
  const look = JSON.stringify([scheme, target, unit, least, most, lines.map(({ values: _, ...rest }) => rest)]);
  return <Plot {...{ label, height, data, look }} options={optionsOf({ lines, target, unit, least, most, scheme })} />;
}

interface Look {
  readonly lines: readonly ChartLine[];
  readonly target: number | undefined;
  readonly most: number | undefined;
  readonly unit: string;
  readonly least: number;
  readonly scheme: Scheme;
}

function optionsOf({ lines, target, unit, least, most, scheme }: Look): PlotOptions {
  const usual = usualLook(scheme);
  return {
    ...usual.plot,
    scales: {
      x: { time: true },
      y: {
        range: (_chart, _min, max) => {
          const top = Math.max(least, target === undefined ? 0 : target * 1.12, (max ?? 0) * 1.08);
          return [0, Math.min(most ?? Number.POSITIVE_INFINITY, top || 1)];
        },
      },
    },
    axes: [
      { ...usual.axis, space: 70, size: 24, incrs: minutes, values: (_chart, seconds) => seconds.map(moment(seconds)) },
      {
        ...usual.axis,
        ...{ size: 46, space: 28, values: (_chart, values) => values.map((value) => `${compact(value)}${unit}`) },
      },
    ],
    series: [{}, ...lines.map(seriesOf)],
    hooks: target === undefined ? {} : { draw: [(chart) => drawLevel(chart, target, usual.target)] },
  };
}

function seriesOf({ label, color, filled, stepped, dashed, points }: ChartLine): uPlot.Series {
  return {
    label,
    stroke: color,
    width: 1.5,
    spanGaps: true,
    points: { show: points ?? false, size: 4, fill: color },
    ...(filled ? { fill: `${color}22` } : {}),
    ...(dashed ? { dash: [4, 3] } : {}),
    ...(stepped ? { paths: steps } : {}),
  };
}

/** From value to value without a slope. */
const steps: uPlot.Series.PathBuilder = (chart, series, from, to) => {
  const path = new Path2D();
  const values = chart.data[series] ?? [];
  let y: number | undefined;
  for (let index = from; index <= to; index += 1) {
    const value = values[index];
    if (value == null) continue;
    const x = chart.valToPos(chart.data[0][index] ?? 0, 'x', true);
    if (y === undefined) path.moveTo(x, chart.valToPos(value, 'y', true));
    else path.lineTo(x, y);
    y = chart.valToPos(value, 'y', true);
    path.lineTo(x, y);
  }
  return { stroke: path };
};

/** Between two labels, s: never less than what a label says. */
const minutes = [60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400, 604_800, 2_592_000, 31_536_000];
const day = 86_400;

/** A label says the time of day, or the day where they are days apart. */
function moment(seconds: readonly number[]): (one: number) => string {
  const step = (seconds[1] ?? 0) - (seconds[0] ?? 0);
  const span = (seconds.at(-1) ?? 0) - (seconds[0] ?? 0);
  if (step >= day) return (one) => new Date(one * 1_000).toLocaleDateString([], { month: 'short', day: 'numeric' });
  const withDay = span >= day ? ({ month: 'short', day: 'numeric' } as const) : {};
  return (one) => new Date(one * 1_000).toLocaleTimeString([], { ...withDay, hour: '2-digit', minute: '2-digit' });
}
