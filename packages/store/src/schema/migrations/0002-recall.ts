import { type Kysely, sql } from 'kysely';

/** What a space decides about its recalls, and the vectors of queries that were asked before. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `alter table spaces add column settings jsonb not null default '{}'`,

  // The second level of the embedding cache: a restart does not ask the model again for what it was just asked.
  `create table query_vectors (
     shard smallint not null,
     space_id text collate "C" not null,
     model_id integer not null,
     text_hash bytea not null,
     embedding bytea not null,
     used_at timestamptz not null,
     primary key (shard, space_id, model_id, text_hash))`,
  'create index query_vectors_used_at on query_vectors (used_at)',

  // The one of `search-indexes.ts` that takes its place knows the active tier too.
  'drop index memory_state_by_phi',
];
