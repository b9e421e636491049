import {
  type AssociationState,
  foldAssociation,
  foldMemories,
  type LogEvent,
  type MemoryRecord,
  type MemoryState,
  pairsOf,
  type Tier,
  tiers,
  visibilities,
} from '@anima/core';
import { sql } from 'kysely';
import type { Database } from '../src/engine/engine.ts';
import { readEvents } from '../src/log/read-events.ts';

/** Everything that a shard's log is folded into; keys lead with the space. */
export interface Projected {
  readonly states: Readonly<Record<string, MemoryState>>;
  readonly tierChanges: readonly string[];
  readonly associations: Readonly<Record<string, AssociationState>>;
}

/** The whole log of a shard. */
export function logOf(db: Database, shard: number): Promise<LogEvent[]> {
  return readEvents(db, shard, { after: 0, limit: Number.MAX_SAFE_INTEGER });
}

/** What core makes of a shard's log in one go, in memory: what the tables must hold. */
export async function replayed(db: Database, shard: number): Promise<Projected> {
  const states: Record<string, MemoryState> = {};
  const tierChanges: string[] = [];
  const associations: Record<string, AssociationState> = {};
  for (const [space, events] of Map.groupBy(await logOf(db, shard), ({ spaceId }) => spaceId)) {
    const ofSpace = new Map<string, MemoryRecord>();
    for (const change of foldMemories(ofSpace, events)) tierChanges.push(tierChange(space, change));
    for (const [id, { state }] of ofSpace) states[`${space}/${id}`] = state;
    for (const event of events) {
      for (const [a, b] of pairsOf(event)) {
        const key = `${space}/${a}/${b}`;
        associations[key] = foldAssociation(associations[key], event);
      }
    }
  }
  return { states, tierChanges: tierChanges.toSorted(), associations };
}

/** What the tables hold for a shard. */
export async function stored(db: Database, shard: number): Promise<Projected> {
  const states = await sql<{
    key: string;
    tier: number;
    accessCount: number;
    phi: number;
    isCatalyst: boolean;
    lastAccessed: Date;
    conversations: string[];
    visibility: number;
  }>`
    select concat_ws('/', space_id, memory_id) as key, tier, access_count as "accessCount", phi,
      is_catalyst as "isCatalyst", last_accessed as "lastAccessed", conversations, visibility
    from memory_state where shard = ${shard}`.execute(db);
  const changes = await sql<{
    space: string;
    memoryId: string;
    position: number;
    from: number;
    to: number;
    reason: string;
  }>`select space_id as space, memory_id as "memoryId", position, from_tier as "from", to_tier as "to", reason
     from tier_changes where shard = ${shard}`.execute(db);
  const pairs = await sql<{ key: string; count: number; lastAt: Date }>`
    select concat_ws('/', space_id, a, b) as key, count, last_at as "lastAt" from associations
    where shard = ${shard}`.execute(db);
  return {
    states: Object.fromEntries(
      states.rows.map(({ key, tier, lastAccessed, visibility, ...state }) => [
        key,
        {
          ...state,
          tier: tiers[tier]!,
          lastAccessed: lastAccessed.getTime(),
          visibility: visibilities[visibility]!,
        },
      ]),
    ),
    tierChanges: changes.rows
      .map(({ space, from, to, ...change }) => tierChange(space, { ...change, from: tiers[from]!, to: tiers[to]! }))
      .toSorted(),
    associations: Object.fromEntries(
      pairs.rows.map(({ key, count, lastAt }) => [key, { count, lastAt: lastAt.getTime() }]),
    ),
  };
}

function tierChange(
  space: string,
  change: { memoryId: string; position: number; from: Tier; to: Tier; reason: string },
): string {
  return `${space}/${change.memoryId} at ${change.position}: ${change.from} → ${change.to}, ${change.reason}`;
}
