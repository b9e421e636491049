import type { Finding } from '@anima/core';
import type { RawBuilder } from 'kysely';
import type { LogArchive } from '../archive/log-archive.ts';
import type { Database, Engine } from '../engine/engine.ts';
import type { DatabaseGauges } from '../gauges.ts';
import type { Models } from '../models.ts';

/** What one look found; what was looked at is named where the looks are listed. */
export type Found = Omit<Finding, 'subject'>;
/** The gauges are read once, when the first look asks for them. */
export type Look = (
  engine: Engine,
  models: Models,
  gauges: () => Promise<DatabaseGauges>,
  archive: LogArchive,
) => Promise<Found>;

export const ok = (message: string): Found => ({ status: 'ok', message });
export const warning = (message: string, advice: string): Found => ({ status: 'warning', message, advice });
export const failure = (message: string, advice: string): Found => ({ status: 'failure', message, advice });

/** The row of a statement that always gives one. */
export async function one<Row>(db: Database, statement: RawBuilder<Row>): Promise<Row> {
  const [row] = (await statement.execute(db)).rows;
  if (row === undefined) throw new Error('a statement that gives one row gave none');
  return row;
}
