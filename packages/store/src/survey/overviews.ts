import {
  resonanceClass,
  type Space,
  type SpaceOverview,
  type Tier,
  tiers,
  type Visibility,
  visibilities,
} from '@anima/core';
import { sql } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { Database, Reading } from '../engine/engine.ts';
import { withinTime } from '../reads/within-time.ts';

/** Counting a space takes at most this share of the time. */
const share = 0.02;
const shortestRestMs = 1_000;
const longestMs = 10_000;
/** Stretches of time that the growth is shown in. */
const stretches = 60;

/** What spaces hold. A space is counted once for all who ask, and then rests for as long as that was work. */
export class Overviews {
  readonly #read: Reading;
  readonly #known = new LRUCache<string, SpaceOverview, Space>({
    max: 100,
    fetchMethod: async (_id, _known, { context: space, options }) => {
      const begun = performance.now();
      const overview = await this.#read(space, (db) => withinTime(db, (trx) => countSpace(trx, space), longestMs));
      options.ttl = Math.max(shortestRestMs, (performance.now() - begun) / share);
      return overview;
    },
  });

  constructor(read: Reading) {
    this.#read = read;
  }

  async of(space: Space): Promise<SpaceOverview> {
    const overview = await this.#known.fetch(space.id, { context: space });
    if (!overview) throw new Error(`space ${space.id} was not counted`);
    return overview;
  }
}

async function countSpace(trx: Database, space: Space): Promise<SpaceOverview> {
  const states = await countStates(trx, space);
  const others = await countOthers(trx, space);
  const growth = await countGrowth(trx, space);
  const sum = (of: (row: StateCount) => boolean) =>
    states.filter(of).reduce((total, { memories }) => total + memories, 0);
  return {
    countedAt: new Date().toISOString(),
    tiers: Object.fromEntries(tiers.map((tier, number) => [tier, sum((row) => row.tier === number)])) as Record<
      Tier,
      number
    >,
    resonance: Array.from({ length: classes }, (_, index) => sum((row) => row.class === index)),
    others: Object.fromEntries(notLive.map((one) => [one, others.get(one) ?? 0])) as SpaceOverview['others'],
    growth,
  };
}

const classes = 5 / resonanceClass;
const notLive = visibilities.filter((one) => one !== 'live' && one !== 'erased');

interface StateCount {
  readonly tier: number;
  readonly class: number;
  readonly memories: number;
}

async function countStates(trx: Database, { shard, id }: Space): Promise<readonly StateCount[]> {
  const { rows } = await sql<StateCount>`
    select tier, least(phi / ${sql.lit(resonanceClass * 1_000)}::int, ${sql.lit(classes - 1)}) as class,
      count(*)::int as memories
    from memory_state
    where shard = ${shard} and space_id = ${id} and visibility = ${sql.lit(visibilities.indexOf('live'))}
    group by 1, 2`.execute(trx);
  return rows;
}

async function countOthers(trx: Database, { shard, id }: Space): Promise<ReadonlyMap<Visibility, number>> {
  const { rows } = await sql<{ visibility: Visibility; memories: number }>`
    select visibility, count(*)::int as memories from memories
    where shard = ${shard} and space_id = ${id} and visibility <> 'live' group by visibility`.execute(trx);
  return new Map(rows.map(({ visibility, memories }) => [visibility, memories]));
}

/**
 * From the first live memory to the last, in as many stretches as are shown: each counted along the index, in a third
 * of the time that it takes to work out for every memory in which stretch it lies.
 */
async function countGrowth(trx: Database, { shard, id }: Space): Promise<SpaceOverview['growth']> {
  const ofSpace = sql`m.shard = ${shard} and m.space_id = ${id} and m.visibility = 'live'`;
  const { rows } = await sql<{ at: Date; memories: number }>`
    with bounds as materialized (
      select (select min(created_at) from memories m where ${ofSpace}) as first,
        (select max(created_at) from memories m where ${ofSpace}) as last),
    ends as (
      select n, case when n = ${sql.lit(stretches)} then last else first + (last - first) * n / ${sql.lit(stretches)} end as at
      from bounds, generate_series(0, ${sql.lit(stretches)}) n where first is not null),
    parts as materialized (select n, at, lag(at, 1, '-infinity') over (order by n) as before from ends)
    select at, sum(memories) over (order by n)::int as memories from (
      select n, at, (
        select count(*) from memories m where ${ofSpace} and m.created_at > p.before and m.created_at <= p.at) as memories
      from parts p) counted
    order by n`.execute(trx);
  return rows.map(({ at, memories }) => ({ at: at.toISOString(), memories }));
}
