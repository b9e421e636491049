import { projections, type StoreGauges } from '@anima/core';
import { sql } from 'kysely';
import type { Engine } from './engine/engine.ts';
import { queues } from './jobs/queues.ts';
import type { Models } from './models.ts';
import type { RegisteredModel } from './schema/register-model.ts';

/** What the database and the way to it say of themselves. */
export type DatabaseGauges = Omit<StoreGauges, 'folded'>;

/** Reads the gauges from the database: by a few small statements. */
export async function readGauges(engine: Engine, models: Models): Promise<DatabaseGauges> {
  const pool = engine.poolGauges();
  const [folds, pendingEmbeddings, jobs] = await Promise.all([
    foldLag(engine),
    countPending(engine, models),
    countJobs(engine),
  ]);
  return { engine: engine.kind, pool, folds, pendingEmbeddings, jobs, replica: engine.replica?.gauges() };
}

/** How late it is goes by events of this log: what was imported was recorded long before it came here. */
async function foldLag({ db }: Engine): Promise<StoreGauges['folds']> {
  const { rows } = await sql<StoreGauges['folds']>`
    select coalesce(sum(h.position - c.position), 0)::int as "lagEvents",
      coalesce(max(extract(epoch from clock_timestamp() - e.recorded_at)) filter (where e.actor is null) * 1000, 0)::float8 as "lagMs"
    from shard_heads h
    join (select shard, min(position) as position from fold_checkpoints
          where projection = any(${[...projections]}::text[]) group by shard) c using (shard)
    left join events e on e.shard = h.shard and e.position = c.position + 1
    where h.position > c.position /* across shards: how late all is, every few seconds */`.execute(db);
  return { lagEvents: rows[0]?.lagEvents ?? 0, lagMs: Math.max(0, Math.round(rows[0]?.lagMs ?? 0)) };
}

async function countPending(engine: Engine, models: Models): Promise<number> {
  const ofModels = await Promise.all((await models.inUse()).map((model) => countPendingOf(engine, model)));
  return ofModels.reduce((sum, pending) => sum + pending, 0);
}

/** Memories of spaces that have this model. */
async function countPendingOf({ db }: Engine, model: RegisteredModel): Promise<number> {
  const hasModel = (row: string) => sql`exists (
    select from spaces s where s.shard = ${sql.ref(`${row}.shard`)} and s.space_id = ${sql.ref(`${row}.space_id`)}
      and s.model_id = ${model.modelId})`;
  const { rows } = await sql<{ pending: number }>`
    select (
      (select count(*) from fold_checkpoints c
         join events e on e.shard = c.shard and e.position > c.position and e.type in ('memory.added', 'memory.updated')
       where c.projection = ${model.checkpoint} and ${hasModel('e')} and not exists (
         select from ${sql.table(model.vectorsTable)} v
         where v.shard = e.shard and v.space_id = e.space_id and v.memory_id = e.memory_ids[1]))
      + (select count(*) from embedding_failures f where model_id = ${model.modelId} and ${hasModel('f')}))::int as pending
    /* across shards: how much waits, every few seconds */`.execute(db);
  return rows[0]?.pending ?? 0;
}

async function countJobs({ db }: Engine): Promise<StoreGauges['jobs']> {
  const { rows } = await sql<StoreGauges['jobs']>`
    select count(*) filter (where state in ('created', 'retry'))::int as queued,
      count(*) filter (where state = 'active')::int as active,
      count(*) filter (where state = 'failed')::int as failed
    from pgboss.job where name = any(${Object.values(queues)}::text[]) and state <> 'completed'`.execute(db);
  return rows[0] ?? { queued: 0, active: 0, failed: 0 };
}
