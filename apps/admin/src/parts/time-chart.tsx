'use client';

import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import type uPlot from 'uplot';
import classes from './time-chart.module.css';

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

/** Curves over time, drawn by uPlot, which is loaded beside the page. */
export function TimeChart({ label, times, lines, height = 140, target, unit = '', least = 0, most }: TimeChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(undefined);
  const scheme = useComputedColorScheme('light');
  const data: uPlot.AlignedData = [times.map((time) => time / 1_000), ...lines.map(({ values }) => [...values])];
  const latest = useRef(data);
  latest.current = data;
  const look = JSON.stringify([scheme, height, target, unit, least, most, lines.map(({ values: _, ...rest }) => rest)]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `look` stands for all that the chart is made of
  useEffect(() => {
    let isGone = false;
    let observer: ResizeObserver | undefined;
    void import('uplot').then(({ default: UPlot }) => {
      const parent = place.current;
      if (isGone || !parent) return;
      const options = optionsOf({ lines, target, unit, least, most, scheme, width: parent.clientWidth, height });
      chart.current = new UPlot(options, latest.current, parent);
      observer = new ResizeObserver(() => chart.current?.setSize({ width: parent.clientWidth, height }));
      observer.observe(parent);
    });
    return () => {
      isGone = true;
      observer?.disconnect();
      chart.current?.destroy();
      chart.current = undefined;
    };
  }, [look]);
  useEffect(() => chart.current?.setData(data));

  return <div ref={place} className={classes.chart} style={{ height }} role="img" aria-label={label} />;
}

interface Look {
  readonly lines: readonly ChartLine[];
  readonly target: number | undefined;
  readonly most: number | undefined;
  readonly unit: string;
  readonly least: number;
  readonly scheme: string;
  readonly width: number;
  readonly height: number;
}

function optionsOf({ lines, target, unit, least, most, scheme, width, height }: Look): uPlot.Options {
  const quiet = scheme === 'light' ? '#5c636a' : '#a3abb3';
  const grid = { stroke: scheme === 'light' ? '#eceff1' : '#272c31', width: 1 };
  const axis = { stroke: quiet, grid, ticks: { show: false }, font: '11px system-ui, sans-serif' };
  return {
    width,
    height,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 6 } },
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
      { ...axis, space: 70, size: 24, incrs: minutes, values: (_chart, seconds) => seconds.map(clock) },
      { ...axis, size: 46, space: 28, values: (_chart, values) => values.map((value) => `${compact(value)}${unit}`) },
    ],
    series: [{}, ...lines.map(seriesOf)],
    hooks: target === undefined ? {} : { draw: [(chart) => drawTarget(chart, target, scheme)] },
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

function drawTarget(chart: uPlot, target: number, scheme: string): void {
  const { ctx, bbox } = chart;
  const y = Math.round(chart.valToPos(target, 'y', true)) + 0.5;
  ctx.save();
  ctx.strokeStyle = scheme === 'light' ? '#c92a2a' : '#ff8787';
  ctx.lineWidth = 1;
  ctx.setLineDash([6, 4]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}

/** Between two labels, s: never less than what a label says. */
const minutes = [60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400, 604_800, 2_592_000, 31_536_000];

function clock(seconds: number): string {
  return new Date(seconds * 1_000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}

function compact(value: number): string {
  return Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 }).format(value);
}
