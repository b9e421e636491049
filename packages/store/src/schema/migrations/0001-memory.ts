import { shardCount } from '@anima/core';
import { type Kysely, sql } from 'kysely';

/** Log, content, projections. Search indexes are built apart (`search-indexes.ts`), where they may take long. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const key = 'shard smallint not null, space_id text collate "C" not null';

const statements = [
  `create table embedding_models (
     model_id integer primary key generated always as identity,
     provider text not null,
     name text not null,
     dimensions integer not null,
     unique (provider, name, dimensions))`,

  `create table spaces (
     space_id text collate "C" primary key,
     shard smallint not null,
     model_id integer not null references embedding_models,
     conversation_salt bytea not null,
     created_at timestamptz not null default now())`,

  // The log. A head's row lock, held to commit, makes position order commit order.
  `create table shard_heads (
     shard smallint primary key,
     position bigint not null default 0,
     recorded_at timestamptz not null default 'epoch')`,
  `insert into shard_heads (shard) select generate_series(0, ${shardCount - 1})`,

  `create table events (
     shard smallint not null,
     position bigint not null,
     space_id text collate "C" not null,
     id uuid not null,
     type text not null,
     schema_version smallint not null,
     request_id text,
     conversation_id uuid,
     memory_ids uuid[] not null,
     payload jsonb not null,
     actor text,
     occurred_at timestamptz,
     recorded_at timestamptz not null,
     primary key (shard, position),
     unique (shard, id))`,
  `create function refuse_change_of_log() returns trigger language plpgsql as $$
   begin raise exception 'the log is append-only'; end $$`,
  `create trigger events_append_only before update or delete on events
     for each row execute function refuse_change_of_log()`,
  `create trigger events_never_truncated before truncate on events
     for each statement execute function refuse_change_of_log()`,

  `create table requests (
     ${key},
     key text not null,
     fingerprint text not null,
     outcome jsonb not null,
     expires_at timestamptz not null,
     primary key (shard, space_id, key))`,
  'create index requests_expires_at on requests (expires_at)',

  // Sources beside the log: what was said, where it was said.
  `create table conversations (
     ${key},
     conversation_id uuid not null,
     name text not null,
     primary key (shard, space_id, conversation_id))`,

  `create table memories (
     ${key},
     memory_id uuid not null,
     version integer not null default 1,
     content text not null,
     content_hash bytea,
     category text,
     tags text[] not null,
     source text,
     conversation_id uuid,
     occurred_at timestamptz,
     visibility text not null default 'live'
       check (visibility in ('live', 'hidden', 'merged', 'erased', 'expired')),
     merged_into uuid,
     created_at timestamptz not null,
     updated_at timestamptz not null,
     fts tsvector not null,
     primary key (shard, space_id, memory_id),
     constraint memories_content_hash unique (shard, space_id, content_hash))`,

  // A space's shard says nothing new about how many rows it has; the planner would take the two for independent.
  'create statistics memories_space (dependencies) on shard, space_id from memories',

  // In how many memories of the space a lexeme stands: rare ones are searched first.
  `create table lexemes (
     ${key},
     lexeme text collate "C" not null,
     memories integer not null,
     primary key (shard, space_id, lexeme)) with (fillfactor = 80)`,

  `create table conversation_turns (
     ${key},
     conversation_id uuid not null,
     ordinal bigint not null,
     memory_id uuid not null,
     primary key (shard, space_id, conversation_id, ordinal))`,

  `create table citations (
     ${key},
     recall_id uuid not null,
     memory_id uuid not null,
     primary key (shard, space_id, recall_id, memory_id))`,

  // Projections: derived from the log alone, so they can be dropped and rebuilt.
  `create table fold_checkpoints (
     shard smallint not null,
     projection text not null,
     position bigint not null default 0,
     rules_version integer not null,
     leased_by text,
     leased_until timestamptz,
     primary key (shard, projection))`,

  `create table memory_state (
     ${key},
     memory_id uuid not null,
     tier smallint not null,
     access_count integer not null,
     phi integer not null,
     is_catalyst boolean not null,
     last_accessed timestamptz not null,
     conversations uuid[] not null,
     primary key (shard, space_id, memory_id)) with (fillfactor = 80)`,
  `create index memory_state_by_phi on memory_state (shard, space_id, tier, phi desc, memory_id) where tier > 0`,
  `create index memory_state_by_recency on memory_state (shard, space_id, last_accessed desc, memory_id) where tier = 0`,

  `create table tier_changes (
     ${key},
     memory_id uuid not null,
     position bigint not null,
     from_tier smallint not null,
     to_tier smallint not null,
     reason text not null,
     primary key (shard, space_id, memory_id, position))`,

  `create table associations (
     ${key},
     a uuid not null,
     b uuid not null,
     count integer not null,
     last_at timestamptz not null,
     primary key (shard, space_id, a, b),
     check (a < b)) with (fillfactor = 80)`,
  'create index associations_from_b on associations (shard, space_id, b, a)',

  // Texts that a model which otherwise answers did not embed; they are tried again later.
  `create table embedding_failures (
     ${key},
     memory_id uuid not null,
     version integer not null,
     model_id integer not null,
     attempts integer not null,
     next_attempt_at timestamptz not null,
     primary key (shard, space_id, memory_id, version, model_id))`,
];
