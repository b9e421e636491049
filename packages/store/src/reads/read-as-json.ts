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
  const [answer] = await readWithJson<Row>(db, name, statement);
  return answer?.rows ?? [];
}

/** As {@link readAsJson}, in one row with what else is selected. */
export async function readWithJson<Row, More = unknown>(
  db: Database,
  name: string | undefined,
  statement: RawBuilder<Row>,
  more?: RawBuilder<unknown>,
): Promise<readonly ({ readonly rows: readonly Row[] } & More)[]> {
  const { rows } = await sql<
    { readonly rows: readonly Row[] } & More
  >`${name === undefined ? sql`` : sql.raw(`/* ${name} */ `)}
    select coalesce(json_agg(r), '[]') as rows${more ? sql`, ${more}` : sql``} from (${statement}) r`.execute(db);
  return rows;
}
