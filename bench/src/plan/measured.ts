import type { Operation } from '../mix/operations.ts';

/** What a plan reckons with. */
export interface Measured {
  /** Processor time of one request with all that follows from it, ms of a core: `bench cost`. */
  readonly coreMs: Readonly<Record<Operation, { readonly server: number; readonly database: number }>>;
  /** What one request writes ahead, bytes: `bench cost`. */
  readonly walBytes: Readonly<Record<Operation, number>>;
  /** On disk, of one memory: its rows, events and indexes, bytes: `bench scale`, at the largest size. */
  readonly diskBytes: number;
  /** Of these, what has to be in memory for a query to be fast: the graph of vectors and the other indexes. */
  readonly hotBytes: number;
  /** Of one event that stays in the log, bytes. */
  readonly eventBytes: number;
  /** Accesses a second that one shard folds with a bounded lag: `bench fold`. */
  readonly accessesOfShard: number;
  /** Appends a second of one shard, committed in groups: `bench targets`, the bare append of 50 callers. */
  readonly appendsOfShard: number;
}

/** One run on two cores of an Intel Xeon at 2.80 GHz, PostgreSQL 15, 768 dimensions. TODO */
export const measured: Measured = {
  coreMs: {
    add: { server: 1, database: 1 },
    query: { server: 1, database: 1 },
    bootstrap: { server: 1, database: 1 },
  },
  walBytes: { add: 1, query: 1, bootstrap: 1 },
  diskBytes: 1,
  hotBytes: 1,
  eventBytes: 1,
  accessesOfShard: 1,
  appendsOfShard: 1,
};
