import { type Kysely, sql } from 'kysely';

/** Spaces on their way to another model, and vectors that nobody asks any more. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  'create index spaces_by_model on spaces (shard, model_id)',

  `create table reembeddings (
     shard smallint not null,
     space_id text collate "C" not null,
     model_id integer not null references embedding_models,
     -- Memories up to this one were looked at.
     after uuid not null default '00000000-0000-0000-0000-000000000000',
     done integer not null default 0,
     total integer not null,
     texts_per_second integer,
     -- What the log names up to here needs no second look.
     checked bigint not null,
     -- How often the switch was tried.
     attempts integer not null default 0,
     problem text,
     leased_by text,
     leased_until timestamptz,
     primary key (shard, space_id))`,

  `create table discarded_vectors (
     shard smallint not null,
     space_id text collate "C" not null,
     model_id integer not null references embedding_models,
     since timestamptz not null,
     primary key (shard, space_id, model_id))`,
];
