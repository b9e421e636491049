import type { ChangedMemories, Space, Tier } from '@anima/core';
import { sql } from 'kysely';
import type { ChangeScope } from '../log/change.ts';
import { decide, factOf, lockMemories } from './memory-rows.ts';

/** Sets the tier of live memories by hand. */
export async function setTier(
  scope: ChangeScope,
  space: Space,
  ids: readonly string[],
  tier: Tier,
  reason: string | undefined,
) {
  const outcome = await live(scope, space, ids);
  if (reason !== undefined && outcome.changed.length > 0) await keepReason(scope, space, outcome.changed, reason);
  return { outcome, facts: factOf('memory.tiered', outcome, { tier }) };
}

/** Makes live memories catalysts, or no longer. */
export async function mark(scope: ChangeScope, space: Space, ids: readonly string[], catalyst: boolean) {
  const outcome = await live(scope, space, ids);
  return { outcome, facts: factOf('memory.marked', outcome, { catalyst }) };
}

async function live({ trx }: ChangeScope, space: Space, ids: readonly string[]): Promise<ChangedMemories> {
  const rows = await lockMemories(trx, space, ids);
  return decide(ids, rows, ({ visibility }) => (visibility === 'live' ? undefined : visibility));
}

async function keepReason(
  { trx, position }: ChangeScope,
  { shard, id }: Space,
  ids: readonly string[],
  reason: string,
): Promise<void> {
  await sql`
    insert into tier_reasons (shard, space_id, memory_id, position, reason)
    select ${shard}::smallint, ${id}::text, unnest(${ids}::uuid[]), ${position}::bigint, ${reason}`.execute(trx);
}
