import { build, type Histogram } from 'hdr-histogram-js';

/** Latencies of the recent window, ms; null while it holds none. */
export interface LatencySummary {
  readonly count: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

const sliceMs = 30_000;
/** With the one being filled: the window is the last 4½ to 5 minutes. */
const slices = 10;

interface Slice {
  /** Number of its half minute since the clock's zero. */
  turn: number;
  readonly histogram: Histogram;
}

/**
 * Percentiles of now rather than of all time: a ring of histograms, each for one slice of the window,
 * summed when they are read. Two significant digits: 1 % of the value.
 */
export class LatencyWindow {
  readonly #now: () => number;
  readonly #ring: readonly Slice[] = Array.from({ length: slices }, () => ({ turn: -1, histogram: newHistogram() }));

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  record(ms: number): void {
    const turn = this.#turn();
    const slice = this.#ring[turn % slices] as Slice;
    if (slice.turn !== turn) {
      slice.histogram.reset();
      slice.turn = turn;
    }
    slice.histogram.recordValue(microseconds(ms));
  }

  summary(): LatencySummary {
    const oldest = this.#turn() - slices + 1;
    const window = newHistogram();
    for (const { turn, histogram } of this.#ring) if (turn >= oldest) window.add(histogram);
    return summaryOf(window);
  }

  #turn(): number {
    return Math.floor(this.#now() / sliceMs);
  }
}

/** Percentiles of what was recorded since they were last taken. */
export class LatencyInterval {
  readonly #histogram = newHistogram();

  record(ms: number): void {
    this.#histogram.recordValue(microseconds(ms));
  }

  take(): LatencySummary {
    const summary = summaryOf(this.#histogram);
    if (summary.count > 0) this.#histogram.reset();
    return summary;
  }
}

function summaryOf(histogram: Histogram): LatencySummary {
  const percentile = (p: number) =>
    histogram.totalCount === 0 ? null : Number((histogram.getValueAtPercentile(p) / 1_000).toPrecision(3));
  return { count: histogram.totalCount, p50: percentile(50), p95: percentile(95), p99: percentile(99) };
}

function microseconds(ms: number): number {
  return Math.max(1, Math.round(ms * 1_000));
}

/** Of microseconds. */
function newHistogram(): Histogram {
  return build({ numberOfSignificantValueDigits: 2, autoResize: true });
}
