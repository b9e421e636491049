'use client';

import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef } from 'react';
import type uPlot from 'uplot';
import classes from './plot.module.css';

export type PlotOptions = Omit<uPlot.Options, 'width' | 'height'>;
export type Scheme = 'light' | 'dark';

interface PlotProps {
  /** What it shows, in a sentence, for those who do not see it. */
  readonly label: string;
  readonly height: number;
  readonly data: uPlot.AlignedData;
  readonly options: PlotOptions;
  /** Another one where `options` are others: the plot is made anew then, and else only its data change. */
  readonly look: string;
}

/** A drawing by uPlot, which is loaded beside the page, as wide as there is room. */
export function Plot({ label, height, data, options, look }: PlotProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const latest = useRef(data);
  latest.current = data;

  // biome-ignore lint/correctness/useExhaustiveDependencies: `look` stands for all that the plot is made of
  useEffect(() => {
    let isGone = false;
    let observer: ResizeObserver | undefined;
    void import('uplot').then(({ default: UPlot }) => {
      const parent = place.current;
      if (isGone || !parent) return;
      plot.current = new UPlot({ ...options, width: parent.clientWidth, height }, latest.current, parent);
      observer = new ResizeObserver(() => plot.current?.setSize({ width: parent.clientWidth, height }));
      observer.observe(parent);
    });
    return () => {
      isGone = true;
      observer?.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [look, height]);
  useEffect(() => plot.current?.setData(data));

  return <div ref={place} className={classes.plot} style={{ height }} role="img" aria-label={label} />;
}

/** What all plots look like. */
export function usualLook(scheme: Scheme) {
  const grid = { stroke: scheme === 'light' ? '#eceff1' : '#272c31', width: 1 };
  const stroke = scheme === 'light' ? '#5c636a' : '#a3abb3';
  return {
    plot: {
      padding: [8, 8, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { size: 6 } },
    } satisfies Partial<PlotOptions>,
    axis: { stroke, grid, ticks: { show: false }, font: '11px system-ui, sans-serif' } satisfies uPlot.Axis,
    target: scheme === 'light' ? '#c92a2a' : '#ff8787',
  };
}

/** A dashed line from side to side: what must not be passed. */
export function drawLevel(chart: uPlot, level: number, color: string): void {
  const { ctx, bbox } = chart;
  const y = Math.round(chart.valToPos(level, 'y', true)) + 0.5;
  ctx.save();
  ctx.strokeStyle = color;
  ctx.lineWidth = 1;
  ctx.setLineDash([6, 4]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}

export function compact(value: number): string {
  return Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 }).format(value);
}
