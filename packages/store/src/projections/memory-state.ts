import { foldMemories, type LogEvent, type MemoryState, type TierChange, tiers } from '@anima/core';
import { sql } from 'kysely';
import type { Database } from '../engine/engine.ts';
import { tierFromNumber } from '../reads/memories.ts';
import type { ProjectionRules } from './projection.ts';

/** State of every memory, with the tier changes that its events caused. */
export const memoryState: ProjectionRules = {
  name: 'memory_state',
  tables: [
    {
      name: 'memory_state',
      key: ['space_id', 'memory_id'],
      values: ['tier', 'access_count', 'phi', 'is_catalyst', 'last_accessed', 'conversations'],
    },
    {
      name: 'tier_changes',
      key: ['space_id', 'memory_id', 'position'],
      values: ['from_tier', 'to_tier', 'reason'],
    },
  ],
  inline: ['memory.added'],
  rowsOf: ({ memoryIds }) => memoryIds,
  fold: async (trx, schema, shard, events) => {
    const stored = await readStates(trx, schema, shard, events);
    for (const [spaceId, ofSpace] of Map.groupBy(events, ({ spaceId }) => spaceId)) {
      const before = stored.get(spaceId) ?? new Map<string, MemoryState>();
      const after = new Map(before);
      const changes = foldMemories(after, ofSpace);
      const changed = [...after].filter(([id, state]) => !isSame(before.get(id), state));
      await writeStates(trx, schema, shard, spaceId, changed);
      await writeTierChanges(trx, schema, shard, spaceId, changes);
    }
  },
};

interface StateRow {
  readonly space_id: string;
  readonly memory_id: string;
  readonly tier: number;
  readonly access_count: number;
  readonly phi: number;
  readonly is_catalyst: boolean;
  readonly last_accessed: Date;
  readonly conversations: string[];
}

async function readStates(
  trx: Database,
  schema: string,
  shard: number,
  events: readonly LogEvent[],
): Promise<Map<string, Map<string, MemoryState>>> {
  const named = new Map(
    events.flatMap(({ spaceId, memoryIds }) => memoryIds.map((id) => [`${spaceId}/${id}`, { spaceId, id }] as const)),
  );
  const keys = [...named.values()];
  const { rows } = await sql<StateRow>`/* read states */
    select s.* from unnest(${keys.map(({ spaceId }) => spaceId)}::text[], ${keys.map(({ id }) => id)}::uuid[]) as k(space_id, memory_id)
    join lateral (
      select * from ${sql.table(`${schema}.memory_state`)} s
      where s.shard = ${shard} and s.space_id = k.space_id and s.memory_id = k.memory_id limit 1) s on true`.execute(
    trx,
  );
  const states = new Map<string, Map<string, MemoryState>>();
  for (const row of rows) {
    const ofSpace = states.get(row.space_id) ?? new Map<string, MemoryState>();
    states.set(row.space_id, ofSpace.set(row.memory_id, fromRow(row)));
  }
  return states;
}

function fromRow(row: StateRow): MemoryState {
  return {
    tier: tierFromNumber(row.tier),
    accessCount: row.access_count,
    phi: row.phi,
    isCatalyst: row.is_catalyst,
    lastAccessed: row.last_accessed.getTime(),
    conversations: row.conversations,
  };
}

function isSame(a: MemoryState | undefined, b: MemoryState): boolean {
  return (
    a === b ||
    (a !== undefined &&
      a.tier === b.tier &&
      a.accessCount === b.accessCount &&
      a.phi === b.phi &&
      a.isCatalyst === b.isCatalyst &&
      a.lastAccessed === b.lastAccessed &&
      a.conversations.length === b.conversations.length &&
      a.conversations.every((id, index) => id === b.conversations[index]))
  );
}

async function writeStates(
  trx: Database,
  schema: string,
  shard: number,
  spaceId: string,
  states: readonly (readonly [string, MemoryState])[],
): Promise<void> {
  if (states.length === 0) return;
  const rows = states.map(([memoryId, state]) => ({
    memory_id: memoryId,
    tier: tiers.indexOf(state.tier),
    access_count: state.accessCount,
    phi: state.phi,
    is_catalyst: state.isCatalyst,
    last_accessed: new Date(state.lastAccessed),
    conversations: state.conversations,
  }));
  // In key order, as every writer of these rows: unordered writers met in 29 deadlocks.
  await sql`/* write states */
    insert into ${sql.table(`${schema}.memory_state`)}
      (shard, space_id, memory_id, tier, access_count, phi, is_catalyst, last_accessed, conversations)
    select ${shard}::smallint, ${spaceId}::text, r.*
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(memory_id uuid, tier smallint, access_count int, phi int,
      is_catalyst boolean, last_accessed timestamptz, conversations uuid[])
    order by r.memory_id
    on conflict (shard, space_id, memory_id) do update set tier = excluded.tier, access_count = excluded.access_count,
      phi = excluded.phi, is_catalyst = excluded.is_catalyst, last_accessed = excluded.last_accessed,
      conversations = excluded.conversations`.execute(trx);
}

async function writeTierChanges(
  trx: Database,
  schema: string,
  shard: number,
  spaceId: string,
  changes: readonly TierChange[],
): Promise<void> {
  if (changes.length === 0) return;
  const rows = changes.map(({ memoryId, position, from, to, reason }) => ({
    memory_id: memoryId,
    position,
    from_tier: tiers.indexOf(from),
    to_tier: tiers.indexOf(to),
    reason,
  }));
  await sql`
    insert into ${sql.table(`${schema}.tier_changes`)} (shard, space_id, memory_id, position, from_tier, to_tier, reason)
    select ${shard}::smallint, ${spaceId}::text, r.*
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as r(memory_id uuid, position bigint, from_tier smallint, to_tier smallint, reason text)`.execute(trx);
}
