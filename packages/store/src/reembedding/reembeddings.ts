import { AnimaError, type EmbeddingModel, type Reembeddings, type Space, type SpaceModel } from '@anima/core';
import { sql } from 'kysely';
import { type Database, inTransaction } from '../engine/engine.ts';
import type { Hints } from '../jobs/hints.ts';
import type { Models } from '../models.ts';
import type { RegisteredModel } from '../schema/register-model.ts';
import type { Spaces } from '../spaces.ts';
import { countMemories } from './missing-vectors.ts';
import { discardVectors } from './switch-model.ts';

interface ModelRow {
  readonly model_id: number;
  readonly failed: number;
  readonly next_id: number | null;
  readonly next_failed: number;
  readonly done: number;
  readonly total: number;
  readonly texts_per_second: number | null;
  readonly problem: string | null;
}

/** Begins reembeddings, gives them up, and tells how far they are. Workers do them. */
export class ReembeddingTable implements Reembeddings {
  readonly #db: Database;
  readonly #models: Models;
  readonly #spaces: Spaces;
  readonly #hints: Hints;

  constructor(db: Database, models: Models, spaces: Spaces, hints: Hints) {
    this.#db = db;
    this.#models = models;
    this.#spaces = spaces;
    this.#hints = hints;
  }

  async read(space: Space): Promise<SpaceModel> {
    const refused = (id: string) => sql`(
      select count(*) from embedding_failures f
      where f.shard = ${space.shard} and f.space_id = ${space.id} and f.model_id = ${sql.ref(id)})::int`;
    const { rows } = await sql<ModelRow>`
      select s.model_id, ${refused('s.model_id')} as failed, r.model_id as next_id, ${refused('r.model_id')} as next_failed,
        r.done, r.total, r.texts_per_second, r.problem
      from spaces s left join reembeddings r on r.shard = ${space.shard} and r.space_id = s.space_id
      where s.shard = ${space.shard} and s.space_id = ${space.id}`.execute(this.#db);
    const [row] = rows;
    if (!row) throw new Error(`space ${space.id} was not found`);
    const model = plain(await this.#models.byId(row.model_id));
    // Another process gave it another model: this one need not wait until it looks by itself.
    if (this.#models.of(space.model).modelId !== row.model_id) this.#spaces.forget(space.id);
    if (row.next_id === null) return { model, failed: row.failed, reembedding: null };
    const { done, total, texts_per_second: textsPerSecond, problem, next_failed: failed } = row;
    const next = plain(await this.#models.byId(row.next_id));
    return { model, failed: row.failed, reembedding: { model: next, done, total, failed, textsPerSecond, problem } };
  }

  async begin(
    space: Space,
    model: EmbeddingModel,
    { textsPerSecond }: { readonly textsPerSecond: number | undefined },
  ): Promise<SpaceModel> {
    const next = await this.#models.register(model);
    const other = await inTransaction(this.#db, async (trx) => {
      const now = await lockModels(trx, space);
      if (now.next === next.modelId) await changePace(trx, space, textsPerSecond);
      else if (now.next === null && now.current !== next.modelId) await insert(trx, space, next, textsPerSecond);
      return now.next === next.modelId ? null : now.next;
    });
    if (other !== null) throw onItsWay(space, await this.#models.byId(other));
    this.#hints.send('reembed', [space.shard]);
    return this.read(space);
  }

  async cancel(space: Space): Promise<EmbeddingModel | undefined> {
    const cancelled = await inTransaction(this.#db, async (trx) => {
      const { next } = await lockModels(trx, space);
      if (next === null) return undefined;
      await sql`delete from reembeddings where shard = ${space.shard} and space_id = ${space.id}`.execute(trx);
      await discardVectors(trx, space, next);
      return next;
    });
    return cancelled === undefined ? undefined : plain(await this.#models.byId(cancelled));
  }
}

function plain({ provider, name, dimensions }: EmbeddingModel): EmbeddingModel {
  return { provider, name, dimensions };
}

/** Locks what a space has and is to get: what is decided about them then holds. */
async function lockModels(
  trx: Database,
  { shard, id }: Space,
): Promise<{ readonly current: number | undefined; readonly next: number | null }> {
  const { rows } = await sql<{ model_id: number }>`
    select model_id from spaces where shard = ${shard} and space_id = ${id} for update`.execute(trx);
  const { rows: underWay } = await sql<{ model_id: number }>`
    select model_id from reembeddings where shard = ${shard} and space_id = ${id} for update`.execute(trx);
  return { current: rows[0]?.model_id, next: underWay[0]?.model_id ?? null };
}

async function changePace(trx: Database, { shard, id }: Space, textsPerSecond: number | undefined): Promise<void> {
  if (textsPerSecond === undefined) return;
  await sql`
    update reembeddings set texts_per_second = ${textsPerSecond}::integer
    where shard = ${shard} and space_id = ${id}`.execute(trx);
}

async function insert(
  trx: Database,
  space: Space,
  { modelId }: RegisteredModel,
  textsPerSecond: number | undefined,
): Promise<void> {
  const { shard, id } = space;
  await sql`
    insert into reembeddings (shard, space_id, model_id, total, texts_per_second, checked)
    -- What is there now is looked at page by page; what the log says from now on, once that is done.
    select shard, ${id}, ${modelId}, ${await countMemories(trx, space)}, ${textsPerSecond ?? null}, position
    from shard_heads where shard = ${shard}`.execute(trx);
  // What an earlier attempt left of this model is of use again.
  await sql`
    delete from discarded_vectors where shard = ${shard} and space_id = ${id} and model_id = ${modelId}`.execute(trx);
}

function onItsWay({ id }: Space, { provider, name, dimensions }: EmbeddingModel): AnimaError {
  return new AnimaError(
    'CONFLICT',
    `space "${id}" is on its way to ${provider}/${name} with ${dimensions} dimensions: let it arrive, or give that up first ("anima reembed --cancel")`,
  );
}
