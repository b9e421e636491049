import { type Bootstrap, type BootstrapSelection, limits, type Memory, type Space } from '@anima/core';
import { sql } from 'kysely';
import type { Database } from '../engine/engine.ts';
import { type MemoryRow, memoryColumns, tierFromNumber, toMemory } from './memories.ts';
import { readAsJson } from './read-as-json.ts';

interface BootstrapRow extends MemoryRow {
  readonly active_available: number;
  readonly thread_available: number;
  readonly stable_available: number;
}

/**
 * The bootstrap in one statement: each tier's best from its own index, quotas, contents. The quotas
 * repeat core's `bootstrapQuota`; a property test holds the two equal.
 */
export async function readBootstrap(db: Database, space: Space, selection: BootstrapSelection): Promise<Bootstrap> {
  const rows = await readAsJson(db, 'bootstrap', bootstrapStatement(space, selection));
  const ofTier = (tier: Memory['tier']) =>
    rows.filter((row) => row.id !== null && tierFromNumber(row.tier) === tier).map(toMemory);
  const memories = { active: ofTier('active'), thread: ofTier('thread'), stable: ofTier('stable') };
  const [counts] = rows;
  const left = (available: number | undefined, taken: readonly unknown[]) =>
    Math.min(limits.bootstrapCut, Math.max(0, (available ?? 0) - taken.length));
  return {
    memories,
    cut: {
      active: left(counts?.active_available, memories.active),
      thread: left(counts?.thread_available, memories.thread),
      stable: left(counts?.stable_available, memories.stable),
    },
  };
}

function bootstrapStatement(space: Space, { limit, activeLimit, include }: BootstrapSelection) {
  const most = sql.lit(Math.max(limit, activeLimit ?? 0));
  const ofTier = (number: number, included: boolean) => sql`
    s.shard = ${space.shard} and s.space_id = ${space.id} and s.tier = ${sql.lit(number)} and ${included}::boolean`;
  // With all that is answered: to look the chosen up again costs more than to carry a few that are not.
  const best = (number: number, included: boolean, order: string) => sql`
    select r.*, row_number() over () as place from (
      select ${memoryColumns} from memory_state s
      join memories m on m.shard = s.shard and m.space_id = s.space_id and m.memory_id = s.memory_id
      where ${ofTier(number, included)} and m.visibility = 'live'
      order by ${sql.raw(order)}, s.memory_id limit ${most}) r`;
  const count = (number: number, included: boolean) => sql`
    (select count(*) from (select from memory_state s where ${ofTier(number, included)} and s.visibility = 0
      limit ${most} + ${sql.lit(limits.bootstrapCut)}) s)::int`;
  const quotas =
    activeLimit === undefined
      ? sql`
        select a.n as a, t.n as t, s.n as s from available,
          lateral (select least(actives, ${limit}::int / 2) as n) a0,
          lateral (select ${limit}::int - a0.n as n) rest,
          lateral (select least(threads, (7 * rest.n + 9) / 10) as n) t0,
          lateral (select least(stables, rest.n - t0.n) as n) s,
          lateral (select least(threads, rest.n - s.n) as n) t,
          lateral (select least(actives, ${limit}::int - t.n - s.n) as n) a`
      : sql`
        select least(actives, ${activeLimit}::int) as a, least(threads, (7 * ${limit}::int + 9) / 10) as t,
          least(stables, ${limit}::int - (7 * ${limit}::int + 9) / 10) as s from available`;
  return sql<BootstrapRow>`
    with active as materialized (${best(0, include.active, 's.last_accessed desc')}),
    thread as materialized (${best(1, include.thread, 's.phi desc')}),
    stable as materialized (${best(2, include.stable, 's.phi desc')}),
    available as materialized (
      select (select count(*) from active)::int as actives, (select count(*) from thread)::int as threads,
        (select count(*) from stable)::int as stables),
    quota as materialized (${quotas}),
    chosen as (
      select * from active where place <= (select a from quota)
      union all select * from thread where place <= (select t from quota)
      union all select * from stable where place <= (select s from quota))
    select c.*, ${count(0, include.active)} as active_available,
      ${count(1, include.thread)} as thread_available, ${count(2, include.stable)} as stable_available
    from available left join chosen c on true
    order by c.tier, c.place`;
}
