import { AsyncLocalStorage } from 'node:async_hooks';
import type { Log, ReplicaGauges, StoreGauges } from '@anima/core';
import { type ConnectionBuilder, Kysely, type QueryExecutor, type Transaction, type TransactionBuilder } from 'kysely';
import type { PgBoss } from 'pg-boss';

/**
 * A handle to read and write with: the engine's own, or the transaction that is open. Statements are
 * written in SQL (their shape is what is fast or slow here), so it knows no tables.
 */
export type Database = Kysely<unknown>;

export interface FoldLimits {
  readonly events: number;
  readonly rows: number;
}

/** Sizes that differ between a server with its own processes and a database inside this event loop. */
export interface BatchSizes {
  /** Requests in one append. */
  readonly append: number;
  /** Where an append is of one shard, so that one node does it: how many, of so many shards, are under way together. */
  readonly appendsOfOneShard?: number | undefined;
  /** Events in one fold, and how many rows they may change together: one recall alone changes 190 pairs. */
  readonly fold: FoldLimits;
  /** Events whose memories' lexemes are counted at once. */
  readonly lexemes: number;
  /** Events of one file of the archive. */
  readonly archive: number;
  /** Vectors in one insert, and inserts of one model at the same time: to put one into a graph is work of a core. */
  readonly vectors: number;
  readonly concurrentVectors: number;
  /** Folds of one task at the same time in one process. */
  readonly concurrentFolds: number;
  /** Whether batches, of whichever task, come one after the other with rests between, so that requests come first. */
  readonly oneByOne: boolean;
}

/** Reads of a space, from wherever it may be read. */
export type Reading = <T>(space: { readonly id: string }, read: (db: Database) => Promise<T>) => Promise<T>;

/** A copy of the database, a little behind, that some reads may come from. */
export interface ReadReplica {
  /** Reads there, and on the primary where it is too far behind, away, or fails. */
  readonly read: Reading;
  /** From now on this space is read on the primary, until the replica has what was written. */
  wrote(space: { readonly id: string }): void;
  gauges(): ReplicaGauges;
}

/** A PostgreSQL to keep memories in: native over a pool, or PGlite in this process. */
export interface Engine {
  readonly kind: StoreGauges['engine'];
  /** Where the embedded engine keeps its data; undefined natively, and in memory. */
  readonly folder: string | undefined;
  readonly db: Database;
  /** For what needs a session to itself, such as an index that is built beside traffic: past a pooler where there is one. */
  readonly direct: Database;
  /** Whether tables are spread over many nodes by their shard (Citus). */
  readonly isDistributed: boolean;
  /** Whether `db` goes through a pooler, which gives a session for one transaction. */
  readonly isPooled: boolean;
  readonly replica: ReadReplica | undefined;
  readonly log: Log;
  readonly batch: BatchSizes;
  /** How a vector column of this many dimensions is declared and which operator class indexes its cosine. */
  vectorType(dimensions: number): { readonly column: string; readonly operatorClass: string };
  /** Storage parameters of the HNSW index. */
  readonly hnswOptions: string;
  /** Vectors of a space up to which the exact scan is the cheaper vector arm. */
  readonly exactScanBound: number;
  /** Searches that are let into the database together; the others wait before it, where they hold up nobody else. */
  readonly searchesAtOnce: number;
  /** Pairs of a space up to which all of them are read for one request; a server has a time-out instead. */
  readonly surveyedPairs: number;
  /** Between two hints of one shard to the workers, ms. */
  readonly hintQuietMs: number;
  /** A queue on this database; not started. */
  createBoss(): PgBoss;
  poolGauges(): StoreGauges['pool'];
  close(): Promise<void>;
}

const insideTransaction = new AsyncLocalStorage<true>();

/**
 * Runs `work` in one transaction. Inside it only `trx` may be used: on the embedded engine a query on
 * the outer handle would wait for the very transaction it is part of, so it is refused on both.
 */
export function inTransaction<T>(
  db: Database,
  work: (trx: Transaction<unknown>) => Promise<T>,
  options: { readonly repeatableRead?: boolean } = {},
): Promise<T> {
  const transaction = db.transaction();
  const begun = options.repeatableRead ? transaction.setIsolationLevel('repeatable read') : transaction;
  return begun.execute((trx) => insideTransaction.run(true, () => work(trx)));
}

/** An outer handle, which refuses to work inside a transaction (see {@link inTransaction}). */
export class OuterDatabase extends Kysely<unknown> {
  override getExecutor(): QueryExecutor {
    refuseInsideTransaction();
    return super.getExecutor();
  }

  override transaction(): TransactionBuilder<unknown> {
    refuseInsideTransaction();
    return super.transaction();
  }

  override connection(): ConnectionBuilder<unknown> {
    refuseInsideTransaction();
    return super.connection();
  }
}

// Not in the driver: the embedded engine's one connection is waited for before the driver is asked.
function refuseInsideTransaction(): void {
  if (insideTransaction.getStore()) throw new Error('inside a transaction only its own handle may be used');
}
