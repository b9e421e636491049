import { type RawBuilder, sql } from 'kysely';
import type { Database } from '../engine/engine.ts';

/**
 * Runs a hot read whose rows come back as one JSON value: the embedded engine takes longer to hand over
 * hundreds of fields one by one than to find them (an eighth of a search). Times arrive as text.
 *
 * @param name what the statement is prepared as, see `statement-names.ts`; undefined: it is planned each time
 */
export async function readAsJson<Row>(
  db: Database,
  name: string | undefined,
  statement: RawBuilder<Row>,
): Promise<readonly Row[]> {
  const { rows } = await sql<{ rows: readonly Row[] }>`${name === undefined ? sql`` : sql.raw(`/* ${name} */ `)}
    select coalesce(json_agg(r), '[]') as rows from (${statement}) r`.execute(db);
  return rows[0]?.rows ?? [];
}
