import type { Log, QueryVectors, Space } from '@anima/core';
import { sql } from 'kysely';
import type { Database, Engine } from './engine/engine.ts';
import { type Entry, GroupCommit, KeyedGroups } from './log/group-commit.ts';
import type { Models } from './models.ts';
import { nameShards } from './shards.ts';

/** Vectors that outlive a restart, in the whole database: as many as a process keeps in memory by default. */
export const maxQueryVectors = 10_000;

/** Vectors that are forgotten by one statement. */
const forgetBatch = 500;

/** Texts that are looked up by one statement: a server that starts under load is asked for many at once. */
const readBatch = 32;

/** How long a vector waits for others, and lets the request that it came with go first, ms. */
const lingerMs = 250;

/** Entries that may wait; what comes on top of them is not kept. */
const maxWaiting = 1_000;

interface Text {
  readonly space: Pick<Space, 'id' | 'shard'>;
  readonly modelId: number;
  /** SHA-256 in hexadecimal. */
  readonly textHash: string;
}

/** A text that was asked for: with its vector, or when the table had that, as a mere note of the use. */
interface Use extends Text {
  readonly vector: Float32Array | undefined;
}

/**
 * The vectors of queries in a table, each of the model that its space has. What is kept is written behind the
 * requests, several in one statement; as it is a cache, what cannot be written is dropped.
 */
export class QueryVectorTable implements QueryVectors {
  readonly #engine: Engine;
  readonly #models: Pick<Models, 'of'>;
  readonly #log: Log;
  /** All reads share a batch, or on many nodes those of one shard. */
  readonly #reads: KeyedGroups<number | undefined, Entry & Text, Float32Array | undefined>;
  readonly #waiting = new Map<string, Use>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(engine: Engine, models: Pick<Models, 'of'>, log: Log) {
    this.#engine = engine;
    this.#models = models;
    this.#log = log;
    this.#reads = new KeyedGroups(
      () =>
        new GroupCommit({
          commit: (texts) => read(engine.db, texts),
          // Nobody waits long enough for a second attempt.
          isSafeToRetry: () => false,
          maxEntries: readBatch,
          maxWeight: readBatch,
        }),
    );
  }

  /** Looks for nothing: the first look-up of a process takes many times as long as those that follow. */
  async prepare(): Promise<void> {
    await read(this.#engine.db, [{ space: { id: '', shard: 0 }, modelId: 0, textHash: '' }]);
  }

  async read(space: Space, textHash: string): Promise<Float32Array | undefined> {
    const { modelId } = this.#models.of(space.model);
    const vector = await this.#reads
      .of(this.#engine.isDistributed ? space.shard : undefined)
      .submit({ space, modelId, textHash, weight: 1, exclusive: [] });
    if (vector) this.#enqueue({ space, modelId, textHash, vector: undefined });
    return vector;
  }

  keep(space: Space, textHash: string, vector: Float32Array): void {
    this.#enqueue({ space, modelId: this.#models.of(space.model).modelId, textHash, vector });
  }

  /** Takes no more, and resolves once nothing waits. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#flush();
    await this.#writing;
  }

  #enqueue(use: Use): void {
    if (this.#isClosed || this.#waiting.size >= maxWaiting) return;
    const key = `${use.modelId} ${use.textHash} ${use.space.id}`;
    // A note must not take the place of a vector that waits.
    if (use.vector || !this.#waiting.has(key)) this.#waiting.set(key, use);
    this.#timer ??= setTimeout(() => this.#flush(), lingerMs);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#writeWaiting());
  }

  async #writeWaiting(): Promise<void> {
    try {
      while (this.#waiting.size > 0) await write(this.#engine.db, this.#takeBatch());
    } catch (error) {
      this.#log.warn({ err: error }, 'vectors of queries could not be kept');
      this.#waiting.clear();
    }
  }

  #takeBatch(): readonly Use[] {
    const batch = [...this.#waiting].slice(0, this.#engine.batch.vectors);
    for (const [key] of batch) this.#waiting.delete(key);
    return batch.map(([, use]) => use);
  }
}

async function read(db: Database, texts: readonly Text[]): Promise<readonly (Float32Array | undefined)[]> {
  const wanted = texts.map((text, index) => ({ index, ...keyOf(text) }));
  // The limit keeps it to one look into the primary key for each.
  const { note, inShard } = nameShards(texts.map(({ space }) => space.shard));
  const { rows } = await sql<{ index: number; embedding: string }>`/* read query vectors */${note}
    select w.index, encode(q.embedding, 'base64') as embedding
    from jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb) as w(index int, shard smallint, space_id text, model_id int, text_hash text)
    cross join lateral (
      select embedding from query_vectors
      where ${inShard('query_vectors')}shard = w.shard and space_id = w.space_id and model_id = w.model_id
        and text_hash = decode(w.text_hash, 'hex')
      limit 1) q`.execute(db);
  const vectors = new Map(rows.map(({ index, embedding }) => [index, decode(embedding)]));
  return texts.map((_, index) => vectors.get(index));
}

/** Those that the table had are noted, the others kept; as it is a cache, the two need not go together. */
async function write(db: Database, uses: readonly Use[]): Promise<void> {
  const notes = uses.filter(({ vector }) => !vector);
  for (const [shard, ofShard] of Map.groupBy(notes, ({ space }) => space.shard)) await note(db, shard, ofShard);
  await keep(
    db,
    uses.filter(({ vector }) => vector),
  );
}

async function note(db: Database, shard: number, uses: readonly Use[]): Promise<void> {
  await sql`/* note query vectors */
    update query_vectors q set used_at = now()
    from jsonb_to_recordset(${JSON.stringify(uses.map(keyOf))}::jsonb) as u(space_id text, model_id int, text_hash text)
    where q.shard = ${shard} and q.space_id = u.space_id and q.model_id = u.model_id
      and q.text_hash = decode(u.text_hash, 'hex')`.execute(db);
}

async function keep(db: Database, uses: readonly Use[]): Promise<void> {
  if (uses.length === 0) return;
  const rows = uses.map((use) => ({ ...keyOf(use), embedding: use.vector && encode(use.vector) }));
  await sql`/* keep query vectors */
    insert into query_vectors (shard, space_id, model_id, text_hash, embedding, used_at)
    select shard, space_id, model_id, decode(text_hash, 'hex'), decode(embedding, 'base64'), now()
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as r(shard smallint, space_id text, model_id int, text_hash text, embedding text)
    order by shard, space_id, model_id, text_hash
    on conflict (shard, space_id, model_id, text_hash)
      do update set embedding = excluded.embedding, used_at = excluded.used_at`.execute(db);
}

function keyOf({ space, modelId, textHash }: Text) {
  return { shard: space.shard, space_id: space.id, model_id: modelId, text_hash: textHash };
}

/**
 * Forgets vectors beyond the `max` that were used last, those of all models together, up to the size of
 * a batch of each shard. A row that is being used is left for the next time.
 *
 * @returns whether more may be left
 */
export async function forgetQueryVectors(db: Database, max = maxQueryVectors): Promise<boolean> {
  const { rows } = await sql<{ shard: number; until: string }>`
    select distinct shard, (last.used_at)::text as until from query_vectors join (
      select used_at from query_vectors order by used_at desc offset ${max} limit 1) last
      on query_vectors.used_at <= last.used_at /* across shards: a worker looks now and then */`.execute(db);
  let isMore = false;
  for (const { shard, until } of rows) {
    const { numAffectedRows } = await sql`
      with old as materialized (
        select space_id, model_id, text_hash from query_vectors
        where shard = ${shard} and used_at <= ${until}::timestamptz
        order by used_at limit ${forgetBatch} for update skip locked)
      delete from query_vectors q using old o
      where q.shard = ${shard} and q.space_id = o.space_id and q.model_id = o.model_id
        and q.text_hash = o.text_hash`.execute(db);
    isMore ||= Number(numAffectedRows) === forgetBatch;
  }
  return isMore;
}

/** A vector's floats, each little-endian, in Base64. */
function encode(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.byteLength);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * Float32Array.BYTES_PER_ELEMENT);
  return bytes.toString('base64');
}

function decode(base64: string): Float32Array {
  const bytes = Buffer.from(base64, 'base64');
  const vector = new Float32Array(Math.floor(bytes.length / Float32Array.BYTES_PER_ELEMENT));
  return vector.map((_, index) => bytes.readFloatLE(index * Float32Array.BYTES_PER_ELEMENT));
}
