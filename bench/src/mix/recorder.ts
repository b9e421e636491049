import { Latencies } from '../latencies.ts';
import { type Operation, type Outcome, operationNames } from './operations.ts';

interface Record {
  readonly latencies: Latencies;
  readonly errors: Map<string, number>;
  pending: number;
  degraded: number;
}

export interface OperationResult {
  readonly operation: Operation;
  /** Requests that succeeded; those that failed are in `errors`, by what was wrong. */
  readonly count: number;
  readonly errors: Readonly<{ [kind: string]: number }>;
  readonly errorCount: number;
  /** Of the requests that succeeded, ms. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  /** Shares of the successful answers, 0–1. */
  readonly pendingShare: number;
  readonly degradedShare: number;
  /** Every percentile that has a value of its own: [percentile, ms]. */
  readonly distribution: readonly (readonly [percentile: number, ms: number])[];
  /** In HdrHistogram's own compressed form, of microseconds. */
  readonly histogram: string;
}

/** Gathers how the requests of each operation ended. */
export class Recorder {
  readonly #records: Readonly<{ [name in Operation]: Record }> = {
    add: emptyRecord(),
    query: emptyRecord(),
    bootstrap: emptyRecord(),
  };

  record(operation: Operation, milliseconds: number, outcome: Outcome): void {
    const record = this.#records[operation];
    if (outcome.error !== undefined) {
      record.errors.set(outcome.error, (record.errors.get(outcome.error) ?? 0) + 1);
      return;
    }
    record.latencies.record(milliseconds);
    if (outcome.isPending) record.pending += 1;
    if (outcome.isDegraded) record.degraded += 1;
  }

  /** Of all operations together. */
  overall(): Latencies {
    const overall = new Latencies();
    for (const operation of operationNames) overall.add(this.#records[operation].latencies);
    return overall;
  }

  results(): OperationResult[] {
    return operationNames.map((operation) => resultOf(operation, this.#records[operation]));
  }
}

function emptyRecord(): Record {
  return { latencies: new Latencies(), errors: new Map(), pending: 0, degraded: 0 };
}

function resultOf(operation: Operation, { latencies, errors, pending, degraded }: Record): OperationResult {
  const { count, max } = latencies;
  const errorCount = [...errors.values()].reduce((sum, times) => sum + times, 0);
  const share = (part: number) => (count === 0 ? 0 : part / count);
  return {
    operation,
    count,
    errors: Object.fromEntries(errors),
    errorCount,
    p50: latencies.at(50),
    p95: latencies.at(95),
    p99: latencies.at(99),
    max,
    pendingShare: share(pending),
    degradedShare: share(degraded),
    distribution: latencies.distribution(),
    histogram: latencies.encode(),
  };
}
