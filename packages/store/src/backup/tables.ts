import { sql } from 'kysely';
import type { Database } from '../engine/engine.ts';

/** Every table but the migrator's own; what others refer to comes first. The queue's are not of it: jobs are hints. */
export async function backedUpTables(db: Database): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class
    where relkind = 'r' and relnamespace = 'public'::regnamespace and relname not like 'kysely\\_%'
    order by relname <> 'embedding_models', relname collate "C"`.execute(db);
  return rows.map(({ name }) => name);
}

export async function appliedMigrations(db: Database): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  return rows.map(({ name }) => name);
}
