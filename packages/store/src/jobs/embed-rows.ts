import { randomUUID } from 'node:crypto';
import type { MemoryVectors, Space } from '@anima/core';
import { sql } from 'kysely';
import type { WorkerContext } from './worker-context.ts';

/** A version of a memory that has no vector. */
export interface PendingText {
  readonly memory_id: string;
  readonly version: number;
  readonly content: string;
}

type EmbedContext = Pick<WorkerContext, 'engine' | 'models' | 'embedder' | 'log'> & {
  readonly vectors: Pick<WorkerContext['vectors'], 'save'>;
};

/**
 * Embeds texts of a space by its model. One that the model refuses, though it answers otherwise, is recorded.
 *
 * @throws AnimaError `UNAVAILABLE` while the model does not answer
 */
export async function embedTexts(context: EmbedContext, space: Space, texts: readonly PendingText[]): Promise<void> {
  if (texts.length === 0) return;
  const { embedder, vectors } = context;
  try {
    const embedded = await embedder.embedContents(
      space,
      texts.map(({ content }) => content),
    );
    await vectors.save(
      space,
      texts.flatMap((text, index) => memoryVectors(text, embedded[index])),
    );
  } catch (error) {
    // The model is down, or one of these texts is more than it can take. A text it never saw tells which.
    await embedder.embedQuery(space, `probe ${randomUUID()}`);
    const [only] = texts;
    if (texts.length === 1 && only) return recordFailure(context, space, only, error);
    for (const text of texts) await embedTexts(context, space, [text]);
  }
}

function memoryVectors(text: PendingText, chunks: readonly Float32Array[] | undefined): MemoryVectors[] {
  return chunks ? [{ memoryId: text.memory_id, version: text.version, chunks }] : [];
}

/** Tried again after one minute, two, four, … up to a day; until then its words find it. */
async function recordFailure(
  { engine: { db }, models, log }: EmbedContext,
  space: Space,
  { memory_id, version }: PendingText,
  error: unknown,
): Promise<void> {
  log.error({ err: error, space: space.id, memoryId: memory_id }, 'the model does not embed this memory');
  const { modelId } = models.of(space.model);
  await sql`
    insert into embedding_failures (shard, space_id, memory_id, version, model_id, attempts, next_attempt_at)
    select ${space.shard}::smallint, ${space.id}::text, ${memory_id}::uuid, ${version}::integer, ${modelId}::integer,
      known.attempts + 1, now() + least(interval '1 day', interval '1 minute' * 2 ^ least(known.attempts, 11))
    from (
      select coalesce(max(f.attempts), 0) as attempts from embedding_failures f
      where f.shard = ${space.shard} and f.space_id = ${space.id} and f.memory_id = ${memory_id}
        and f.version = ${version} and f.model_id = ${modelId}) known
    on conflict (shard, space_id, memory_id, version, model_id)
      do update set attempts = excluded.attempts, next_attempt_at = excluded.next_attempt_at`.execute(db);
}
