import { rulesVersion } from '@anima/core';
import { sql } from 'kysely';
import { type Database, inTransaction } from '../engine/engine.ts';

/**
 * Events of a shard between two copies of its states. A question about the past reads the tail of the log from the
 * copy before it; a copy holds what has changed since the one before.
 */
const snapshotEvery = 5_000;

/** Between two that are kept of what is archived: the past of years is asked for rarely, and is in files anyway. */
const archivedEvery = 50_000;

/** With a shard, held by who copies its states: a second one would copy the same. */
const copyLock = 7_100_002;

/** Shards whose states have moved on so far that they are to be copied. */
export async function shardsDueForSnapshot(db: Database, every = snapshotEvery): Promise<readonly number[]> {
  const { rows } = await sql<{ shard: number }>`
    select c.shard from fold_checkpoints c
    left join (
      select shard, max(position) as position from snapshots
      where rules_version = ${rulesVersion} group by shard) s on s.shard = c.shard
    where c.projection = 'memory_state' and c.rules_version = ${rulesVersion}
      and c.position - coalesce(s.position, 0) >= ${every}
    order by c.shard /* across shards: a worker looks now and then */`.execute(db);
  return rows.map(({ shard }) => shard);
}

/**
 * Copies the states of a shard as they are at the checkpoint of their fold, those that changed since the last copy:
 * in one statement, whose snapshot has states and checkpoint of the same moment, so that folding need not wait.
 */
export function takeSnapshot(db: Database, shard: number): Promise<void> {
  return inTransaction(db, async (trx) => {
    const { rows } = await sql<{ isMine: boolean }>`
      select pg_try_advisory_xact_lock(${copyLock}::integer, ${shard}::integer) as "isMine"`.execute(trx);
    if (!rows[0]?.isMine) return;
    const last = await lastSnapshot(trx, shard);
    // What other rules made is of no use.
    if (last === 0) await dropSnapshots(trx, shard);
    await copyStates(trx, shard, last);
  });
}

/** Position of the last copy of a shard's states up to a position; 0 before the first. */
export async function lastSnapshot(db: Database, shard: number, upTo = Number.MAX_SAFE_INTEGER): Promise<number> {
  const { rows } = await sql<{ position: number | null }>`
    select max(position) as position from snapshots
    where shard = ${shard} and position <= ${upTo} and rules_version = ${rulesVersion}`.execute(db);
  return rows[0]?.position ?? 0;
}

async function copyStates(trx: Database, shard: number, last: number): Promise<void> {
  const folded = sql`(select position from checkpoint)`;
  // The append writes the first state of a memory, which stands there before its event is folded.
  const isFolded = sql`not exists (
    select from later l where l.space_id = s.space_id and l.memory_id = s.memory_id)`;
  const all = sql`select s.space_id, s.memory_id from memory_state s where s.shard = ${shard} and ${isFolded}`;
  const named = sql`
    select e.space_id, unnest(e.memory_ids) as memory_id from events e
    where e.shard = ${shard} and e.position > ${last} and e.position <= ${folded}
    union
    select s.space_id, s.memory_id from (
      select distinct e.space_id from events e where e.shard = ${shard} and e.position > ${last}
        and e.position <= ${folded} and e.type = 'space.decayed') d
    join memory_state s on s.shard = ${shard} and s.space_id = d.space_id and ${isFolded}`;
  await sql`
    with checkpoint as materialized (
      select position from fold_checkpoints
      where shard = ${shard} and projection = 'memory_state' and rules_version = ${rulesVersion} and position > ${last}),
    later as materialized (
      select e.space_id, unnest(e.memory_ids) as memory_id from events e
      where e.shard = ${shard} and e.position > ${folded} and e.type = 'memory.added'),
    taken as (
      insert into snapshots (shard, position, rules_version)
      select ${shard}::smallint, position, ${rulesVersion}::integer from checkpoint),
    changed as materialized (${last === 0 ? all : named})
    insert into state_snapshots (shard, space_id, memory_id, position, tier_set, tier_set_at, visibility, survivor,
      similarity, merged_at, access_count, phi, is_catalyst, last_accessed)
    select s.shard, s.space_id, s.memory_id, c.position, s.tier_set, s.tier_set_at, s.visibility, g.survivor,
      g.similarity, g.merged_at, coalesce(g.access_count, s.access_count), coalesce(g.phi, s.phi),
      coalesce(g.is_catalyst, s.is_catalyst), coalesce(g.last_accessed, s.last_accessed)
    from checkpoint c cross join changed
    join lateral (
      select * from memory_state s
      where s.shard = ${shard} and s.space_id = changed.space_id and s.memory_id = changed.memory_id limit 1) s on true
    left join lateral (
      select * from merge_groups g
      where g.shard = ${shard} and g.space_id = changed.space_id and g.memory_id = changed.memory_id limit 1) g on true`.execute(
    trx,
  );
}

/**
 * Drops most copies up to a position: one of so many events stays, with the last row that each memory had until then.
 * Whoever has just chosen another chooses anew (see `recordsAt`).
 */
export function thinSnapshots(db: Database, shard: number, upTo: number, every = archivedEvery): Promise<void> {
  return inTransaction(db, async (trx) => {
    const { rows } = await sql<{ kept: number }>`
      select max(position) as kept from snapshots
      where shard = ${shard} and position <= ${upTo} group by position / ${every}::integer order by kept`.execute(trx);
    const kept = rows.map((row) => row.kept);
    const { numAffectedRows } = await sql`
      delete from snapshots where shard = ${shard} and position <= ${upTo} and position <> all(${kept}::bigint[])`.execute(
      trx,
    );
    if (Number(numAffectedRows) === 0) return;
    await sql`
      delete from state_snapshots s where s.shard = ${shard} and s.position <= ${upTo} and exists (
        select from state_snapshots later
        where later.shard = ${shard} and later.space_id = s.space_id and later.memory_id = s.memory_id
          and later.position > s.position
          and later.position <= (select min(k) from unnest(${kept}::bigint[]) k where k >= s.position))`.execute(trx);
  });
}

/** Drops the copies of a shard: its states were wrong, or other rules make others. What is asked next replays the log. */
export async function dropSnapshots(trx: Database, shard: number): Promise<void> {
  await sql`delete from state_snapshots where shard = ${shard}`.execute(trx);
  await sql`delete from snapshots where shard = ${shard}`.execute(trx);
}
