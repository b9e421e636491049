import type { LogEvent, Projection } from '@anima/core';
import { sql } from 'kysely';
import type { Database } from '../engine/engine.ts';

/** Where a projection's tables stand: the live ones, or the shadow that a rebuild fills. */
export const liveSchema = 'public';

/** A table that a projection owns. */
export interface ProjectedTable {
  readonly name: string;
  /** Columns after `shard` that identify a row. */
  readonly key: readonly string[];
  readonly values: readonly string[];
}

/** What the log is folded into, and how. */
export interface ProjectionRules {
  readonly name: Projection;
  readonly tables: readonly ProjectedTable[];
  /** Events whose effect was written with the append, so that it stands before its event is folded. */
  readonly inline: readonly LogEvent['type'][];
  /** Keys of the rows that an event changes. */
  rowsOf(event: LogEvent): readonly string[];
  /** Folds events of one shard, in log order, into the tables of `schema`. */
  fold(trx: Database, schema: string, shard: number, events: readonly LogEvent[]): Promise<void>;
}

export const tableIn = (schema: string, { name }: ProjectedTable) => sql.table(`${schema}.${name}`);
