import type { BenchBlock } from '@anima/core';
import { type EChartsOption, init } from 'echarts';
import { formatNumber } from './numbers.ts';

type Block<Kind extends BenchBlock['kind']> = Extract<BenchBlock, { kind: Kind }>;

const width = 880;
const height = 340;

/**
 * A chart is drawn once for light and dark: in colours that stand for something, for each of which the
 * page's own takes its place.
 */
const standIns = { text: '#b00001', grid: '#b00002', target: '#b00003' } as const;
const seriesColors = Array.from({ length: 10 }, (_, index) => `#a0000${index}`);

const text = { color: standIns.text, fontSize: 12, fontFamily: 'inherit' };

/**
 * Draws a block as SVG that takes its colours from the page; undefined for what is no picture.
 *
 * @param id unlike that of any other drawing of the page
 */
export function drawBlock(block: BenchBlock, id: string): string | undefined {
  const options = optionsOf(block);
  if (!options) return undefined;
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ animation: false, color: seriesColors, textStyle: text, ...options });
    return themed(chart.renderToSVGString(), block.title, id);
  } finally {
    chart.dispose();
  }
}

function optionsOf(block: BenchBlock): EChartsOption | undefined {
  switch (block.kind) {
    case 'table':
      return undefined;
    case 'latency':
      return latencyOptions(block);
    case 'lines':
      return linesOptions(block);
    case 'bars':
      return barsOptions(block);
  }
}

/** Percentiles spread towards the slow end, where the interesting ones are: each nine takes the same room. */
const lastNines = 4;
function nines(percentile: number): number {
  return Math.min(lastNines, -Math.log10(Math.max(1e-9, 1 - percentile / 100)));
}

function latencyOptions({ series }: Block<'latency'>): EChartsOption {
  const labels = ['p0', 'p90', 'p99', 'p99.9', 'max'];
  return {
    ...frame(series.map(({ name }) => name)),
    xAxis: {
      ...{ type: 'value', min: 0, max: lastNines, interval: 1 },
      ...axis('', (value) => labels[value] ?? ''),
    },
    yAxis: { type: 'log', ...axis('ms', formatTick) },
    series: series.map(({ name, percentiles, targetMs }, index) => ({
      ...line(name, 20),
      data: percentiles.filter(([, ms]) => ms > 0).map(([percentile, ms]) => [nines(percentile), ms]),
      ...(targetMs === undefined
        ? {}
        : { markLine: mark(targetMs, `${name} ${targetMs} ms`, seriesColors[index], index) }),
    })),
  };
}

function linesOptions({ x, y, series, target }: Block<'lines'>): EChartsOption {
  const drawable = ([at, value]: readonly [number, number]) =>
    (x.scale === 'linear' || at > 0) && (y.scale === 'linear' || value > 0);
  return {
    ...frame(series.map(({ name }) => name)),
    xAxis: {
      ...{ ...scale(x.scale), ...axis(x.label, formatTick), nameLocation: 'middle', nameGap: 26 },
      ...{ min: x.scale === 'log' ? 'dataMin' : 0, max: 'dataMax' },
    },
    yAxis: { ...scale(y.scale), ...axis(y.label, formatTick) },
    series: series.map(({ name, points }, index) => ({
      ...line(name, points.length),
      data: points.filter(drawable),
      ...(target !== undefined && index === 0 ? { markLine: mark(target, formatNumber(target)) } : {}),
    })),
  };
}

function barsOptions({ y, series, groups }: Block<'bars'>): EChartsOption {
  return {
    ...frame(series),
    xAxis: {
      type: 'category',
      data: groups.map(({ name }) => name),
      ...axis('', String),
      axisLabel: { ...text, interval: 0, width: Math.floor(700 / Math.max(1, groups.length)), overflow: 'break' },
    },
    yAxis: { ...scale(y.scale), ...axis(y.label, formatTick) },
    series: series.map((name, index) => ({
      ...{ type: 'bar' as const, name, barMaxWidth: 44, barGap: '8%' },
      label: {
        ...{ show: groups.length * series.length <= 24, position: 'top' as const, ...text, fontSize: 11 },
        formatter: ({ value }: { readonly value: unknown }) => (typeof value === 'number' ? formatNumber(value) : ''),
      },
      data: groups.map(({ values }) => values[index] ?? null),
    })),
  };
}

function frame(names: readonly string[]): EChartsOption {
  return {
    grid: { left: 64, right: 40, top: 28, bottom: 72 },
    legend: { show: names.length > 1, bottom: 0, textStyle: text, icon: 'roundRect', itemWidth: 14, itemHeight: 4 },
  };
}

/** 0.8 rather than 0.800: a tick is a round number. */
function formatTick(value: number): string {
  return Math.abs(value) < 1_000 ? String(Number(value.toPrecision(3))) : formatNumber(value);
}

function scale(kind: 'linear' | 'log'): { readonly type: 'value' | 'log' } {
  return { type: kind === 'log' ? 'log' : 'value' };
}

function axis(name: string, formatter: (value: number) => string) {
  return {
    name,
    nameTextStyle: text,
    axisLabel: { ...text, formatter },
    axisLine: { lineStyle: { color: standIns.grid } },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: standIns.grid } },
  };
}

function line(name: string, points: number) {
  const showSymbol = points <= 40;
  return { type: 'line' as const, name, showSymbol, symbol: 'circle', symbolSize: 5, lineStyle: { width: 2 } };
}

/** Where the words of lines that lie close together stand, each in another place. */
const labelPlaces = ['insideStartTop', 'insideMiddleTop', 'insideEndTop'] as const;

function mark(value: number, label: string, color: string | undefined = standIns.target, index = 2) {
  const position = labelPlaces[index % labelPlaces.length] ?? 'insideEndTop';
  return {
    ...{ silent: true, symbol: 'none', lineStyle: { color, type: 'dashed' as const, width: 1.5 } },
    label: { formatter: label, color, fontSize: 11, textBorderWidth: 0, position },
    data: [{ yAxis: value }],
  };
}

/** Leaves of the drawing what a page needs: no sheet of its own for pointers that hover, no fixed size. */
function themed(svg: string, title: string, id: string): string {
  return svg
    .replaceAll(/<style[\s\S]*?<\/style>/g, '')
    .replaceAll(/ (?:ecmeta_\w+|class)="[^"]*"/g, '')
    .replaceAll(/#a0000(\d)/g, 'var(--series-$1)')
    .replaceAll(/#b0000(\d)/g, (_, place: string) => `var(--${Object.keys(standIns)[Number(place) - 1]})`)
    .replaceAll(/font-family:[^;"]*;?/g, '')
    .replaceAll(/\bzr\d+-(c\d+)\b/g, `${id}-$1`)
    .replace(/<svg[^>]*>/, `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeMarkup(title)}">`);
}

/** Text as it may stand in markup, between tags and in quoted attributes. */
export function escapeMarkup(words: string): string {
  return words
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
