import { AnimaError, type MemoryChanges, type Space } from '@anima/core';
import { sql } from 'kysely';
import { contentHash } from '../content-hash.ts';
import type { Database } from '../engine/engine.ts';
import { adjustLexemes, countAllLexemes } from '../jobs/count-lexemes.ts';
import type { ChangeScope, Fact } from '../log/change.ts';
import { wordsOf } from '../words.ts';
import { lockLive, type MemoryRow } from './memory-rows.ts';

/**
 * Replaces what is named of a live memory. Other content is a new version; what stands beside the content
 * (category, tags, source, times) has no versions.
 *
 * @param vectorsTables of every model: vectors of a version that nobody searches any more go with it
 */
export async function update(
  scope: ChangeScope,
  space: Space,
  memoryId: string,
  changes: MemoryChanges,
  vectorsTables: readonly string[],
) {
  const { trx } = scope;
  const before = await lockLive(trx, space, memoryId);
  const { content = before.content } = changes;
  const isNewVersion = content !== before.content;
  const version = isNewVersion ? before.version + 1 : before.version;
  if (isNewVersion) {
    await refuseDuplicate(scope, space, content);
    await retire(scope, space, before, vectorsTables);
  }
  await write(scope, space, memoryId, { ...changes, content }, version);
  if (isNewVersion || changes.occurredAt !== undefined) await rewriteWords(trx, space, memoryId);
  const facts: Fact[] = [{ type: 'memory.updated', memoryIds: [memoryId], payload: { version } }];
  // Named, so that an erasure finds the requests that said what is gone.
  return { outcome: { memoryId, version, isNewVersion }, facts };
}

async function refuseDuplicate({ trx }: ChangeScope, { shard, id }: Space, content: string): Promise<void> {
  const { rows } = await sql<{ memory_id: string }>`
    select memory_id from memories where shard = ${shard} and space_id = ${id}
      and content_hash = decode(${contentHash(content)}, 'hex')`.execute(trx);
  const [other] = rows;
  if (other) {
    throw new AnimaError('CONFLICT', `content: memory ${other.memory_id} says this already`, {
      details: [{ field: 'content', message: `memory ${other.memory_id} says this already` }],
    });
  }
}

/** Keeps what a version said, and drops its vectors. */
async function retire(
  { trx, now }: ChangeScope,
  { shard, id }: Space,
  { memory_id, version, content }: MemoryRow,
  vectorsTables: readonly string[],
): Promise<void> {
  await sql`
    insert into memory_versions (shard, space_id, memory_id, version, content, replaced_at)
    values (${shard}, ${id}, ${memory_id}, ${version}, ${content}, ${now}::timestamptz)`.execute(trx);
  for (const table of vectorsTables) {
    await sql`delete from ${sql.table(table)} where shard = ${shard} and space_id = ${id} and memory_id = ${memory_id}`.execute(
      trx,
    );
  }
}

async function write(
  { trx, now }: ChangeScope,
  { shard, id }: Space,
  memoryId: string,
  { content, category, tags, source, occurredAt, expiresAt }: MemoryChanges & { readonly content: string },
  version: number,
): Promise<void> {
  const given = [
    sql`content = ${content}`,
    sql`content_hash = decode(${contentHash(content)}, 'hex')`,
    sql`version = ${version}`,
    sql`updated_at = ${now}::timestamptz`,
    ...(category === undefined ? [] : [sql`category = ${category}`]),
    ...(tags === undefined ? [] : [sql`tags = ${tags}::text[]`]),
    ...(source === undefined ? [] : [sql`source = ${source}`]),
    ...(occurredAt === undefined ? [] : [sql`occurred_at = ${occurredAt}::timestamptz`]),
    ...(expiresAt === undefined ? [] : [sql`expires_at = ${expiresAt}::timestamptz`]),
  ];
  await sql`update memories set ${sql.join(given)}
    where shard = ${shard} and space_id = ${id} and memory_id = ${memoryId}`.execute(trx);
}

/** Makes the words of a memory what its content and date say, and keeps count of them. */
async function rewriteWords(trx: Database, space: Space, memoryId: string): Promise<void> {
  await countAllLexemes(trx, space.shard);
  await adjustLexemes(trx, space, [memoryId], -1);
  const isIt = (alias: string) =>
    sql`${sql.ref(`${alias}.shard`)} = ${space.shard} and ${sql.ref(`${alias}.space_id`)} = ${space.id}
      and ${sql.ref(`${alias}.memory_id`)} = ${memoryId}`;
  await sql`
    update memories m set fts = w.fts
    from (select ${wordsOf('content', 'occurred_at')} as fts from memories o where ${isIt('o')} offset 0) w
    where ${isIt('m')}`.execute(trx);
  await adjustLexemes(trx, space, [memoryId], 1);
}
