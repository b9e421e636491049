import type { ChangedMemories, Space } from '@anima/core';
import { sql } from 'kysely';
import type { Database } from '../engine/engine.ts';
import type { ChangeScope } from '../log/change.ts';
import { giveUpContent, regainContent } from './content-holders.ts';
import {
  decide,
  factOf,
  lockMemories,
  lockThoseThere,
  type MemoryRow,
  mergedBelow,
  setVisibility,
  withMerged,
} from './memory-rows.ts';

/** Hides what is live. */
export async function forget(scope: ChangeScope, space: Space, ids: readonly string[]) {
  const rows = await lockMemories(scope.trx, space, ids);
  const outcome = decide(ids, rows, ({ visibility }) => (visibility === 'live' ? undefined : visibility));
  await setVisibility(scope, space, outcome.changed, 'hidden');
  return { outcome, facts: factOf('memory.forgotten', outcome) };
}

/** Shows again what was forgotten or has expired, unless its content is another memory's by now. */
export async function restore(scope: ChangeScope, space: Space, ids: readonly string[]) {
  const { trx } = scope;
  const rows = await lockMemories(trx, space, ids);
  const expired = [...rows.values()].filter(({ visibility }) => visibility === 'expired');
  const regained = await regainGroups(trx, space, expired);
  const outcome = decide(ids, rows, ({ memory_id, visibility }) => {
    if (visibility === 'expired') return regained.has(memory_id) ? undefined : 'duplicate';
    return visibility === 'hidden' ? undefined : visibility;
  });
  await setVisibility(scope, space, outcome.changed, 'live');
  return { outcome, facts: factOf('memory.restored', outcome) };
}

/** What has expired gets its content back, if nobody has it, and no end any more; then its variants get theirs. */
async function regainGroups(trx: Database, space: Space, expired: readonly MemoryRow[]): Promise<ReadonlySet<string>> {
  const regained = new Set<string>();
  for (const { memory_id } of expired) {
    if ((await regainContent(trx, space, [memory_id])).size === 0) continue;
    regained.add(memory_id);
    await regainContent(trx, space, await mergedBelow(trx, space, memory_id));
  }
  await sql`update memories set expires_at = null
    where shard = ${space.shard} and space_id = ${space.id} and memory_id = any(${[...regained]}::uuid[])`.execute(trx);
  return regained;
}

/**
 * Ends what is past its time, but what was erased since somebody saw that it was; content that was added once more then
 * is a new memory.
 */
export async function expire(scope: ChangeScope, space: Space, seen: readonly string[]) {
  const { trx, now } = scope;
  const rows = await lockThoseThere(trx, space, seen);
  const ids = [...rows.keys()];
  const due = await sql<{ memory_id: string }>`
    select memory_id from memories where shard = ${space.shard} and space_id = ${space.id}
      and memory_id = any(${ids}::uuid[]) and visibility = 'live' and expires_at <= ${now}::timestamptz`.execute(trx);
  const isDue = new Set(due.rows.map(({ memory_id }) => memory_id));
  const outcome: ChangedMemories = decide(ids, rows, ({ memory_id, visibility }) =>
    isDue.has(memory_id) ? undefined : visibility,
  );
  await setVisibility(scope, space, outcome.changed, 'expired');
  await giveUpContent(trx, space, await withMerged(trx, space, outcome.changed));
  return { outcome, facts: factOf('memory.expired', outcome) };
}
