import { foldMemories, type LogEvent, type MemoryRecord, type TierChange, tiers } from '@anima/core';
import { sql } from 'kysely';
import type { Database } from '../engine/engine.ts';
import { fadeUngrouped, readGroups, readRecords, writeRecords } from './memory-records.ts';
import type { ProjectionRules } from './projection.ts';

/** State of every memory, with the tier changes that its events caused. */
export const memoryState: ProjectionRules = {
  name: 'memory_state',
  tables: [
    {
      name: 'memory_state',
      key: ['space_id', 'memory_id'],
      values: [
        ...['tier', 'access_count', 'phi', 'is_catalyst', 'last_accessed', 'conversations'],
        ...['tier_set', 'tier_set_at', 'visibility'],
      ],
    },
    {
      name: 'merge_groups',
      key: ['space_id', 'memory_id'],
      values: [
        ...['survivor', 'similarity', 'merged_at'],
        ...['access_count', 'phi', 'is_catalyst', 'last_accessed', 'conversations'],
      ],
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
    for (const run of runsBetweenDecays(events)) {
      const [first] = run;
      if (first?.type === 'space.decayed') await foldDecay(trx, schema, shard, first);
      else await foldRun(trx, schema, shard, run);
    }
  },
};

/** A decay concerns all memories of its space, so it is folded alone. */
function runsBetweenDecays(events: readonly LogEvent[]): readonly (readonly LogEvent[])[] {
  const runs: LogEvent[][] = [];
  for (const event of events) {
    const last = runs.at(-1);
    const isAlone = event.type === 'space.decayed' || last?.at(-1)?.type === 'space.decayed';
    if (last && !isAlone) last.push(event);
    else runs.push([event]);
  }
  return runs;
}

async function foldRun(trx: Database, schema: string, shard: number, events: readonly LogEvent[]): Promise<void> {
  const stored = await readRecords(trx, schema, shard, events);
  for (const [spaceId, ofSpace] of Map.groupBy(events, ({ spaceId }) => spaceId)) {
    const before = stored.get(spaceId) ?? new Map<string, MemoryRecord>();
    const after = new Map(before);
    const changes = foldMemories(after, ofSpace);
    await writeRecords(trx, schema, shard, spaceId, before, after);
    await writeTierChanges(trx, schema, shard, spaceId, changes);
  }
}

async function foldDecay(
  trx: Database,
  schema: string,
  shard: number,
  event: LogEvent & { readonly type: 'space.decayed' },
): Promise<void> {
  await fadeUngrouped(trx, schema, shard, event);
  const grouped = await readGroups(trx, schema, shard, event.spaceId);
  const after = new Map(grouped);
  foldMemories(after, [event]);
  await writeRecords(trx, schema, shard, event.spaceId, grouped, after);
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
