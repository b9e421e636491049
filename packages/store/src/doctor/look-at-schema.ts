import { sql } from 'kysely';
import type { Engine } from '../engine/engine.ts';
import { searchStatement } from '../reads/search.ts';
import { missingFromSchema, type RegisteredModel } from '../schema/migrate.ts';
import { type Found, failure, ok, one, warning } from './look.ts';

export async function lookAtSchema(engine: Engine, model: RegisteredModel): Promise<Found> {
  const missing = await missingFromSchema(engine, model);
  if (missing.length === 0) return ok('all migrations are applied, all indexes are valid');
  return failure(`missing: ${missing.join(', ')}`, 'Restart the server: it applies and builds what is missing.');
}

export async function lookAtLog({ db }: Engine): Promise<Found> {
  const { guards, events } = await one(
    db,
    sql<{ guards: number; events: number }>`
      select (select count(*) from pg_trigger where tgrelid = 'events'::regclass and tgenabled in ('O', 'A')
          and tgname in ('events_append_only', 'events_never_truncated'))::int as guards,
        (select coalesce(sum(position), 0) from shard_heads)::float8 as events`,
  );
  if (guards === 2) return ok(`${events} events, append-only`);
  return failure(
    `${events} events, which can be changed: a trigger that keeps them is off or gone`,
    'Find out who removed it, then run "alter table events enable trigger all" and "anima rebuild --verify".',
  );
}

/** By the statement that a query sends, in the space that has the most vectors. */
export async function lookAtPlans({ db, vectorType, exactScanBound }: Engine, model: RegisteredModel): Promise<Found> {
  const { vectorsTable, dimensions } = model;
  const { rows } = await sql<{ id: string; shard: number; vectors: number }>`
    select space_id as id, shard, count(*)::int as vectors from ${sql.table(vectorsTable)}
    group by space_id, shard order by vectors desc limit 1`.execute(db);
  const [largest] = rows;
  if (!largest || largest.vectors <= exactScanBound) {
    return ok(`the largest space has ${largest?.vectors ?? 0} vectors: compared one by one, as is fastest for so few`);
  }
  const target = { vectorsTable, vectorColumn: vectorType(dimensions).column, exact: false };
  const vector = new Float32Array(dimensions).fill(1);
  const wanted = { text: 'doctor', vector, filters: {}, depth: 50, neighbours: false };
  const statement = searchStatement(target, { ...largest, settings: {} }, wanted);
  const { rows: lines } = await sql<Record<string, string>>`explain ${statement}`.execute(db);
  const plan = lines.flatMap(Object.values).join('\n');
  const unused = [`${vectorsTable}_hnsw`, 'memories_fts'].filter((index) => !plan.includes(index));
  if (unused.length === 0) return ok(`a query of the largest space (${largest.vectors} vectors) uses its indexes`);
  return warning(
    `a query of the largest space (${largest.vectors} vectors) does not use ${unused.join(' and ')}`,
    'Run "analyze"; if that does not help, see the settings that "explain" shows beside the plan.',
  );
}

export async function lookAtModels({ db }: Engine, model: RegisteredModel): Promise<Found> {
  const { rows } = await sql<{ model: string; spaces: number }>`
    select m.provider || ' ' || m.name || ' of ' || m.dimensions || ' dimensions' as model, count(*)::int as spaces
    from spaces s join embedding_models m using (model_id)
    where s.model_id <> ${model.modelId} group by 1 order by 1`.execute(db);
  if (rows.length === 0) return ok(`all spaces were made with ${model.provider} ${model.name}`);
  const others = rows.map(({ model: name, spaces }) => `${spaces} with ${name}`).join(', ');
  return warning(`spaces of other models: ${others}`, 'Start a server with that model and its dimensions to use them.');
}
