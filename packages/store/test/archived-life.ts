import type { ArchiveReport, RebuildReport, Space } from '@anima/core';
import { sql } from 'kysely';
import { countLexemes } from '../src/jobs/count-lexemes.ts';
import { ChangeLog } from '../src/log/change.ts';
import { takeSnapshot } from '../src/past/snapshots.ts';
import type { Opened } from './engines.ts';

/** Few events a file, all of them old enough at once. */
export const archiving = { keepDays: 0, keepEvents: 3, segmentEvents: 7, settleMs: 0 };

/** A space that keeps no receipts, which hold back what they are of. */
export async function spaceToArchive(opened: Opened, where: { readonly beside?: Space } = {}): Promise<Space> {
  const space = await opened.newSpace(where);
  await opened.store.configure(space, { receiptRetentionDays: 0 }, undefined);
  return opened.store.openSpace(space.id);
}

/** What workers do behind the requests: all that follows the log comes to its end. */
export async function follow(opened: Opened, space: Space): Promise<void> {
  const { db } = opened;
  await opened.fold(space);
  while ((await countLexemes(db, space.shard, 100)) > 0);
  await sql`
    insert into fold_checkpoints (shard, projection, position, rules_version)
    select shard, 'consolidated_' || model_id, 0, 1 from spaces where shard = ${space.shard} on conflict do nothing`.execute(
    db,
  );
  await sql`
    update fold_checkpoints c set position = h.position from shard_heads h
    where c.shard = ${space.shard} and h.shard = c.shard and c.projection not in ('memory_state', 'associations')`.execute(
    db,
  );
}

/** Everything that can happen to memories: some 40 events, all of them folded. */
export async function live(opened: Opened, space: Space, tag = '') {
  const { store, db } = opened;
  const ids: string[] = [];
  for (let n = 0; n < 5; n += 1) {
    ids.push((await opened.add(space, { content: `gull ${n} ${tag}`, conversationId: `talk ${n % 2}` })).memory.id);
  }
  const [first = '', second = '', third = '', fourth = ''] = ids;
  const happenings: Readonly<Record<number, () => Promise<unknown>>> = {
    5: () => store.merge(space, [first, second], 0.97),
    7: () => store.unmerge(space, second),
    8: () => fade(opened, space),
    10: () => takeSnapshot(db, space.shard),
    11: () => store.setTier(space, [third], 'network', 'because'),
    12: () => store.forget(space, [third]),
    13: () => store.mark(space, [fourth], true),
    15: () => store.restore(space, [third]),
  };
  const recallIds: string[] = [];
  for (let round = 0; round < 16; round += 1) {
    const { recallId } = await opened.query(space, { query: 'gull', conversationId: 'talk 1' });
    recallIds.push(recallId ?? '');
    if (round % 4 === 0) await store.cite(space, recallId ?? '', [first]);
    await happenings[round]?.();
    if (round % 5 === 0) await opened.fold(space, 7);
  }
  await follow(opened, space);
  return { ids, recallIds };
}

function fade({ db }: Opened, space: Space): Promise<unknown> {
  const payload = { cutoff: Date.now() + 60_000, factor: 950 };
  const facts = [{ type: 'space.decayed' as const, memoryIds: [], payload }];
  return new ChangeLog(db, () => {}).change(space, undefined, async () => ({ outcome: null, facts }));
}

export async function archiveNow({ store }: Opened, dryRun = false): Promise<ArchiveReport> {
  for await (const step of store.archiveLog({ dryRun })) if (step.type === 'report') return step.report;
  throw new Error('there was no report');
}

/** Rebuilds, and tells what was different. */
export async function rebuildNow({ store }: Opened, options: { readonly verify: boolean; readonly full?: boolean }) {
  const reports: RebuildReport[] = [];
  for await (const step of store.rebuild(options)) if (step.type === 'report') reports.push(step.report);
  return reports.flatMap(({ differences }) => differences);
}
