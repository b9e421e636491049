import { AnimaError, type LogEvent, rulesVersion } from '@anima/core';
import { sql } from 'kysely';
import { type Database, type FoldLimits, inTransaction } from '../engine/engine.ts';
import { readEvents } from '../log/read-events.ts';
import { liveSchema, type ProjectionRules } from './projection.ts';

/** A batch that was folded. */
export interface Folded {
  readonly events: number;
  /** Whether the batch was as large as it may be, so that more is likely to wait. */
  readonly isFull: boolean;
  /** Set when another process is at it: what is left is its to fold, unless it dies. */
  readonly isTaken?: true;
}

/**
 * Folds the next events of a shard into a projection, and moves its checkpoint, in one transaction:
 * exactly once, whatever crashes and however many workers try. Who finds it taken does not wait.
 */
export function foldNextBatch(
  db: Database,
  rules: ProjectionRules,
  shard: number,
  limits: FoldLimits,
): Promise<Folded> {
  return inTransaction(db, async (trx) => {
    // Locked first, read in the next statement: its snapshot then has all that the previous folder wrote.
    const after = await lockCheckpoint(trx, rules, shard);
    if (after === undefined) return { events: 0, isFull: false, isTaken: true };
    const next = await readEvents(trx, shard, { after, limit: limits.events });
    const events = next.slice(0, countWithin(limits.rows, rules, next));
    const last = events.at(-1);
    if (!last) return { events: 0, isFull: false };
    await rules.fold(trx, liveSchema, shard, events);
    await sql`/* advance */ update fold_checkpoints set position = ${last.position}
      where shard = ${shard} and projection = ${rules.name}`.execute(trx);
    return { events: events.length, isFull: events.length < next.length || next.length === limits.events };
  });
}

/** How many events, from the first on and at least one, change at most `maxRows` rows. */
function countWithin(maxRows: number, rules: ProjectionRules, events: readonly LogEvent[]): number {
  const changed = new Set<string>();
  const tooMany = events.findIndex((event, index) => {
    for (const row of rules.rowsOf(event)) changed.add(row);
    return index > 0 && changed.size > maxRows;
  });
  return tooMany < 0 ? events.length : tooMany;
}

/**
 * Locks a checkpoint to the end of the transaction.
 *
 * @returns its position; undefined when another transaction has it locked
 * @throws AnimaError `UNAVAILABLE` when it was folded by other rules than this process has
 */
async function lockCheckpoint(trx: Database, { name }: ProjectionRules, shard: number): Promise<number | undefined> {
  const { rows } = await sql<{ position: number; rules_version: number }>`/* lock checkpoint */
    select position, rules_version from fold_checkpoints
    where shard = ${shard} and projection = ${name} for update skip locked`.execute(trx);
  const [checkpoint] = rows;
  if (!checkpoint) {
    await requireCheckpoint(trx, name, shard);
    return undefined;
  }
  if (checkpoint.rules_version !== rulesVersion) {
    throw new AnimaError(
      'UNAVAILABLE',
      `projection ${name} was folded by rules ${checkpoint.rules_version}, this worker has rules ${rulesVersion}: ` +
        'upgrade the older side, then run "anima rebuild"',
    );
  }
  return checkpoint.position;
}

/** One that is not there is not taken. */
async function requireCheckpoint(trx: Database, name: string, shard: number): Promise<void> {
  const { rows } = await sql`
    select from fold_checkpoints where shard = ${shard} and projection = ${name}`.execute(trx);
  if (rows.length === 0) throw new Error(`projection ${name} has no checkpoint for shard ${shard}`);
}
