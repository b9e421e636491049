import { build, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js';

/** Latencies are recorded in whole microseconds, up to one minute. */
const highestMicroseconds = 60_000_000;

/** Those whose value is kept, for a curve. */
const percentiles = [0, 10, 25, 50, 75, 90, 95, 97.5, 99, 99.5, 99.9, 99.99, 100];

/** How long things took, in ms, to three digits. */
export class Latencies {
  readonly #histogram: Histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: highestMicroseconds,
    numberOfSignificantValueDigits: 3,
  });

  get count(): number {
    return this.#histogram.totalCount;
  }

  get max(): number {
    return this.#histogram.maxValue / 1_000;
  }

  record(milliseconds: number): void {
    this.#histogram.recordValue(Math.min(highestMicroseconds, Math.round(milliseconds * 1_000)));
  }

  add(other: Latencies): void {
    this.#histogram.add(other.#histogram);
  }

  /** The value, ms, that this percentage stays at or below. */
  at(percentile: number): number {
    return this.#histogram.getValueAtPercentile(percentile) / 1_000;
  }

  /** Every percentile that has a value of its own: [percentile, ms]. */
  distribution(): [percentile: number, ms: number][] {
    return percentiles.map((percentile) => [percentile, this.at(percentile)]);
  }

  /** In HdrHistogram's own compressed form, of microseconds. */
  encode(): string {
    return encodeIntoCompressedBase64(this.#histogram);
  }
}
