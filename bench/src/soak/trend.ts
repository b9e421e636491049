import { fitLine } from '../fit-line.ts';

/** How something went over time: [ms since the beginning, value]. */
export type Series = readonly (readonly [atMs: number, value: number])[];

/** Until then caches fill and code is compiled: this share of the time does not count. */
const warmUpShare = 1 / 3;

/** The rest is looked at in so many pieces of time, each by its lowest value: what lies above is garbage, or a burst. */
const pieces = 12;

/** Standard errors from which a rise is more than noise. */
const certain = 3;

export interface Trend {
  /** The level that it begins at, after the warm-up. */
  readonly from: number;
  /** What it rose by until the end, as a straight line has it; below 0 it fell. */
  readonly rise: number;
  /** Of the rise. */
  readonly standardError: number;
  /** Whether it rose by more than noise, and by more than `tolerance`. */
  readonly isRising: boolean;
}

/** @param tolerance what it may rise by, whatever the reason, as a share of where it began */
export function trendOf(series: Series, tolerance: number): Trend {
  const lows = lowsOf(series);
  const { slope, at0, slopeError } = fitLine(lows);
  const span = (lows.at(-1)?.[0] ?? 0) - (lows[0]?.[0] ?? 0);
  const from = at0 + slope * (lows[0]?.[0] ?? 0);
  const rise = slope * span;
  const standardError = slopeError * span;
  return { from, rise, standardError, isRising: rise > certain * standardError && rise > tolerance * from };
}

function lowsOf(series: Series): Series {
  const endMs = series.at(-1)?.[0] ?? 0;
  const startMs = endMs * warmUpShare;
  const lengthMs = (endMs - startMs) / pieces;
  return Array.from({ length: pieces }, (_, piece) => {
    const beginMs = startMs + piece * lengthMs;
    const values = series.flatMap(([at, value]) => (at >= beginMs && at <= beginMs + lengthMs ? [value] : []));
    return values.length === 0 ? [] : [[beginMs + lengthMs / 2, Math.min(...values)] as const];
  }).flat();
}
