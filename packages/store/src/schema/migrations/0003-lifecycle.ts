import { type Kysely, sql } from 'kysely';

/** What happens to a memory after it was added: versions, visibility, merging, tiers set by hand, expiry. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const key = 'shard smallint not null, space_id text collate "C" not null, memory_id uuid not null';

const statements = [
  'alter table memories add column expires_at timestamptz',
  // When φ of what is not accessed any more last faded.
  'alter table spaces add column decayed_at timestamptz',
  `create index memories_expires_at on memories (expires_at) where expires_at is not null and visibility = 'live'`,
  // Of those that are merged into a memory.
  'create index memories_merged_into on memories (shard, space_id, merged_into) where merged_into is not null',

  // Versions that others have replaced; the current one stands in `memories`.
  `create table memory_versions (
     ${key},
     version integer not null,
     content text not null,
     replaced_at timestamptz not null,
     primary key (shard, space_id, memory_id, version))`,

  // Why somebody set a tier: words, which the log does not hold.
  `create table tier_reasons (
     ${key},
     position bigint not null,
     reason text not null,
     primary key (shard, space_id, memory_id, position))`,

  `alter table memory_state
     add column tier_set smallint not null default 0,
     add column tier_set_at integer not null default 0,
     add column visibility smallint not null default 0`,

  // Memories that are merged with others: what their own events say, apart from what they count together.
  `create table merge_groups (
     ${key},
     survivor uuid,
     similarity double precision,
     merged_at bigint,
     access_count integer not null,
     phi integer not null,
     is_catalyst boolean not null,
     last_accessed timestamptz not null,
     conversations uuid[] not null,
     primary key (shard, space_id, memory_id))`,
  'create index merge_groups_survivor on merge_groups (shard, space_id, survivor) where survivor is not null',

  // The one of `search-indexes.ts` that takes its place knows every tier.
  'drop index memory_state_by_recency',

  // The rules before these knew fewer events, and made the same of those.
  `update fold_checkpoints set rules_version = 2 where rules_version = 1`,
];
