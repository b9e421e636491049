import { projections, type RebuildReport, type RebuildStep, rulesVersion } from '@anima/core';
import { sql } from 'kysely';
import type { LogArchive } from '../archive/log-archive.ts';
import { type Database, type Engine, inTransaction } from '../engine/engine.ts';
import { dropSnapshots } from '../past/snapshots.ts';
import { liveSchema, type ProjectionRules, tableIn } from './projection.ts';
import { type Replayed, readAll, readCheckpoints, replay, restSince } from './replay.ts';
import { projectionRules } from './rules.ts';
import { add, applyTable, compareTable, createShadows, type ShardResult, withShadow } from './shadow.ts';

/** A shard's last step waits for a checkpoint that live folding moves; it may lose that race a few times. */
const maxAttempts = 20;

/**
 * Replays the log into shadow tables and compares them with the live ones; unless `verify`, the live
 * rows then become what the replay gives. Traffic goes on: a shard's comparison and change happen in
 * one snapshot, and folding of that shard alone waits for it.
 */
export function rebuild(engine: Engine, archive: LogArchive, options: RebuildOptions): AsyncGenerator<RebuildStep> {
  return withShadow(engine.db, async function* (shadow) {
    for (const name of projections) {
      const rules = projectionRules[name];
      await createShadows(engine, shadow, rules);
      yield* rebuildProjection(engine, archive, { rules, shadow }, options);
    }
  });
}

interface RebuildOptions {
  readonly verify: boolean;
  /** From the first event on, whatever snapshot there is of what was archived. */
  readonly full?: boolean | undefined;
}

async function* rebuildProjection(
  engine: Engine,
  archive: LogArchive,
  { rules, shadow }: Omit<Replayed, 'shard'>,
  { verify, full = false }: RebuildOptions,
): AsyncGenerator<RebuildStep> {
  const { db } = engine;
  const shards = await readCheckpoints(db, rules);
  const total = [...shards.values()].reduce((sum, position) => sum + position, 0);
  let replayed = 0;
  let report: RebuildReport = {
    projection: rules.name,
    events: 0,
    rows: 0,
    differenceCount: 0,
    differences: [],
    applied: !verify,
  };
  for (const shard of await shardsInUse(db, rules)) {
    const one = { rules, shadow, shard };
    let at = 0;
    for await (at of replay(engine, archive, one, { fromStart: full })) {
      const done = replayed + at;
      yield { type: 'progress', progress: { projection: rules.name, replayed: done, total: Math.max(total, done) } };
    }
    replayed += at;
    const startedAt = performance.now();
    report = add(report, await finishShard(db, one, at, { verify }));
    await restSince(startedAt);
  }
  yield { type: 'report', report };
}

/** Shards that have events, or rows though they have none. */
async function shardsInUse(db: Database, { tables }: ProjectionRules): Promise<readonly number[]> {
  const hasRows = tables.map(
    (table) => sql`or exists (select from ${tableIn(liveSchema, table)} t where t.shard = h.shard)`,
  );
  const { rows } = await sql<{ shard: number }>`
    select shard from shard_heads h where position > 0 ${sql.join(hasRows, sql` `)} order by shard
    /* across shards: a rebuild is asked for by hand */`.execute(db);
  return rows.map(({ shard }) => shard);
}

interface Finish {
  readonly verify: boolean;
  /** Is given the shadow as it stands at the checkpoint, before what later appends have written is added. */
  readonly atCheckpoint?: (trx: Database, position: number) => Promise<void>;
}

/** The last step of a replay, in which the shard's live rows are compared with the shadow's and, unless `verify`, made equal. */
export async function finishShard(
  db: Database,
  replayed: Replayed,
  replayedUpTo: number,
  finish: Finish,
): Promise<ShardResult> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await inTransaction(db, (trx) => compareShard(trx, replayed, replayedUpTo, finish), {
        repeatableRead: true,
      });
    } catch (error) {
      const lostRace = error instanceof Error && 'code' in error && error.code === '40001';
      if (!lostRace || attempt === maxAttempts) throw error;
    }
  }
}

/**
 * One snapshot of live rows, checkpoint and log. The shadow catches up to the checkpoint, takes on
 * what later appends have written inline, and must then hold the very same rows.
 */
async function compareShard(
  trx: Database,
  { rules, shadow, shard }: Replayed,
  replayedUpTo: number,
  { verify, atCheckpoint }: Finish,
): Promise<ShardResult> {
  const { rows } = await sql<{ position: number }>`
    select position from fold_checkpoints where shard = ${shard} and projection = ${rules.name}
    ${verify ? sql`` : sql`for update`}`.execute(trx);
  const checkpoint = rows[0]?.position ?? 0;
  const rest = await readAll(trx, shard, { after: replayedUpTo, upTo: checkpoint });
  if (rest.length > 0) await rules.fold(trx, shadow, shard, rest);
  await atCheckpoint?.(trx, checkpoint);
  const later = await readAll(trx, shard, { after: checkpoint });
  const inline = later.filter(({ type }) => rules.inline.includes(type));
  if (inline.length > 0) await rules.fold(trx, shadow, shard, inline);

  let result: ShardResult = { events: checkpoint, rows: 0, differenceCount: 0, differences: [] };
  for (const table of rules.tables) {
    result = add(result, await compareTable(trx, shadow, shard, table));
    if (!verify) await applyTable(trx, shadow, shard, table);
  }
  // Copies of states that were wrong are wrong too.
  if (!verify && rules.name === 'memory_state' && result.differenceCount > 0) await dropSnapshots(trx, shard);
  if (!verify) {
    await sql`update fold_checkpoints set rules_version = ${rulesVersion}
      where shard = ${shard} and projection = ${rules.name}`.execute(trx);
  }
  return result;
}
