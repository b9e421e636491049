import { type Kysely, sql } from 'kysely';

/** Spaces that come from a file: their lines, until they are the space, and who must not be written to meanwhile. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const key = 'shard smallint not null, space_id text collate "C" not null, digest text not null';

const statements = [
  // Under the lock of the head, as what it guards: nobody else appends to a space that is being imported.
  `alter table shard_heads add column importing text[] not null default '{}'`,
  'alter table spaces add column importing_since timestamptz',

  // One row for a file and a space, kept when it is done, so that importing it again does nothing.
  `create table imports (
     ${key},
     stage text not null default 'receiving' check (stage in ('receiving', 'checking', 'applying', 'done')),
     received integer not null default 0,
     applied integer not null default 0,
     touched_at timestamptz not null default now(),
     primary key (shard, space_id, digest))`,

  `create table import_lines (
     ${key},
     line integer not null,
     text text not null,
     event_id uuid,
     content_hash bytea,
     primary key (shard, space_id, digest, line),
     unique (shard, space_id, digest, event_id),
     unique (shard, space_id, digest, content_hash))`,
];
