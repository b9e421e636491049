import { AnimaError, rulesVersion } from '@anima/core';
import { sql } from 'kysely';
import { type Database, inTransaction } from '../engine/engine.ts';
import { readEvents } from '../log/read-events.ts';
import { liveSchema, type ProjectionRules } from './projection.ts';

/**
 * Folds the next events of a shard into a projection, and moves its checkpoint, in one transaction:
 * exactly once, whatever crashes and however many workers try.
 *
 * @returns how many events it folded; 0 when there was nothing new
 */
export function foldNextBatch(db: Database, rules: ProjectionRules, shard: number, limit: number): Promise<number> {
  return inTransaction(db, async (trx) => {
    // Locked first, read in the next statement: its snapshot then has all that the previous folder wrote.
    const after = await lockCheckpoint(trx, rules, shard);
    const events = await readEvents(trx, shard, { after, limit });
    const last = events.at(-1);
    if (!last) return 0;
    await rules.fold(trx, liveSchema, shard, events);
    await sql`/* advance */ update fold_checkpoints set position = ${last.position}
      where shard = ${shard} and projection = ${rules.name}`.execute(trx);
    return events.length;
  });
}

/**
 * Locks a checkpoint to the end of the transaction.
 *
 * @throws AnimaError `UNAVAILABLE` when it was folded by other rules than this process has
 */
async function lockCheckpoint(trx: Database, { name }: ProjectionRules, shard: number): Promise<number> {
  const { rows } = await sql<{ position: number; rules_version: number }>`/* lock checkpoint */
    select position, rules_version from fold_checkpoints
    where shard = ${shard} and projection = ${name} for update`.execute(trx);
  const [checkpoint] = rows;
  if (!checkpoint) throw new Error(`projection ${name} has no checkpoint for shard ${shard}`);
  if (checkpoint.rules_version !== rulesVersion) {
    throw new AnimaError(
      'UNAVAILABLE',
      `projection ${name} was folded by rules ${checkpoint.rules_version}, this worker has rules ${rulesVersion}: ` +
        'upgrade the older side, then run "anima rebuild"',
    );
  }
  return checkpoint.position;
}
