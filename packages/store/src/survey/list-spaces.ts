import type { SpaceSettings, SpaceSummary, SpacesPage } from '@anima/core';
import { sql } from 'kysely';
import type { Database } from '../engine/engine.ts';

interface SpaceRow {
  readonly space: string;
  readonly provider: string;
  readonly name: string;
  readonly dimensions: number;
  readonly settings: SpaceSettings;
  readonly created_at: Date;
}

/** Spaces by name, one more than a page holds. */
export async function listSpaces(
  db: Database,
  { search, after, among, limit }: SpacesPage,
): Promise<readonly SpaceSummary[]> {
  const contains = search === undefined ? sql`true` : sql`strpos(lower(s.space_id), lower(${search})) > 0`;
  const isBehind = after === undefined ? sql`true` : sql`s.space_id > ${after}`;
  const isAmong = among === undefined ? sql`true` : sql`s.space_id = any(${among}::text[])`;
  const { rows } = await sql<SpaceRow>`
    select s.space_id as space, s.settings, s.created_at, m.provider, m.name, m.dimensions
    from spaces s join embedding_models m using (model_id)
    where ${contains} and ${isBehind} and ${isAmong} order by s.space_id limit ${sql.lit(limit + 1)}`.execute(db);
  return rows.map(({ space, settings, created_at, ...model }) => ({
    ...{ space, settings, model, createdAt: created_at.toISOString() },
  }));
}
