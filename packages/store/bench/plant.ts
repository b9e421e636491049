import { type EmbeddingModel, type Space, shardOf } from '@anima/core';
import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { Database, Engine } from '../src/engine/engine.ts';
import type { RegisteredModel } from '../src/schema/register-model.ts';
import { vectorIndexes } from '../src/schema/vector-indexes.ts';
import { vectorLiteral } from '../src/vectors.ts';
import type { Corpus, Text } from './corpus.ts';

/** Memories in one insert. */
const batchSize = 500;

interface PlantedMemory extends Text {
  readonly memoryId: string;
}

export interface Planted {
  readonly space: Space;
  readonly memories: readonly PlantedMemory[];
}

/** Drops the graphs of a model's vectors, for the time of planting: built at its end, by migrating, they take a tenth. */
export async function dropVectorIndexes(engine: Engine, model: RegisteredModel): Promise<void> {
  const names = vectorIndexes(engine, model).map(({ name }) => name);
  await sql.raw(`drop index ${names.join(', ')}`).execute(engine.db);
}

/**
 * Fills a space by SQL, past the log. Category, tag, tier and time each pick out 1 %, 10 % or 50 % of the
 * memories; a few have a high φ and most a low one, as after long use.
 */
export async function plant(
  db: Database,
  model: EmbeddingModel & { readonly vectorsTable: string; readonly modelId: number },
  corpus: Corpus,
  { id, count }: { readonly id: string; readonly count: number },
  onProgress: (planted: number) => void,
): Promise<Planted> {
  const space = { id, shard: shardOf(id), settings: {}, model };
  await sql`insert into spaces (space_id, shard, model_id, conversation_salt)
    values (${space.id}, ${space.shard}, ${model.modelId}, '\\x00')`.execute(db);
  const memories: PlantedMemory[] = [];
  while (memories.length < count) {
    const size = Math.min(batchSize, count - memories.length);
    const batch = Array.from({ length: size }, () => ({ ...corpus.memory(), memoryId: uuidv7() }));
    await insert(db, space, model.vectorsTable, corpus, batch, memories.length);
    memories.push(...batch);
    onProgress(memories.length);
  }
  await sql`insert into lexemes (shard, space_id, lexeme, memories)
    select ${space.shard}::smallint, ${space.id}::text, w.lexeme, count(*)
    from memories m cross join lateral unnest(tsvector_to_array(m.fts)) as w(lexeme)
    where m.shard = ${space.shard} and m.space_id = ${space.id} group by w.lexeme`.execute(db);
  return { space, memories };
}

async function insert(
  db: Database,
  space: Space,
  vectorsTable: string,
  corpus: Corpus,
  batch: readonly PlantedMemory[],
  from: number,
): Promise<void> {
  const rows = batch.map((memory, index) => ({
    n: from + index,
    memory_id: memory.memoryId,
    content: memory.content,
    embedding: vectorLiteral(corpus.vectorOf(memory)),
  }));
  // Multiplied by a prime, so that no filter goes with the order in which memories came.
  await sql`
    with r as materialized (
      select *, (n::bigint * 7919) % 1000 as c, (n::bigint * 6271) % 1000 as g, (n::bigint * 5381) % 1000 as t,
        (n::bigint * 4337) % 1000 as d
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(n int, memory_id uuid, content text, embedding text)),
    contents as (
      insert into memories (shard, space_id, memory_id, content, content_hash, category, tags, occurred_at, created_at, updated_at, fts)
      select ${space.shard}::smallint, ${space.id}::text, memory_id, content, sha256(convert_to(content || n, 'UTF8')),
        case when c < 10 then 'one' when c < 110 then 'ten' when c < 610 then 'fifty' else 'rest' end,
        array[case when g < 10 then 'one' when g < 110 then 'ten' when g < 610 then 'fifty' else 'rest' end],
        timestamptz '2020-01-01' + d * interval '1 day', now(), now(), to_tsvector('english', content)
      from r),
    states as (
      insert into memory_state (shard, space_id, memory_id, tier, access_count, phi, is_catalyst, last_accessed, conversations)
      select ${space.shard}::smallint, ${space.id}::text, memory_id,
        case when t < 10 then 2 when t < 110 then 1 when t < 610 then 0 else 3 end, 0, floor(5000 * power(random(), 6)), false, now(), '{}'
      from r)
    insert into ${sql.table(vectorsTable)} (shard, space_id, memory_id, version, chunk, embedding)
    select ${space.shard}::smallint, ${space.id}::text, memory_id, 1, 0, embedding::${sql.raw('vector')} from r`.execute(
    db,
  );
}
