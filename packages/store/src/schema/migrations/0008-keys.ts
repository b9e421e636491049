import { type Kysely, sql } from 'kysely';

/** Keys that open a server: few, of the server and of no space. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(table).execute(db);
}

const table = `
  create table api_keys (
    key_id text collate "C" primary key,
    name text not null,
    hash bytea not null,
    role text not null check (role in ('read', 'write', 'admin')),
    spaces text[],
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz)`;
