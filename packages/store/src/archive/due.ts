import type { HeldBy } from '@anima/core';
import { sql } from 'kysely';
import type { Database } from '../engine/engine.ts';
import type { Stretch } from './segments.ts';

/** When events are old enough to be moved. */
export interface Keeping {
  /** How long events stay in the table at least. */
  readonly keepDays: number;
  /** How many of a shard's newest do, whatever their age: requests look at them. */
  readonly keepEvents: number;
  /** Events of one file. */
  readonly segmentEvents: number;
}

interface ShardBounds {
  readonly shard: number;
  readonly floor: number;
  readonly head: number;
  readonly folding: number;
  readonly receipts: number;
  readonly reembedding: number;
}

export interface Due {
  readonly stretches: readonly Stretch[];
  readonly held: Readonly<Record<HeldBy, number>>;
}

/** Whole stretches behind what is archived that are old and that nobody reads any more, shard by shard. */
export async function findDue(db: Database, keeping: Keeping): Promise<Due> {
  const held = { folding: 0, receipts: 0, reembedding: 0 };
  const stretches: Stretch[] = [];
  for (const bounds of await readBounds(db)) {
    const { shard, floor, head } = bounds;
    for (let first = floor + 1; ; ) {
      const last = first + keeping.segmentEvents - 1;
      if (last > head - keeping.keepEvents || !(await isOld(db, shard, last, keeping.keepDays))) break;
      const by = (['folding', 'reembedding', 'receipts'] as const).find((reason) => bounds[reason] < last);
      if (by !== undefined) {
        held[by] += 1;
        break;
      }
      stretches.push({ shard, first, last });
      first = last + 1;
    }
  }
  return { stretches, held };
}

/**
 * Up to where each that follows the log has read it. A model that no space of the shard has need not keep up; one
 * that does compares what it embedded, even where nobody wants anything merged.
 */
async function readBounds(db: Database): Promise<readonly ShardBounds[]> {
  const { rows } = await sql<ShardBounds>`
    select h.shard, h.position as head,
      coalesce((select max(g.last) from log_segments g where g.shard = h.shard), 0) as floor,
      least(
        (select min(c.position) from fold_checkpoints c
         where c.shard = h.shard and c.projection not like 'vectors\\_%' and c.projection not like 'consolidated\\_%'),
        (select min(least(coalesce(v.position, 0), coalesce(d.position, 0))) from (
           select distinct s.model_id from spaces s where s.shard = h.shard) m
         left join fold_checkpoints v on v.shard = h.shard and v.projection = 'vectors_' || m.model_id
         left join fold_checkpoints d on d.shard = h.shard and d.projection = 'consolidated_' || m.model_id)) as folding,
      -- An erasure finds the receipts of a memory by the events that name it.
      coalesce((
        select min(r.position) - 1 from spaces s cross join lateral (
          select r.position from receipts r where r.shard = s.shard and r.space_id = s.space_id
          order by r.created_at limit 1) r
        where s.shard = h.shard), h.position) as receipts,
      coalesce((select min(r.checked) from reembeddings r where r.shard = h.shard), h.position) as reembedding
    from shard_heads h where h.position > 0 order by h.shard
    /* one machine: nothing is archived on Citus */`.execute(db);
  return rows;
}

async function isOld(db: Database, shard: number, position: number, days: number): Promise<boolean> {
  const { rows } = await sql<{ old: boolean }>`
    select recorded_at <= now() - make_interval(days => ${days}::integer) as old from events
    where shard = ${shard} and position = ${position}`.execute(db);
  return rows[0]?.old ?? false;
}
