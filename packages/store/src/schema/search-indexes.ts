import { setTimeout as sleep } from 'node:timers/promises';
import { AnimaError, type LogEvent } from '@anima/core';
import { sql } from 'kysely';
import type { Database, Engine } from '../engine/engine.ts';
import { tellingProgress } from './index-builds.ts';

export interface SearchIndex {
  readonly name: string;
  /** What follows `create index NAME on`. */
  readonly definition: string;
  /** Names of those that did this before: dropped when all are there. */
  readonly replaces?: readonly string[];
}

/** When a memory happened, as far as is known. */
export const happenedAt = '(coalesce(occurred_at, created_at))';

/** Types of events after which a memory is found, or no longer, or fades. */
export const turningTypes: readonly LogEvent['type'][] = [
  ...(['memory.forgotten', 'memory.restored', 'memory.expired', 'memory.erased'] as const),
  ...(['memory.merged', 'memory.unmerged', 'space.decayed'] as const),
];

/** Those events, and accesses that brought a memory back: few of all, so that an index of them is small. */
export const turningEvents = `(type in (${turningTypes.map((type) => `'${type}'`).join(', ')}) or payload @> '{"revived": true}')`;

/** Indexes that may take long to build on a table in use. */
const searchIndexes: readonly SearchIndex[] = [
  { name: 'memories_fts', definition: 'memories using gin (shard, space_id, fts) with (fastupdate = off)' },
  { name: 'events_memory_ids', definition: 'events using gin (memory_ids)' },
  { name: 'events_turning', definition: `events (shard, space_id, position) where ${turningEvents}` },
  {
    name: 'events_merging',
    definition: `events using gin (memory_ids) with (fastupdate = off) where type = 'memory.merged'`,
  },
  { name: 'conversation_turns_by_memory', definition: 'conversation_turns (shard, space_id, memory_id)' },
  {
    name: 'memory_state_by_resonance',
    definition: 'memory_state (shard, space_id, tier, phi desc, memory_id)',
  },
  {
    name: 'memory_state_by_access',
    definition: 'memory_state (shard, space_id, tier, last_accessed desc, memory_id)',
  },
  { name: 'memories_by_creation', definition: 'memories (shard, space_id, visibility, created_at, memory_id)' },
  { name: 'memories_by_source', definition: 'memories (shard, space_id, source) where source is not null' },
  { name: 'memories_by_category', definition: 'memories (shard, space_id, category) where category is not null' },
  { name: 'memories_by_time', definition: `memories (shard, space_id, ${happenedAt})` },
  // Few memories are not live: what became of one, and who were merged into another, is asked of next to nothing.
  {
    name: 'memories_not_live',
    definition: "memories (shard, space_id, memory_id) include (merged_into) where visibility <> 'live'",
  },
  {
    name: 'memory_state_catalysts',
    definition: 'memory_state (shard, space_id, phi desc, memory_id) where is_catalyst',
  },
  // Tiers change rarely: what did last, of a whole space.
  { name: 'tier_changes_by_position', definition: 'tier_changes (shard, space_id, position)' },
  {
    name: 'memories_by_tag',
    definition: 'memories using gin (shard, space_id, tags) with (fastupdate = off)',
  },
];

/** Held while indexes are built; polled, because a session that waits for a lock would block a concurrent build. */
const buildLock = 7_100_001;

/**
 * Builds the search indexes that are missing, outside any transaction and, on a server, without
 * stopping writes. What an interrupted build left behind (an INVALID index) is dropped and built anew; what they
 * replace serves until they are there, and is dropped.
 */
export async function ensureSearchIndexes(engine: Engine, more: readonly SearchIndex[]): Promise<void> {
  const isReady = (await missingSearchIndexes(engine.direct, more)).length === 0;
  if (isReady && (await replacedIndexes(engine.direct, more)).length === 0) return;
  if (engine.kind === 'pglite') return buildIndexes(engine.direct, more, '');
  await engine.direct.connection().execute(async (session) => {
    await acquireBuildLock(session);
    try {
      await sql`set statement_timeout = 0`.execute(session);
      await tellingProgress(engine.db, engine.log, () => buildIndexes(session, more, 'concurrently'));
    } finally {
      await sql`reset statement_timeout`.execute(session);
      await sql`select pg_advisory_unlock(${buildLock})`.execute(session);
    }
  });
}

async function buildIndexes(db: Database, more: readonly SearchIndex[], mode: string): Promise<void> {
  const drop = (name: string) => sql.raw(`drop index ${mode} if exists ${name}`).execute(db);
  for (const index of await missingSearchIndexes(db, more)) {
    await drop(index.name);
    await createIndex(db, index, mode);
  }
  for (const name of await replacedIndexes(db, more)) await drop(name);
}

export async function createIndex(db: Database, { name, definition }: SearchIndex, mode = ''): Promise<void> {
  await sql.raw(`create index ${mode} ${name} on ${definition}`).execute(db);
}

/** Those of before that are still there. */
async function replacedIndexes(db: Database, indexes: readonly SearchIndex[]): Promise<readonly string[]> {
  const replaced = [...new Set(indexes.flatMap(({ replaces = [] }) => replaces))];
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class
    where relkind = 'i' and relname = any(${replaced}::text[]) and relnamespace = 'public'::regnamespace`.execute(db);
  return rows.map(({ name }) => name);
}

/** Search indexes that are not there, or not usable. */
export async function missingSearchIndexes(
  db: Database,
  more: readonly SearchIndex[],
): Promise<readonly SearchIndex[]> {
  const { rows } = await sql<{ name: string }>`
    select c.relname as name from pg_index i join pg_class c on c.oid = i.indexrelid
    where i.indisvalid and c.relnamespace = 'public'::regnamespace`.execute(db);
  const valid = new Set(rows.map(({ name }) => name));
  return [...searchIndexes, ...more].filter(({ name }) => !valid.has(name));
}

async function acquireBuildLock(session: Database): Promise<void> {
  for (let attempt = 0; attempt < 7_200; attempt += 1) {
    const { rows } = await sql<{ acquired: boolean }>`select pg_try_advisory_lock(${buildLock}) as acquired`.execute(
      session,
    );
    if (rows[0]?.acquired) return;
    await sleep(500);
  }
  throw new AnimaError('UNAVAILABLE', 'another process has been building indexes for an hour: see pg_stat_activity');
}
