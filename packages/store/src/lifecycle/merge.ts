import { AnimaError, type Space } from '@anima/core';
import { sql } from 'kysely';
import type { ChangeScope } from '../log/change.ts';
import { regainContent } from './content-holders.ts';
import { lockMemories, type MemoryRow, mergedBelow, setVisibility } from './memory-rows.ts';

/** Makes the later-added of two live memories a variant of the earlier; not where they were parted before. */
export async function merge(scope: ChangeScope, space: Space, pair: readonly [string, string], similarity: number) {
  const { trx } = scope;
  const rows = await lockMemories(trx, space, pair);
  const [earlier, later] = [...rows.values()].sort(inOrderOfAdding);
  const bothLive = earlier?.visibility === 'live' && later?.visibility === 'live';
  if (!bothLive || (await wereParted(scope, space, pair))) return { outcome: undefined, facts: [] };
  const outcome = { survivor: earlier.memory_id, merged: later.memory_id };
  await setVisibility(scope, space, [outcome.merged], 'merged', outcome.survivor);
  const memoryIds = [outcome.survivor, outcome.merged];
  return { outcome, facts: [{ type: 'memory.merged' as const, memoryIds, payload: { ...outcome, similarity } }] };
}

/** Those that were added in the same moment are ordered by id, the same way every time. */
function inOrderOfAdding(a: MemoryRow, b: MemoryRow): number {
  return a.created_at.getTime() - b.created_at.getTime() || (a.memory_id < b.memory_id ? -1 : 1);
}

async function wereParted({ trx }: ChangeScope, { shard, id }: Space, pair: readonly [string, string]) {
  const { rows } = await sql`
    select 1 from events where shard = ${shard} and space_id = ${id} and type = 'memory.unmerged'
      and memory_ids @> ${[...pair]}::uuid[] limit 1`.execute(trx);
  return rows.length > 0;
}

/**
 * Makes a variant a memory of its own again. Where its survivor has expired meanwhile, it takes back what it says.
 *
 * @throws AnimaError `CONFLICT` when it is no variant, or somebody else said this since
 */
export async function unmerge(scope: ChangeScope, space: Space, memoryId: string) {
  const row = (await lockMemories(scope.trx, space, [memoryId])).get(memoryId);
  const survivor = row?.merged_into;
  if (!survivor || row.visibility !== 'merged') {
    throw new AnimaError('CONFLICT', `memory ${memoryId} is not merged into another`);
  }
  if (!(await regainContent(scope.trx, space, [memoryId])).has(memoryId)) {
    throw new AnimaError(
      'CONFLICT',
      `another memory says what memory ${memoryId} says: forget or update that one first`,
    );
  }
  await regainContent(scope.trx, space, await mergedBelow(scope.trx, space, memoryId));
  await setVisibility(scope, space, [memoryId], 'live');
  const payload = { survivor, merged: memoryId };
  const facts = [{ type: 'memory.unmerged' as const, memoryIds: [survivor, memoryId], payload }];
  return { outcome: { survivor }, facts };
}
