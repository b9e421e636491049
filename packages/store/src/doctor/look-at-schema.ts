import { sql } from 'kysely';
import type { Database, Engine } from '../engine/engine.ts';
import { countSpaces, type Models } from '../models.ts';
import { searchStatement } from '../reads/search.ts';
import { isExactCheaper } from '../reads/search-target.ts';
import { inWords, readIndexBuilds } from '../schema/index-builds.ts';
import { missingFromSchema } from '../schema/migrate.ts';
import type { RegisteredModel } from '../schema/register-model.ts';
import { type Found, failure, ok, one, warning } from './look.ts';

const namesShown = 5;

export async function lookAtSchema(engine: Engine, models: Models): Promise<Found> {
  const missing = await missingFromSchema(engine, [...new Set([models.ofNewSpaces, ...(await models.inUse())])]);
  if (missing.length === 0) return ok('all migrations are applied, all indexes are valid');
  const builds = await readIndexBuilds(engine.db);
  const names = inShort(missing);
  if (builds.length > 0) {
    const all = builds.map(inWords).join('; ');
    return warning(`missing: ${names}. Being built: ${all}`, 'Wait: requests are answered meanwhile.');
  }
  return failure(`missing: ${names}`, 'Restart the server: it applies and builds what is missing.');
}

/** The first of them, and how many more there are: after an upgrade the graphs of all shards may be missing. */
function inShort(names: readonly string[]): string {
  const more = names.length - namesShown;
  return names.slice(0, namesShown).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

export async function lookAtLog({ db }: Engine): Promise<Found> {
  const { guards, events } = await one(
    db,
    sql<{ guards: number; events: number }>`
      select (select count(*) from pg_trigger where tgrelid = 'events'::regclass and tgenabled in ('O', 'A')
          and tgname in ('events_append_only', 'events_never_truncated'))::int as guards,
        (select coalesce(sum(position), 0) from shard_heads)::float8 as events
      /* across shards: the doctor looks at all */`,
  );
  if (guards === 2) return ok(`${events} events, append-only`);
  return failure(
    `${events} events, which can be changed: a trigger that keeps them is off or gone`,
    'Find out who removed it, then run "alter table events enable trigger all" and "anima rebuild --verify".',
  );
}

interface LargestSpace {
  readonly id: string;
  readonly shard: number;
  readonly vectors: number;
  /** Of all spaces of its shard together. */
  readonly ofIndex: number;
}

/** By the statement that a query sends, in the space that has the most vectors. */
export async function lookAtPlans({ db, vectorType, exactScanBound }: Engine, models: Models): Promise<Found> {
  let found: { readonly space: LargestSpace; readonly model: RegisteredModel } | undefined;
  for (const model of await models.inUse()) {
    const space = await largestSpace(db, model);
    if (space && space.vectors > (found?.space.vectors ?? 0)) found = { space, model };
  }
  const { vectors, ofIndex } = found?.space ?? { vectors: 0, ofIndex: 0 };
  if (!found || isExactCheaper({ ofSpace: vectors, ofIndex, exactScanBound })) {
    return ok(`the largest space has ${vectors} vectors of ${ofIndex}: compared one by one, as is fastest for so few`);
  }
  const { space, model } = found;
  const target = { vectorsTable: model.vectorsTable, vectorColumn: vectorType(model.dimensions).column, exact: false };
  const vector = new Float32Array(model.dimensions).fill(1);
  const wanted = { text: 'doctor', vector, filters: {}, depth: 50, neighbours: false };
  const statement = searchStatement(target, { ...space, model, settings: {} }, wanted);
  const { rows: lines } = await sql<Record<string, string>>`explain ${statement}`.execute(db);
  const plan = lines.flatMap(Object.values).join('\n');
  const unused = [`${model.vectorsTable}_hnsw`, 'memories_fts'].filter((index) => !plan.includes(index));
  if (unused.length === 0) return ok(`a query of the largest space (${space.vectors} vectors) uses its indexes`);
  return warning(
    `a query of the largest space (${space.vectors} vectors) does not use ${unused.join(' and ')}`,
    'Run "analyze"; if that does not help, see the settings that "explain" shows beside the plan.',
  );
}

/** Of those that have this model: what else its table holds is about to be swept away, or not in use yet. */
async function largestSpace(
  db: Database,
  { vectorsTable, modelId }: RegisteredModel,
): Promise<LargestSpace | undefined> {
  const { rows } = await sql<LargestSpace>`
    select v.space_id as id, v.shard, count(*)::int as vectors, (sum(count(*)) over (partition by v.shard))::int as "ofIndex"
    from ${sql.table(vectorsTable)} v
    join spaces s on s.shard = v.shard and s.space_id = v.space_id and s.model_id = ${modelId}
    group by v.space_id, v.shard order by vectors desc limit 1
    /* across shards: the doctor looks at all */`.execute(db);
  return rows[0];
}

interface Underway {
  readonly space: string;
  readonly model: string;
  readonly done: number;
  readonly total: number;
  readonly problem: string | null;
}

export async function lookAtModels({ db }: Engine): Promise<Found> {
  const inUse = (await countSpaces(db)).map(({ model, spaces }) => `${spaces} with ${model.provider} ${model.name}`);
  const { rows } = await sql<Underway>`
    select r.space_id as space, m.provider || ' ' || m.name as model, r.done, r.total, r.problem
    from reembeddings r join embedding_models m using (model_id) order by r.space_id
    /* across shards: the doctor looks at all */`.execute(db);
  const state = [
    `spaces: ${inUse.join(', ') || 'none'}`,
    ...rows.map(({ space, model, done, total }) => `"${space}" on its way to ${model}, ${done} of ${total} memories`),
  ].join('; ');
  const stuck = rows.find(({ problem }) => problem !== null);
  return stuck ? warning(state, `"${stuck.space}" is held up: ${stuck.problem}`) : ok(state);
}
