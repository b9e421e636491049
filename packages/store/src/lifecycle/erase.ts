import type { LifecycleStore, Log, Space } from '@anima/core';
import { sql } from 'kysely';
import { contentHash } from '../content-hash.ts';
import type { Database } from '../engine/engine.ts';
import { adjustLexemes, countAllLexemes } from '../jobs/count-lexemes.ts';
import type { ChangeScope } from '../log/change.ts';
import { dropFromReceipts } from '../receipts.ts';
import type { ErasureLedger } from './erasure-ledger.ts';
import { decide, factOf, lockMemories, withMerged } from './memory-rows.ts';

/** A fingerprint that no request has: of one whose content must not be guessed from its hash. */
const erasedFingerprint = 'erased';

/**
 * Removes all that was said, in these memories and in those merged into them: content, versions, words, vectors,
 * reasons, what receipts and retries remember of them. Ids and numbers stay, so that the log adds up.
 *
 * @param committing told which ids will be gone, when all else is done
 */
export async function erase(
  scope: ChangeScope,
  space: Space,
  ids: readonly string[],
  vectorsTables: readonly string[],
  committing: (ids: readonly string[]) => Promise<void>,
) {
  const { trx } = scope;
  await lockMemories(trx, space, ids);
  const all = await withMerged(trx, space, ids);
  const rows = await lockMemories(trx, space, all);
  const outcome = decide(all, rows, () => undefined);
  const live = [...rows.values()].filter(({ visibility }) => visibility === 'live');
  await countAllLexemes(trx, space.shard);
  await adjustLexemes(
    trx,
    space,
    live.map(({ memory_id }) => memory_id),
    -1,
  );
  await forgetTexts(trx, space, all);
  for (const table of [
    ...vectorsTables,
    'memory_versions',
    'embedding_failures',
    'tier_reasons',
    'conversation_turns',
  ]) {
    await sql`delete from ${sql.table(table)}
      where shard = ${space.shard} and space_id = ${space.id} and memory_id = any(${all}::uuid[])`.execute(trx);
  }
  await forgetRequests(trx, space, all);
  await dropFromReceipts(trx, space, all);
  await sql`
    update memories set content = '', content_hash = null, category = null, tags = '{}', source = null,
      conversation_id = null, occurred_at = null, expires_at = null, visibility = 'erased', fts = '',
      updated_at = ${scope.now}::timestamptz
    where shard = ${space.shard} and space_id = ${space.id} and memory_id = any(${all}::uuid[])`.execute(trx);
  await committing(all);
  return { outcome, facts: factOf('memory.erased', outcome) };
}

/** Somebody may have asked with the very words: their vector is in the second level of the cache. */
async function forgetTexts(trx: Database, { shard, id }: Space, ids: readonly string[]): Promise<void> {
  const { rows } = await sql<{ content: string }>`
    select content from memories where shard = ${shard} and space_id = ${id} and memory_id = any(${ids}::uuid[])
    union all
    select content from memory_versions where shard = ${shard} and space_id = ${id} and memory_id = any(${ids}::uuid[])`.execute(
    trx,
  );
  const hashes = rows.map(({ content }) => contentHash(content));
  await sql`
    delete from query_vectors where shard = ${shard} and space_id = ${id}
      and encode(text_hash, 'hex') = any(${hashes}::text[])`.execute(trx);
}

/** The key of a request stays taken; what it asked for and was told is gone. */
async function forgetRequests(trx: Database, { shard, id }: Space, ids: readonly string[]): Promise<void> {
  await sql`
    update requests set fingerprint = ${erasedFingerprint}, outcome = '[]'
    where shard = ${shard} and space_id = ${id}
      and exists (select from unnest(${ids}::text[]) as e(id) where strpos(outcome::text, e.id) > 0)`.execute(trx);
}

/** Erases again what an older backup has brought back. */
export async function replayErasures(
  db: Database,
  ledger: ErasureLedger,
  lifecycle: Pick<LifecycleStore, 'erase'>,
  open: (space: { readonly id: string }) => Promise<Space>,
  log: Log,
): Promise<void> {
  const erased = (await ledger.read()).flatMap(({ space, ids }) => ids.map((id) => ({ space, id })));
  if (erased.length === 0) return;
  // One look for all: a ledger grows for years, and most of what it names stayed away.
  const { rows } = await sql<{ space_id: string; memory_id: string }>`
    select distinct m.space_id, m.memory_id
    from unnest(${erased.map(({ space }) => space)}::text[], ${erased.map(({ id }) => id)}::uuid[]) as e(space_id, memory_id)
    join spaces s on s.space_id = e.space_id
    join memories m on m.shard = s.shard and m.space_id = s.space_id and m.memory_id = e.memory_id
    where m.visibility <> 'erased' /* across shards: once, when a process starts */`.execute(db);
  for (const [space, ofSpace] of Map.groupBy(rows, ({ space_id }) => space_id)) {
    const returned = ofSpace.map(({ memory_id }) => memory_id);
    log.warn(
      { space, memories: returned.length },
      'erased memories had come back, as from a backup: erasing them again',
    );
    await lifecycle.erase(await open({ id: space }), returned);
  }
}
