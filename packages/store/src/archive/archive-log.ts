import { setTimeout as sleep } from 'node:timers/promises';
import {
  AnimaError,
  type ArchiveReport,
  type ArchiveStep,
  type Projection,
  projections,
  rulesVersion,
} from '@anima/core';
import type { Database, Engine } from '../engine/engine.ts';
import { lastSnapshot, takeSnapshot, thinSnapshots } from '../past/snapshots.ts';
import { finishShard } from '../projections/rebuild.ts';
import { readCheckpoints, replay } from '../projections/replay.ts';
import { projectionRules } from '../projections/rules.ts';
import { createShadows, withShadow } from '../projections/shadow.ts';
import { findBase, recordBase, shadowLines } from './bases.ts';
import { type Due, findDue, type Keeping } from './due.ts';
import { countLost, forgetLost, removeReplaced } from './forget.ts';
import { ArchiveLease } from './lease.ts';
import type { LogArchive } from './log-archive.ts';
import { releaseSegment, type Stretch, unreleased, writeSegment } from './segments.ts';
import { placeName, putVerified, type Spooled, spool, withSpool } from './writer.ts';

export interface ArchiveRules extends Keeping {
  /** Between the writing of a file and the leaving of its events, ms: who began to read before knows nothing of the file. */
  readonly settleMs: number;
}

/**
 * Moves what is due out of the table: a snapshot that is proven equal to the live rows, then files, then the events go.
 * Broken off anywhere, it has lost nothing, and the next run goes on from there: what a file was recorded of is read
 * from the file, and all else is in the table.
 */
export async function* archiveLog(
  engine: Engine,
  archive: LogArchive,
  rules: ArchiveRules,
  { dryRun }: { readonly dryRun: boolean },
): AsyncGenerator<ArchiveStep> {
  const { db } = engine;
  const due = await findDue(db, rules);
  if (dryRun) {
    yield { type: 'report', report: reportOf(due, { dryRun, bytes: 0, forgotten: await countLost(db) }) };
    return;
  }
  if (!archive.place) throw new AnimaError('CONFLICT', 'LOG_ARCHIVE_URL: is not set, so there is no place for files');
  const lease = new ArchiveLease(db);
  const writer = await lease.hold();
  try {
    await removeReplaced(db, archive, writer, rules.settleMs);
    for await (const step of cover(engine, archive, writer, due.stretches)) {
      await lease.hold();
      yield step;
    }
    let bytes = 0;
    let done = 0;
    for (const stretch of due.stretches) {
      bytes += (await writeSegment(db, archive, writer, stretch)).bytes;
      done += sizeOf(stretch);
      await lease.hold();
      yield progress('writing', done, eventsOf(due.stretches));
    }
    yield* letGo(db, lease, rules.settleMs);
    for (const shard of new Set(due.stretches.map((one) => one.shard))) {
      await thinSnapshots(db, shard, await archive.floor(db, shard));
    }
    let forgotten = 0;
    for await (const step of forgetLost(db, archive, writer)) {
      forgotten = step.done;
      await lease.hold();
      yield progress('forgetting', step.done, step.total);
    }
    yield { type: 'report', report: reportOf(due, { dryRun, bytes, forgotten }) };
  } finally {
    await lease.release();
  }
}

/** Sees to it that every shard has snapshots behind the last of its stretches: those of a rebuild, and those of the past. */
async function* cover(
  engine: Engine,
  archive: LogArchive,
  writer: string,
  stretches: readonly Stretch[],
): AsyncGenerator<ArchiveStep> {
  const { db } = engine;
  const lasts = new Map(stretches.map(({ shard, last }) => [shard, last]));
  for (const projection of projections) {
    const bare: number[] = [];
    for (const [shard, last] of lasts) if (!(await isCovered(db, shard, projection, last))) bare.push(shard);
    if (bare.length === 0) continue;
    yield* withShadow(db, async function* (shadow) {
      await createShadows(engine, shadow, projectionRules[projection]);
      for (const shard of bare) yield* coverShard(engine, archive, writer, { projection, shadow, shard });
    });
  }
  for (const [shard, last] of lasts) await copyStates(db, shard, last);
}

/** A sweep that copies them at this moment is waited for. */
async function copyStates(db: Database, shard: number, last: number): Promise<void> {
  for (let attempt = 1; attempt <= 20; attempt += 1) {
    if ((await lastSnapshot(db, shard)) >= last) return;
    await takeSnapshot(db, shard);
    if (attempt > 1) await sleep(500);
  }
  throw new Error(`the states of shard ${shard} up to position ${last} could not be copied`);
}

async function isCovered(db: Database, shard: number, projection: Projection, last: number): Promise<boolean> {
  const base = await findBase(db, shard, projection);
  return base !== undefined && base.rulesVersion === rulesVersion && base.position >= last;
}

/** Replays a shard from its snapshot, compares with the live rows and, where they are equal, makes the next snapshot. */
async function* coverShard(
  engine: Engine,
  archive: LogArchive,
  writer: string,
  { projection, shadow, shard }: { readonly projection: Projection; readonly shadow: string; readonly shard: number },
): AsyncGenerator<ArchiveStep> {
  const { db } = engine;
  const replayed = { rules: projectionRules[projection], shadow, shard };
  const total = (await readCheckpoints(db, replayed.rules)).get(shard) ?? 0;
  let at = 0;
  for await (at of replay(engine, archive, replayed, { fromStart: false })) {
    yield progress('verifying', at, Math.max(at, total));
  }
  await withSpool(async (folder) => {
    let spooled: (Spooled & { readonly position: number }) | undefined;
    const { differenceCount } = await finishShard(db, replayed, at, {
      verify: true,
      atCheckpoint: async (trx, position) => {
        spooled = { position, ...(await spool(folder, shadowLines(trx, shadow, replayed.rules, shard))) };
      },
    });
    if (differenceCount > 0 || !spooled) {
      throw new AnimaError(
        'CONFLICT',
        `${differenceCount} rows of ${projection} in shard ${shard} differ from a replay: nothing is archived before "anima rebuild"`,
      );
    }
    const { position } = spooled;
    const file = await putVerified(archive, { writer, shard, name: `${projection}-${placeName(position)}` }, spooled);
    await recordBase(db, { shard, projection, position, file }, spooled);
  });
}

/** Lets events leave the table that are in files for long enough, also those of a run that was broken off. */
async function* letGo(db: Database, lease: ArchiveLease, settleMs: number): AsyncGenerator<ArchiveStep> {
  const { stretches, ageMs } = await unreleased(db);
  if (stretches.length === 0) return;
  for (let rest = settleMs - ageMs; rest > 0; rest -= 1_000) {
    yield progress('waiting', Math.round((settleMs - rest) / 1_000), Math.round(settleMs / 1_000));
    await sleep(Math.min(rest, 1_000));
  }
  let done = 0;
  for (const stretch of stretches) {
    await releaseSegment(db, stretch);
    done += sizeOf(stretch);
    await lease.hold();
    yield progress('releasing', done, eventsOf(stretches));
  }
}

function progress(
  stage: 'verifying' | 'writing' | 'waiting' | 'releasing' | 'forgetting',
  done: number,
  total: number,
) {
  return { type: 'progress' as const, progress: { stage, done, total } };
}

const sizeOf = ({ first, last }: Stretch) => last - first + 1;

const eventsOf = (stretches: readonly Stretch[]) => stretches.reduce((sum, stretch) => sum + sizeOf(stretch), 0);

function reportOf(
  { stretches, held }: Due,
  { dryRun, bytes, forgotten }: Pick<ArchiveReport, 'dryRun' | 'bytes' | 'forgotten'>,
): ArchiveReport {
  return { dryRun, events: eventsOf(stretches), files: stretches.length, bytes, forgotten, held };
}
