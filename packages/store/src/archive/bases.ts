import { type Projection, rulesVersion } from '@anima/core';
import { sql } from 'kysely';
import type { Database } from '../engine/engine.ts';
import { type ProjectionRules, tableIn } from '../projections/projection.ts';
import type { LogArchive } from './log-archive.ts';
import { type Packed, unpackLines } from './packed-lines.ts';

/** What a shard's log up to a position is folded into, in a file: a line is the name of a table, a tab and a row's JSON. */
export interface Base {
  readonly shard: number;
  readonly projection: Projection;
  readonly position: number;
  readonly rulesVersion: number;
  readonly file: string;
  readonly rows: number;
  readonly sha256: string;
}

/** Rows that are read from a cursor at once. */
const rowsAtOnce = 1_000;

export async function findBase(db: Database, shard: number, projection: Projection): Promise<Base | undefined> {
  const { rows } = await sql<Base>`
    select shard, projection, position, rules_version as "rulesVersion", file, rows, encode(sha256, 'hex') as sha256
    from log_bases where shard = ${shard} and projection = ${projection}`.execute(db);
  return rows[0];
}

/** The lines of a base: all rows that the shadow has of a shard. */
export async function* shadowLines(
  trx: Database,
  shadow: string,
  { tables }: ProjectionRules,
  shard: number,
): AsyncGenerator<string> {
  for (const table of tables) {
    await sql`
      declare base no scroll cursor for
      select row_to_json(t)::text as line from ${tableIn(shadow, table)} t where t.shard = ${sql.lit(shard)}`.execute(
      trx,
    );
    for (;;) {
      const { rows } = await sql<{ line: string }>`fetch ${sql.lit(rowsAtOnce)} from base`.execute(trx);
      if (rows.length === 0) break;
      for (const { line } of rows) yield `${table.name}\t${line}`;
    }
    await sql`close base`.execute(trx);
  }
}

/** Fills the shadow's empty tables with a base. */
export async function loadBase(db: Database, archive: LogArchive, base: Base, shadow: string): Promise<void> {
  for await (const lines of unpackLines(
    await archive.get(base.file),
    { lines: base.rows, sha256: base.sha256 },
    base.file,
  )) {
    for (const [table, ofTable] of Map.groupBy(lines, (line) => line.slice(0, line.indexOf('\t')))) {
      const target = sql.table(`${shadow}.${table}`);
      const rows = ofTable.map((line) => line.slice(table.length + 1));
      // A column that came later has its default.
      const columns = sql.join(Object.keys(JSON.parse(rows[0] ?? '{}')).map((column) => sql.ref(column)));
      await sql`
        insert into ${target} (${columns})
        select ${columns} from json_populate_recordset(null::${target}, ${`[${rows.join(',')}]`}::json)`.execute(db);
    }
  }
}

/** Makes it the one that a replay begins with. The file of the one before is removed later: somebody may be reading it. */
export async function recordBase(
  db: Database,
  { shard, projection, position, file }: Pick<Base, 'shard' | 'projection' | 'position' | 'file'>,
  { lines, bytes, sha256 }: Packed,
): Promise<void> {
  await sql`
    insert into log_bases as known (shard, projection, position, rules_version, file, rows, bytes, sha256)
    values (${shard}, ${projection}, ${position}, ${rulesVersion}, ${file}, ${lines}, ${bytes}, decode(${sha256}, 'hex'))
    on conflict (shard, projection) do update set position = excluded.position, rules_version = excluded.rules_version,
      file = excluded.file, rows = excluded.rows, bytes = excluded.bytes, sha256 = excluded.sha256,
      written_at = excluded.written_at, replaced = nullif(known.file, excluded.file)`.execute(db);
}
