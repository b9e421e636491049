import { createHash } from 'node:crypto';
import {
  type AddOutcome,
  AnimaError,
  type Memory,
  type NewMemory,
  phiFromThousandths,
  type Recall,
  type RecordedRecall,
  type RequestKey,
  resonance,
  type Space,
  type SpaceSettings,
  type SpaceSettingsChanges,
} from '@anima/core';
import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import { findRecall } from './archive/find-recall.ts';
import { decodeArchived, type LogArchive } from './archive/log-archive.ts';
import { contentHash } from './content-hash.ts';
import type { Database } from './engine/engine.ts';
import type { AddedRow, AppendLog, AppendRow } from './log/append.ts';
import type { ChangeLog } from './log/change.ts';
import { isoTime } from './reads/memories.ts';
import { internConversation, type OpenSpace } from './spaces.ts';

/** Remembers memories as one append: all of them or none. */
export async function appendMemories(
  log: AppendLog,
  space: OpenSpace,
  memories: readonly NewMemory[],
  request: RequestKey | undefined,
): Promise<readonly AddOutcome[]> {
  const hashed = memories.map((memory) => ({
    memory,
    hash: contentHash(memory.content),
  }));
  const rows = hashed.map(
    ({ memory, hash }): AppendRow => ({
      kind: 'add',
      event_id: uuidv7(),
      memory_id: uuidv7(),
      content: memory.content,
      hash,
      category: memory.category,
      tags: memory.tags,
      source: memory.source,
      catalyst: memory.isCatalyst,
      occurred_at: memory.occurredAt,
      expires_at: memory.expiresAt,
      ...conversationColumns(space, memory.conversationId),
    }),
  );
  const added = (await append(log, space, rows, request)) as readonly AddedRow[];
  return hashed.map(({ memory, hash }, index) => addOutcome(memory, hash, added[index]));
}

/** What the append answers is all that it chose: the rest of a new memory is known here. */
function addOutcome(added: NewMemory, contentHash: string, row: AddedRow | undefined): AddOutcome {
  if (!row) throw new Error('an append answered with fewer rows than it was given');
  const { memoryId, version, isNew } = row;
  if (!isNew) return { isNew, memoryId, version };
  const at = isoTime(row.at);
  const { content, category, tags, source, isCatalyst, occurredAt } = added;
  const memory: Memory = {
    ...{ id: memoryId, content, contentHash, version, tier: 'active', category, tags, source, isCatalyst },
    accessCount: 0,
    resonancePhi: phiFromThousandths(isCatalyst ? resonance.catalyst : 0),
    occurredAt: occurredAt === null ? null : isoTime(occurredAt),
    ...{ lastAccessed: at, createdAt: at, updatedAt: at },
  };
  return { isNew, memoryId, version, memory };
}

/** Where a recall stands in the log, and since when; undefined for a retry, which is the first one's. */
type RecallPlace = { readonly position: number; readonly at: string } | undefined;

/** Records a query as the one event that it is. A retried request gets the first one's hits. */
export async function appendRecall(
  log: AppendLog,
  space: OpenSpace,
  recall: Recall,
  request: RequestKey | undefined,
): Promise<{ readonly recorded: RecordedRecall; readonly place: RecallPlace }> {
  const recallId = uuidv7();
  const [outcome] = await append(
    log,
    space,
    [
      {
        kind: 'recall',
        event_id: recallId,
        memory_ids: recall.hits.map(({ memoryId }) => memoryId),
        ...conversationColumns(space, recall.conversationId),
        profile: recall.profile,
        outcome: { recallId, hits: request ? recall.hits : [] },
      },
    ],
    request,
  );
  const { position, at, ...first } = outcome as RecordedRecall & { readonly position: number; readonly at: string };
  const recorded = request ? first : { recallId, hits: recall.hits };
  return { recorded, place: first.recallId === recallId ? { position, at } : undefined };
}

/** Changes settings of a space. */
export function appendConfiguration(
  log: ChangeLog,
  space: OpenSpace,
  changes: SpaceSettingsChanges,
  request: RequestKey | undefined,
): Promise<SpaceSettings> {
  return log.change(space, keyed(request), async ({ trx }) => {
    const { rows } = await sql<{ settings: SpaceSettings }>`
      update spaces set settings = jsonb_strip_nulls(settings || ${JSON.stringify(changes)}::jsonb)
      where space_id = ${space.id} returning settings`.execute(trx);
    const settings = rows[0]?.settings ?? {};
    return { outcome: settings, facts: [{ type: 'space.configured', memoryIds: [], payload: { changes } }] };
  });
}

/**
 * Records which results of a recall were used.
 *
 * @throws AnimaError `NOT_FOUND` for an unknown recall, `VALIDATION_ERROR` for ids it did not return
 */
export async function appendCitation(
  db: Database,
  archive: LogArchive,
  log: AppendLog,
  space: OpenSpace,
  recallId: string,
  memoryIds: readonly string[],
  request: RequestKey | undefined,
): Promise<{ readonly cited: readonly string[] }> {
  const recalled = await sql<{ memory_ids: string[] }>`
    select memory_ids from events
    where shard = ${space.shard} and id = ${recallId} and space_id = ${space.id}
      and type = 'memory.accessed' and payload ->> 'via' = 'query'`.execute(db);
  const returned = recalled.rows[0]?.memory_ids ?? (await archivedResults(db, archive, space, recallId));
  if (!returned) throw new AnimaError('NOT_FOUND', `recallId: there is no recall ${recallId} in space "${space.id}"`);
  const foreign = memoryIds.filter((id) => !returned.includes(id));
  if (foreign.length > 0) {
    throw new AnimaError('VALIDATION_ERROR', 'memoryIds: some were not results of this recall', {
      details: foreign.map((id) => ({ field: 'memoryIds', message: `${id} was not a result of this recall` })),
    });
  }
  const row: AppendRow = { kind: 'cite', event_id: uuidv7(), recall_id: recallId, memory_ids: memoryIds };
  const [outcome] = await append(log, space, [row], request);
  return outcome as { cited: readonly string[] };
}

async function archivedResults(db: Database, archive: LogArchive, space: Space, recallId: string) {
  const archived = await findRecall(db, archive, space, recallId);
  return archived && decodeArchived(archived).memoryIds;
}

function append(log: AppendLog, space: OpenSpace, rows: readonly AppendRow[], request: RequestKey | undefined) {
  return log.append({
    shard: space.shard,
    spaceId: space.id,
    rows,
    request: keyed(request),
  });
}

/** A request's key with what a retry has to repeat. */
export function keyed(request: RequestKey | undefined) {
  return request && { key: request.key, fingerprint: fingerprint(request) };
}

function conversationColumns(space: OpenSpace, name: string | null) {
  return {
    conversation_id: name === null ? null : internConversation(space, name),
    conversation_name: name,
  };
}

/** SHA-256 of what a retry has to repeat: the operation and its body, keys sorted. */
function fingerprint({ operation, body }: RequestKey): string {
  return createHash('sha256').update(operation).update('\0').update(canonicalJson(body)).digest('hex');
}

function canonicalJson(body: unknown): string {
  return JSON.stringify(body, (_key, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
