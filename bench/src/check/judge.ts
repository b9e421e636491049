import { median } from '../median.ts';

/** How many times its noise a change must be to be one: once in a thousand by chance. */
const sigmas = 3;

/** What runs of one build differ by at least, relative: servers that start anew are never quite the same. */
const leastBetweenRuns = 0.04;

/** From a median's absolute deviation to a standard deviation, and from that of values to that of their median (normal). */
const madToDeviation = 1.4826;
const medianPenalty = 1.2533;

/** A ratio as one run measured it. */
export interface Estimate {
  /** Median of its repetitions. */
  readonly ratio: number;
  /** Standard error of the ratio's logarithm: about the share of it that is not known. */
  readonly error: number;
}

/** The median of repetitions, and how well they know it. A few that were disturbed move neither. */
export function estimate(ratios: readonly number[]): Estimate {
  const logs = ratios.map(Math.log);
  const middle = median(logs);
  if (!Number.isFinite(middle)) throw new RangeError('a ratio must be above 0, and there must be one');
  const deviation = madToDeviation * median(logs.map((log) => Math.abs(log - middle)));
  // Of few, the median absolute deviation tells too little: 2 in n covers that (simulated, n = 4…30).
  const correction = 1 + 2 / logs.length;
  return { ratio: Math.exp(middle), error: (correction * medianPenalty * deviation) / Math.sqrt(logs.length) };
}

/** What a ratio of this run is against that of the baseline. */
export interface Judgement {
  /** Median of the baseline's runs. */
  readonly before: number;
  /** Of this run. */
  readonly now: number;
  /** `now / before`: below 1 it is slower. */
  readonly factor: number;
  /** A factor that is further from 1 than this (as `factor < 1 / noise`) is not noise; above 1. */
  readonly noise: number;
  readonly verdict: 'slower' | 'same' | 'faster';
}

/**
 * Judges one ratio of an operation to its floor.
 *
 * All is done on logarithms, so that twice as fast and half as fast are as far from the same. A run's ratio is off by its
 * own error, and by what runs of one build differ by (seen between the baseline's runs, and never less than 4 %). The
 * baseline is off by as much, divided by the root of its runs. A change is one beyond three standard deviations.
 *
 * @param baseline at least one run
 */
export function judge(baseline: readonly Estimate[], run: Estimate): Judgement {
  const runs = baseline.map(({ ratio }) => Math.log(ratio));
  const before = median(runs);
  if (!Number.isFinite(before)) throw new RangeError('there must be a baseline');
  const betweenRuns = Math.max(leastBetweenRuns, spread(runs));
  const withinRuns = Math.sqrt(mean(baseline.map(({ error }) => error ** 2)));
  const ofBaseline = Math.hypot(withinRuns, betweenRuns) / Math.sqrt(runs.length);
  const noise = sigmas * Math.hypot(ofBaseline, run.error, betweenRuns);
  const change = Math.log(run.ratio) - before;
  return {
    before: Math.exp(before),
    now: run.ratio,
    factor: Math.exp(change),
    noise: Math.exp(noise),
    verdict: change < -noise ? 'slower' : change > noise ? 'faster' : 'same',
  };
}

/** Whether a slowdown of this size would be lost in the noise. */
export function isBlindTo(slowdown: number, { noise }: Judgement): boolean {
  return noise >= 1 + slowdown;
}

/** The standard deviation of a sample; 0 for a single one, of which nothing is known. */
function spread(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
