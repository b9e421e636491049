import type {
  SpaceFileConversation,
  SpaceFileEvent,
  SpaceFileLine,
  SpaceFileMemory,
  SpaceFileVersion,
} from '@anima/core';
import { sql } from 'kysely';
import { contentHash } from '../content-hash.ts';
import type { Database } from '../engine/engine.ts';
import { lockHeads } from '../log/shard-heads.ts';
import { wordsOf } from '../words.ts';
import type { Import } from './imports.ts';

/** Writes lines of a file that was checked as the rows that they are; its events are one append. */
export async function writeImported(trx: Database, one: Import, lines: readonly SpaceFileLine[]): Promise<void> {
  await writeConversations(trx, one, ofKind(lines, 'conversation'));
  await writeMemories(trx, one, ofKind(lines, 'memory'));
  await writeVersions(trx, one, ofKind(lines, 'version'));
  await writeEvents(trx, one, ofKind(lines, 'event'));
}

function ofKind<Kind extends SpaceFileLine['kind']>(lines: readonly SpaceFileLine[], kind: Kind) {
  return lines.filter((line): line is Extract<SpaceFileLine, { readonly kind: Kind }> => line.kind === kind);
}

async function writeConversations(trx: Database, { shard, spaceName }: Import, rows: readonly SpaceFileConversation[]) {
  if (rows.length === 0) return;
  // A query may have been asked in it while the space was still empty.
  await sql`
    insert into conversations (shard, space_id, conversation_id, name)
    select ${shard}::smallint, ${spaceName}, r.id, r.name
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(id uuid, name text)
    on conflict do nothing`.execute(trx);
}

async function writeMemories(trx: Database, { shard, spaceName }: Import, memories: readonly SpaceFileMemory[]) {
  if (memories.length === 0) return;
  const rows = memories.map((memory) => ({
    ...memory,
    hash: memory.claimsContent ? contentHash(memory.content) : null,
  }));
  await sql`
    insert into memories (shard, space_id, memory_id, version, content, content_hash, category, tags, source,
      conversation_id, occurred_at, expires_at, visibility, merged_into, created_at, updated_at, fts)
    select ${shard}::smallint, ${spaceName}, r.id, r.version, r.content, decode(r.hash, 'hex'), r.category, r.tags, r.source,
      r."conversationId", r."occurredAt", r."expiresAt", r.visibility, r."mergedInto", r."createdAt", r."updatedAt",
      ${wordsOf('r.content', 'r."occurredAt"')}
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(
      id uuid, version int, content text, hash text, category text, tags text[], source text, "conversationId" uuid,
      "occurredAt" timestamptz, "expiresAt" timestamptz, visibility text, "mergedInto" uuid, "createdAt" timestamptz,
      "updatedAt" timestamptz)`.execute(trx);
}

async function writeVersions(trx: Database, { shard, spaceName }: Import, rows: readonly SpaceFileVersion[]) {
  if (rows.length === 0) return;
  await sql`
    insert into memory_versions (shard, space_id, memory_id, version, content, replaced_at)
    select ${shard}::smallint, ${spaceName}, r."memoryId", r.version, r.content, r."replacedAt"
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as r("memoryId" uuid, version int, content text, "replacedAt" timestamptz)`.execute(trx);
}

/**
 * Appends events as they were recorded, with what an append writes beside them: first states, turns, citations. All
 * were recorded before now, so the clock of the head does not run ahead.
 */
async function writeEvents(trx: Database, { shard, spaceName }: Import, events: readonly SpaceFileEvent[]) {
  if (events.length === 0) return;
  await lockHeads(trx, [shard]);
  const rows = events.map((event, index) => ({ ...event, ord: index + 1 }));
  await sql`
    with input as materialized (
      select r.*, h.position + r.ord as position
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(
        ord int, id uuid, type text, "schemaVersion" smallint, "conversationId" uuid, "memoryIds" uuid[], payload jsonb,
        "occurredAt" timestamptz, "recordedAt" timestamptz, turn boolean, reason text)
      join shard_heads h on h.shard = ${shard}),
    log as (
      insert into events (shard, position, space_id, id, type, schema_version, conversation_id, memory_ids, payload, actor,
        occurred_at, recorded_at)
      select ${shard}::smallint, position, ${spaceName}, id, type, "schemaVersion", "conversationId", "memoryIds", payload,
        ${importActor}, "occurredAt", "recordedAt"
      from input),
    states as (
      insert into memory_state (shard, space_id, memory_id, tier, access_count, phi, is_catalyst, last_accessed, conversations)
      select ${shard}::smallint, ${spaceName}, "memoryIds"[1], 0, 0, case when (payload ->> 'catalyst')::boolean then 1000 else 0 end,
        (payload ->> 'catalyst')::boolean, "recordedAt",
        case when "conversationId" is null then '{}' else array["conversationId"] end
      from input where type = 'memory.added'),
    turns as (
      insert into conversation_turns (shard, space_id, conversation_id, ordinal, memory_id)
      select ${shard}::smallint, ${spaceName}, "conversationId", position, "memoryIds"[1] from input where turn),
    cited as (
      insert into citations (shard, space_id, recall_id, memory_id)
      select ${shard}::smallint, ${spaceName}, (payload ->> 'recallId')::uuid, unnest("memoryIds")
      from input where type = 'memory.cited' on conflict do nothing),
    reasons as (
      -- Those of memories that were erased since are gone.
      insert into tier_reasons (shard, space_id, memory_id, position, reason)
      select m.shard, m.space_id, m.memory_id, i.position, i.reason
      from input i cross join lateral unnest(i."memoryIds") as named(id)
      join memories m on m.shard = ${shard} and m.space_id = ${spaceName} and m.memory_id = named.id
      where i.reason is not null and m.visibility <> 'erased')
    update shard_heads set position = position + ${events.length},
      recorded_at = greatest(recorded_at, (select max("recordedAt") from input))
    where shard = ${shard}`.execute(trx);
}

/** Who appended an event that was recorded by another log. */
const importActor = 'import';
