import {
  type Bootstrap,
  type BootstrapSelection,
  bootstrapQuota,
  limits,
  type Memory,
  type Moment,
  type PastState,
  phiFromThousandths,
  type Space,
  type StoredEntry,
} from '@anima/core';
import { sql } from 'kysely';
import type { LogArchive } from '../archive/log-archive.ts';
import type { Database } from '../engine/engine.ts';

import { readEntries } from '../reads/entries.ts';
import { turningEvents } from '../schema/search-indexes.ts';
import { statesAt } from './states.ts';

/** What memories say now, but the erased, with the states given for them, in their order. */
export async function readThen(
  db: Database,
  vectorsTable: string,
  space: Space,
  states: ReadonlyMap<string, PastState>,
): Promise<readonly Memory[]> {
  const entries = await readEntries(db, vectorsTable, space, [...states.keys()]);
  return entries.flatMap((entry) => {
    const state = states.get(entry.id);
    return state ? [asItWas(entry, state)] : [];
  });
}

function asItWas(
  { visibility: _, mergedInto: _into, expiresAt: _at, embedding: _embedding, ...memory }: StoredEntry,
  { tier, accessCount, phi, isCatalyst, lastAccessed }: PastState,
): Memory {
  return {
    ...memory,
    ...{ tier, accessCount, isCatalyst },
    resonancePhi: phiFromThousandths(phi),
    lastAccessed: new Date(lastAccessed).toISOString(),
  };
}

type Placed = readonly [id: string, state: PastState];

const byId = ([a]: Placed, [b]: Placed) => (a < b ? -1 : 1);
const byRecency = (a: Placed, b: Placed) => b[1].lastAccessed - a[1].lastAccessed || byId(a, b);
const byResonance = (a: Placed, b: Placed) => b[1].phi - a[1].phi || byId(a, b);

/** The bootstrap of then: of all that was live, what was the most recent and the strongest. */
export async function bootstrapThen(
  db: Database,
  archive: LogArchive,
  vectorsTable: string,
  space: Space,
  { limit, activeLimit, include }: BootstrapSelection,
  { position }: Moment,
): Promise<Bootstrap> {
  const [states, erased] = await Promise.all([
    statesAt(db, archive, space, position),
    erasedSince(db, space, position),
  ]);
  const ofTier = (tier: keyof typeof include, order: (a: Placed, b: Placed) => number): readonly Placed[] =>
    include[tier]
      ? [...states]
          .filter(([id, state]) => state.tier === tier && state.visibility === 'live' && !erased.has(id))
          .sort(order)
      : [];
  const all = {
    active: ofTier('active', byRecency),
    thread: ofTier('thread', byResonance),
    stable: ofTier('stable', byResonance),
  };
  const quota = bootstrapQuota(
    { active: all.active.length, thread: all.thread.length, stable: all.stable.length },
    limit,
    activeLimit,
  );
  const read = (tier: keyof typeof all) => readThen(db, vectorsTable, space, new Map(all[tier].slice(0, quota[tier])));
  const left = (tier: keyof typeof all) => Math.min(limits.bootstrapCut, all[tier].length - quota[tier]);
  const [active, thread, stable] = await Promise.all([read('active'), read('thread'), read('stable')]);
  return {
    memories: { active, thread, stable },
    cut: { active: left('active'), thread: left('thread'), stable: left('stable') },
  };
}

async function erasedSince(db: Database, { shard, id }: Space, position: number): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ id: string }>`
    select unnest(e.memory_ids) as id from events e
    where e.shard = ${shard} and e.space_id = ${id} and e.position > ${position}
      and ${sql.raw(turningEvents)} and e.type = 'memory.erased'`.execute(db);
  return new Set(rows.map((row) => row.id));
}
