import type { Operation } from '../mix/operations.ts';

/** What a plan reckons with. */
export interface Measured {
  /** Processor time of one request with all that follows from it, ms of a core: `bench cost`. */
  readonly coreMs: Readonly<Record<Operation, { readonly server: number; readonly database: number }>>;
  /** What one request writes ahead, bytes: `bench cost`. */
  readonly walBytes: Readonly<Record<Operation, number>>;
  /** On disk, of one memory: its rows, its first event and all indexes, bytes: `bench scale` at 1,000,000. */
  readonly diskBytes: number;
  /** Of these, what has to be in memory for a query to be fast: all indexes, six tenths of them the graph of vectors. */
  readonly hotBytes: number;
  /** Of the event that a request leaves in the log, with its share of the indexes, bytes. */
  readonly eventBytes: Readonly<Record<Operation, number>>;
  /** Of a recall's receipt, which is kept for some days, bytes. */
  readonly receiptBytes: number;
  /** Accesses a second that one shard folds: `bench fold`, a backlog of one space. */
  readonly accessesOfShard: number;
  /** Appends a second of one shard, committed in groups: `bench targets`, the bare append of 50 callers. */
  readonly appendsOfShard: number;
}

/**
 * Two cores of an Intel Xeon at 2.80 GHz that server, database and load share, PostgreSQL 15 with 512 MB of shared
 * buffers, pgvector 0.8.0; 768 dimensions, of memories on disk 512; November 2026.
 */
export const measured: Measured = {
  coreMs: {
    add: { server: 3.49, database: 13.1 },
    query: { server: 4.26, database: 14.2 },
    bootstrap: { server: 0.588, database: 0.62 },
  },
  walBytes: { add: 30_400, query: 13_000, bootstrap: 1 },
  diskBytes: 4_780,
  hotBytes: 2_330,
  eventBytes: { add: 322, query: 780, bootstrap: 0 },
  receiptBytes: 2_980,
  accessesOfShard: 6_131,
  appendsOfShard: 2_150,
};
