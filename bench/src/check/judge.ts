import { median } from '../median.ts';

/** How many times its noise a change must be to be one: once in a thousand by chance. */
const sigmas = 3;

/** What runs of one build differ by at least, relative: servers that start anew are never quite the same. */
const leastBetweenRuns = 0.03;

/** From a median's absolute deviation to a standard deviation, and from that of values to that of their median (normal). */
const madToDeviation = 1.4826;
const medianPenalty = 1.2533;

/** What a ratio of this run is against that of the baseline. */
export interface Judgement {
  /** Median of the baseline's runs. */
  readonly before: number;
  /** Median of this run's repetitions. */
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
 * All is done on logarithms, so that twice as fast and half as fast are as far from the same. The noise is that of this
 * run's median, from the median absolute deviation of its repetitions, and that between runs, from the baseline's
 * runs: a change is one beyond three standard deviations of both together.
 *
 * @param baseline a median of each run that made the baseline, at least one
 * @param ratios of this run, one a repetition, at least two
 */
export function judge(baseline: readonly number[], ratios: readonly number[]): Judgement {
  const [runs, repetitions] = [baseline.map(Math.log), ratios.map(Math.log)];
  const [before, now] = [median(runs), median(repetitions)];
  if (!Number.isFinite(before) || !Number.isFinite(now))
    throw new RangeError('a ratio must be above 0, and there must be one');
  const ofMedian = (medianPenalty * deviation(repetitions)) / Math.sqrt(repetitions.length);
  const betweenRuns = Math.max(leastBetweenRuns, spread(runs)) * Math.sqrt(1 + 1 / runs.length);
  const noise = sigmas * Math.hypot(ofMedian, betweenRuns);
  const change = now - before;
  return {
    before: Math.exp(before),
    now: Math.exp(now),
    factor: Math.exp(change),
    noise: Math.exp(noise),
    verdict: change < -noise ? 'slower' : change > noise ? 'faster' : 'same',
  };
}

/** Whether a slowdown of this size would be lost in the noise. */
export function isBlindTo(slowdown: number, { noise }: Judgement): boolean {
  return noise >= 1 + slowdown;
}

/** A standard deviation that a few outliers do not move. */
function deviation(values: readonly number[]): number {
  const middle = median(values);
  return madToDeviation * median(values.map((value) => Math.abs(value - middle)));
}

/** The standard deviation of a sample; 0 for a single one, of which nothing is known. */
function spread(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}
