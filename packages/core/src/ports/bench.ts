import type { BenchReport } from '../inputs/bench.ts';

/** What a list of runs shows: all but the blocks. */
export interface BenchRunSummary extends Omit<BenchReport, 'blocks'> {
  readonly id: string;
}

export interface BenchRun extends BenchReport {
  readonly id: string;
}

/** Runs of the bench that a server was told of. They are the server's, not a space's. */
export interface BenchStore {
  /** Keeps a run, among the last 1,000. The same run has the same id, however often it is kept. */
  keepBenchRun(report: BenchReport): Promise<string>;
  /** Latest first, from behind a run on. */
  listBenchRuns(wanted: {
    readonly bench: string | undefined;
    readonly after: string | undefined;
    readonly limit: number;
  }): Promise<readonly BenchRunSummary[]>;
  readBenchRun(id: string): Promise<BenchRun | undefined>;
}
