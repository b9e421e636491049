import type { BenchMeasure } from '@anima/core';

const mebibyte = 2 ** 20;

/** A number as a person reads it: three or four digits that say something. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Number.isInteger(value) || Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en-US');
  if (Math.abs(value) >= 100) return value.toFixed(0);
  if (Math.abs(value) >= 10) return value.toFixed(1);
  return value.toFixed(Math.abs(value) >= 1 ? 2 : 3);
}

/** What a cell of a table shows. */
export function formatCell(cell: string | number | null): string {
  if (cell === null) return '–';
  return typeof cell === 'number' ? formatNumber(cell) : cell;
}

export function formatShare(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

export function formatMeasure(value: number, unit: BenchMeasure['unit']): string {
  switch (unit) {
    case 'ms':
      return `${formatNumber(value)} ms`;
    case 'seconds':
      return `${formatNumber(value)} s`;
    case 'per second':
      return `${formatNumber(value)}/s`;
    case 'share':
      return formatShare(value);
    case 'bytes':
      return `${formatNumber(value / mebibyte)} MiB`;
    case 'ratio':
    case 'count':
      return formatNumber(value);
  }
}

/** What a measure is held against, such as `≤ 150 ms`; undefined when it is against nothing. */
export function formatTarget({ target, unit, better }: BenchMeasure): string | undefined {
  if (target === undefined) return undefined;
  return `${better === 'lower' ? '≤' : '≥'} ${formatMeasure(target, unit)}`;
}
