import type { BenchMeasure } from '@anima/client';
import { milliseconds, percent } from '../../parts/numbers.ts';

const number = Intl.NumberFormat('en', { maximumSignificantDigits: 4 });
const compact = Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** A measured value with its unit. */
export function written(value: number, unit: BenchMeasure['unit']): string {
  switch (unit) {
    case 'ms':
      return milliseconds(value);
    case 'share':
      return percent(value);
    case 'per second':
      return `${number.format(value)}/s`;
    case 'seconds':
      return `${number.format(value)} s`;
    case 'bytes':
      return `${compact.format(value)}B`;
    case 'ratio':
      return `${number.format(value)}×`;
    case 'count':
      return number.format(value);
  }
}

/** Whether a value keeps what it is held against; undefined where there is nothing. */
export function keepsTarget({ value, target, better }: BenchMeasure): boolean | undefined {
  if (target === undefined) return undefined;
  return better === 'lower' ? value <= target : value >= target;
}

/** How much better a value is than before, as a share of it: negative where it is worse. */
export function gain(now: BenchMeasure, before: BenchMeasure): number | undefined {
  if (before.value === 0) return undefined;
  const change = (now.value - before.value) / Math.abs(before.value);
  return now.better === 'higher' ? change : -change;
}
