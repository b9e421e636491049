import { createAnimaClient } from '@anima/client';
import { expect } from 'vitest';
import type { Sql } from './databases.ts';
import { type OtherWords, preloaded } from './server-process.ts';
import type { Trial } from './trial.ts';
import { type Writers, writtenSpaces } from './writers.ts';

const patience = { timeout: 60_000 };

/** What a start takes, or somewhat less: a process that is killed within it is killed at any point of it, ms. */
export const startMs = 1_500;

/** An upgrade that is killed again and again while it migrates. */
export async function interruptMigrations({ fleet, database, random }: Trial): Promise<void> {
  await fleet.stop();
  await database.read(undoMigrations);
  fleet.start();
  await fleet.killWhileStarting(random, 3, startMs);
}

/** Makes a database one of an earlier release, with an index that a build has left behind when it was interrupted. */
async function undoMigrations(sql: Sql): Promise<void> {
  for (const statement of [
    'drop table bench_runs, api_keys, log_archive, log_segments, log_segment_spaces, log_bases',
    'drop function release_log_segment(smallint, bigint), log_lines(smallint, bigint, bigint)',
    `delete from kysely_migration where name >= '0007'`,
    'drop index memories_fts, memory_state_by_access, events_memory_ids',
    `update pg_index set indisvalid = false where indexrelid = 'memories_by_tag'::regclass`,
  ]) {
    await sql(statement);
  }
}

/** A version that can read what {@link poison} appends. */
const laterVersion: OtherWords = {
  file: 'packages/core/src/events.ts',
  words: 'schemaVersion: z.literal(1)',
  instead: 'schemaVersion: z.literal([1, 2])',
};

/**
 * An event that this version cannot read stands in the log: its shard halts, which is said; it goes on answering and
 * taking writes, and the others are folded. A later version, once it is there, folds what has waited.
 */
export async function poison(trial: Trial, writers: Writers): Promise<void> {
  const { fleet } = trial;
  const shard = await trial.intervene((sql) => poisonShardOf(sql, writtenSpaces[0]));
  await writers.acknowledge(40);
  const heads = new Map((await folds(trial)).map((fold) => [fold.shard, fold.head]));
  const behind = async () => {
    const late = (await folds(trial)).filter((fold) => fold.position < (heads.get(fold.shard) ?? 0));
    return [...new Set(late.map((fold) => fold.shard))];
  };
  await expect.poll(behind, patience).toEqual([shard]);
  expect(await trial.complaints()).toContainEqual(expect.stringMatching(`^folds: event \\d+ of shard ${shard} `));
  await fleet.stop();
  fleet.start(preloaded('other-version', [laterVersion]));
}

async function poisonShardOf(sql: Sql, space: string): Promise<number> {
  const [poisoned] = await sql<{ shard: number }>(`
    with head as (
      update shard_heads set position = position + 1, recorded_at = greatest(recorded_at, now())
      where shard = (select shard from spaces where space_id = '${space}') returning *)
    insert into events (shard, position, space_id, id, type, schema_version, memory_ids, payload, recorded_at)
    select shard, position, 'another', gen_random_uuid(), 'memory.accessed', 2, '{}',
      '{"via": "query", "profile": "hybrid"}', recorded_at
    from head returning shard`);
  if (!poisoned) throw new Error(`there is no space ${space}`);
  return poisoned.shard;
}

async function folds({ url }: Trial) {
  const checkpoints = await createAnimaClient({ url }).projections.checkpoints.query();
  return checkpoints.filter(({ name }) => name === 'memory_state' || name === 'associations');
}

/** The settings of a worker that has other rules than the checkpoints were folded by. */
export function workerWithRules(rulesVersion: number): Readonly<Record<string, string>> {
  const words = { file: 'packages/core/src/fold.ts', words: 'export const rulesVersion = 2;' };
  const instead = `export const rulesVersion = ${rulesVersion};`;
  return { ANIMA_ROLE: 'worker', ...preloaded('other-version', [{ ...words, instead }]) };
}
