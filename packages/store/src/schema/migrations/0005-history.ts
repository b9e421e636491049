import { type Kysely, sql } from 'kysely';

/** What recalls returned and why; states as they were at places of the log. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const key = 'shard smallint not null, space_id text collate "C" not null';

const statements = [
  // Ids and numbers: what was said is looked up when a receipt is shown.
  `create table receipts (
     ${key},
     recall_id uuid not null,
     position bigint not null,
     state_position bigint not null,
     profile text not null,
     hits jsonb not null,
     created_at timestamptz not null,
     primary key (shard, space_id, recall_id))`,
  'create index receipts_by_age on receipts (shard, space_id, created_at)',

  // Derived from the log: where a shard's states were copied, and those that had changed since the copy before.
  `create table snapshots (
     shard smallint not null,
     position bigint not null,
     rules_version integer not null,
     primary key (shard, position))`,
  `create table state_snapshots (
     ${key},
     memory_id uuid not null,
     position bigint not null,
     last_accessed timestamptz not null,
     merged_at bigint,
     similarity double precision,
     survivor uuid,
     access_count integer not null,
     phi integer not null,
     tier_set_at integer not null,
     tier_set smallint not null,
     visibility smallint not null,
     is_catalyst boolean not null,
     primary key (shard, space_id, memory_id, position))`,
];
