import type { EmbeddingModel, ModelInUse } from '@anima/core';
import { sql } from 'kysely';
import type { Database, Engine } from './engine/engine.ts';
import { type RegisteredModel, registeredModel, registerModel } from './schema/register-model.ts';

interface ModelRow extends EmbeddingModel {
  readonly model_id: number;
}

/** The models that the database knows. One that is registered never changes, so each is read once. */
export class Models {
  /** What a space gets when it is created. */
  readonly ofNewSpaces: RegisteredModel;
  readonly #engine: Engine;
  readonly #byId = new Map<number, RegisteredModel>();
  readonly #byName = new Map<string, RegisteredModel>();

  constructor(engine: Engine, ofNewSpaces: RegisteredModel) {
    this.#engine = engine;
    this.ofNewSpaces = ofNewSpaces;
    this.#remember(ofNewSpaces);
  }

  /** The model of a space that was opened here. */
  of(model: EmbeddingModel): RegisteredModel {
    const known = this.#byName.get(nameOf(model));
    if (!known) throw new Error(`${model.provider}/${model.name} is the model of no space that was opened`);
    return known;
  }

  async byId(modelId: number): Promise<RegisteredModel> {
    const known = this.#byId.get(modelId);
    if (known) return known;
    const { rows } = await sql<ModelRow>`
      select model_id, provider, name, dimensions from embedding_models where model_id = ${modelId}`.execute(
      this.#engine.db,
    );
    const [row] = rows;
    if (!row) throw new Error(`the database has no model ${modelId}`);
    return this.#remember(registeredModel(modelId, row));
  }

  /** Makes a model known, with a table for its vectors. */
  async register(model: EmbeddingModel): Promise<RegisteredModel> {
    return this.#remember(await registerModel(this.#engine, model));
  }

  /** The models of spaces, of one shard or of all. */
  async inUse(shard?: number): Promise<readonly RegisteredModel[]> {
    const ids = shard === undefined ? await idsInUse(this.#engine.db) : await idsOnShard(this.#engine.db, shard);
    return Promise.all(ids.map((id) => this.byId(id)));
  }

  #remember(model: RegisteredModel): RegisteredModel {
    this.#byId.set(model.modelId, model);
    this.#byName.set(nameOf(model), model);
    return model;
  }
}

function nameOf({ provider, name, dimensions }: EmbeddingModel): string {
  return `${provider}\0${name}\0${dimensions}`;
}

async function idsOnShard(db: Database, shard: number): Promise<readonly number[]> {
  const { rows } = await sql<ModelRow>`/* models of shard */
    select m.model_id from embedding_models m
    where exists (select from spaces s where s.shard = ${shard} and s.model_id = m.model_id)
    order by m.model_id`.execute(db);
  return rows.map(({ model_id }) => model_id);
}

async function idsInUse(db: Database): Promise<readonly number[]> {
  const { rows } = await sql<ModelRow>`select distinct model_id from spaces order by model_id`.execute(db);
  return rows.map(({ model_id }) => model_id);
}

/** The models that spaces have or are on their way to, and how many spaces these are. */
export async function countSpaces(db: Database): Promise<readonly ModelInUse[]> {
  const { rows } = await sql<EmbeddingModel & { spaces: number }>`
    select m.provider, m.name, m.dimensions, count(*)::int as spaces
    from (select model_id from spaces union all select model_id from reembeddings) u
    join embedding_models m using (model_id) group by m.model_id order by m.model_id
    /* across shards: the doctor looks at all */`.execute(db);
  return rows.map(({ spaces, provider, name, dimensions }) => ({ model: { provider, name, dimensions }, spaces }));
}
