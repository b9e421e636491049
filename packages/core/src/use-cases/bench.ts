import { AnimaError } from '../errors.ts';
import type { GetBenchInput, ListBenchInput, RecordBenchInput } from '../inputs/bench.ts';
import type { BenchRun, BenchRunSummary, BenchStore } from '../ports/bench.ts';

export interface RecordBenchResult {
  /** Of the run; the same when it was recorded before. */
  readonly id: string;
}

export interface ListBenchResult {
  /** Latest first, without their blocks. */
  readonly runs: readonly BenchRunSummary[];
  /** The `cursor` of the next page; null on the last. */
  readonly next: string | null;
}

/** Keeps the report of a bench run, for people to look at and compare. */
export async function recordBench(store: BenchStore, { report }: RecordBenchInput): Promise<RecordBenchResult> {
  return { id: await store.keepBenchRun(report) };
}

/** The runs that were recorded, latest first. */
export async function listBench(store: BenchStore, { bench, limit, cursor }: ListBenchInput): Promise<ListBenchResult> {
  const found = await store.listBenchRuns({ bench, after: cursor, limit: limit + 1 });
  const runs = found.slice(0, limit);
  return { runs, next: found.length > limit ? (runs.at(-1)?.id ?? null) : null };
}

/** A run with all there is to see of it. @throws AnimaError `NOT_FOUND` for one that was not recorded, or made room */
export async function getBench(store: BenchStore, { id }: GetBenchInput): Promise<BenchRun> {
  const run = await store.readBenchRun(id);
  if (!run) throw new AnimaError('NOT_FOUND', `there is no bench run ${id}`);
  return run;
}
