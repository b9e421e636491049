import { decay, type Space } from '@anima/core';
import { sql } from 'kysely';
import type { ChangeLog } from '../log/change.ts';
import type { WorkerContext } from './worker-context.ts';

/** Once a month, at a quiet hour of the first day. */
const schedule = '0 3 1 * *';
export const decayQueue = 'anima-decay';

/** Lets φ of what nobody asks for fade, once a month: on schedule, or at the next start after a month without. */
export async function scheduleDecay(context: WorkerContext): Promise<void> {
  const { boss } = context;
  await boss.createQueue(decayQueue, { policy: 'short', retryLimit: 3, retryDelay: 60, deleteAfterSeconds: 600 });
  await boss.schedule(decayQueue, schedule);
  await boss.work(decayQueue, { pollingIntervalSeconds: 60 }, () => decayAll(context));
  await boss.send(decayQueue);
}

async function decayAll({ engine: { db }, changes, spaces, isStopping }: WorkerContext): Promise<void> {
  const { rows } = await sql<{ space_id: string }>`
    select space_id from spaces where not settings @> '{"decay": false}' and importing_since is null and ${isDue} order by space_id`.execute(
    db,
  );
  for (const { space_id } of rows) {
    if (isStopping()) return;
    await decaySpace(changes, await spaces.open(space_id));
  }
}

/** Whether the month began since a space last faded, or was made. */
const isDue = sql`coalesce(decayed_at, created_at) < date_trunc('month', now())`;

/** Records the month's decay of a space, unless somebody has; the fold selects what it touches. */
export function decaySpace(changes: ChangeLog, space: Space): Promise<boolean> {
  return changes.change(space, undefined, async ({ trx, now }) => {
    const { numAffectedRows } = await sql`
      update spaces set decayed_at = ${now}::timestamptz where space_id = ${space.id} and ${isDue}`.execute(trx);
    const outcome = Number(numAffectedRows) > 0;
    const fact = { type: 'space.decayed' as const, memoryIds: [], payload: decay(now.getTime()) };
    return { outcome, facts: outcome ? [fact] : [] };
  });
}
