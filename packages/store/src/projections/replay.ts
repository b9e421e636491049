import { setTimeout as sleep } from 'node:timers/promises';
import { AnimaError, type LogEvent, type Projection, rulesVersion } from '@anima/core';
import { sql } from 'kysely';
import { type Base, findBase, loadBase } from '../archive/bases.ts';
import { decodeArchived, type LogArchive } from '../archive/log-archive.ts';
import { type Database, type Engine, inTransaction } from '../engine/engine.ts';
import { readEvents } from '../log/read-events.ts';
import type { ProjectionRules } from './projection.ts';
import { analyzeShadows } from './shadow.ts';

/** Events in a batch of a replay at least: it must get ahead of the traffic. */
const leastReplayed = 50;

/** Events after which the shadow is worth a look for statistics, and again after so many times as many. */
const firstAnalyzed = 2_000;
const analyzedAgain = 4;

/** Rounds of a replay; when folding is as fast as that, the last transaction has the more to do. */
const maxRounds = 5;

/** After a piece of work, ms. */
const longestRestMs = 1_000;

/** Whose log is replayed, and into what. */
export interface Replayed {
  readonly rules: ProjectionRules;
  readonly shadow: string;
  readonly shard: number;
}

/**
 * Replays a shard's log into the shadow, in batches, to about where folding is, which goes on meanwhile: round
 * by round, each as long as the one before took; the last transaction takes what is left. What is archived is taken
 * from its snapshot, or event by event where there is none of these rules. Yields the position reached.
 */
export async function* replay(
  { db, batch }: Engine,
  archive: LogArchive,
  replayed: Replayed,
  { fromStart }: { readonly fromStart: boolean },
): AsyncGenerator<number> {
  const { rules, shadow, shard } = replayed;
  const limit = Math.max(leastReplayed, batch.fold.events);
  let folded = 0;
  let analyzeAt = firstAnalyzed;
  const fold = async (events: readonly LogEvent[]) => {
    const startedAt = performance.now();
    await inTransaction(db, (trx) => rules.fold(trx, shadow, shard, events));
    folded += events.length;
    if (folded >= analyzeAt) {
      await analyzeShadows(db, shadow, rules);
      analyzeAt = analyzedAgain * folded;
    }
    await restSince(startedAt);
  };
  let after = 0;
  const base = fromStart ? undefined : await usableBase(db, shard, rules.name);
  if (base) {
    await loadBase(db, archive, base, shadow);
    await analyzeShadows(db, shadow, rules);
    after = base.position;
    yield after;
  }
  for await (const archived of archive.read(db, shard, { after, upTo: await archive.floor(db, shard) })) {
    for (let from = 0; from < archived.length; from += limit) {
      const events = archived.slice(from, from + limit).map(decodeArchived);
      requireNext(events[0], shard, after);
      await fold(events);
      after = events.at(-1)?.position ?? after;
      yield after;
    }
  }
  for (let round = 1; round <= maxRounds; round += 1) {
    const upTo = (await readCheckpoints(db, rules)).get(shard) ?? 0;
    if (after >= upTo || (round > 1 && upTo - after < limit)) return;
    while (after < upTo) {
      const events = await readEvents(db, shard, { after, upTo, limit });
      await fold(events);
      after = events.at(-1)?.position ?? upTo;
      yield after;
    }
  }
}

/** Where events were dropped, what they were folded into is all there is of them, by whatever rules. */
async function usableBase(db: Database, shard: number, projection: Projection): Promise<Base | undefined> {
  const base = await findBase(db, shard, projection);
  if (!base || base.rulesVersion === rulesVersion) return base;
  const { rows } = await sql`select 1 from log_segment_spaces where shard = ${shard} and lost > 0 limit 1`.execute(db);
  return rows.length > 0 ? base : undefined;
}

function requireNext(event: LogEvent | undefined, shard: number, after: number): void {
  if (event?.position === after + 1) return;
  throw new AnimaError(
    'ARCHIVED',
    `shard ${shard} cannot be replayed from its first event: a space does not keep its events that long`,
  );
}

/** Requests come first: what was worked is rested, up to the longest. */
export function restSince(startedAt: number): Promise<void> {
  return sleep(Math.min(longestRestMs, performance.now() - startedAt));
}

export async function readCheckpoints(db: Database, { name }: ProjectionRules): Promise<ReadonlyMap<number, number>> {
  const { rows } = await sql<{ shard: number; position: number }>`
    select shard, position from fold_checkpoints where projection = ${name} order by shard
    /* across shards: a rebuild is asked for by hand */`.execute(db);
  return new Map(rows.map(({ shard, position }) => [shard, position]));
}

/** Events to the end of a range; unlike a fold's, they must not end at one that cannot be decoded, with rows behind it. */
export async function readAll(
  trx: Database,
  shard: number,
  range: { readonly after: number; readonly upTo?: number },
): Promise<LogEvent[]> {
  const events: LogEvent[] = [];
  for (;;) {
    const after = events.at(-1)?.position ?? range.after;
    const more = await readEvents(trx, shard, { ...range, after, limit: Number.MAX_SAFE_INTEGER });
    if (more.length === 0) return events;
    for (const event of more) events.push(event);
  }
}
