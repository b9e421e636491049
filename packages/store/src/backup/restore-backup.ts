import { createHash } from 'node:crypto';
import { AnimaError, type EmbeddingModel, type Restored } from '@anima/core';
import { sql } from 'kysely';
import { type Database, type Engine, inTransaction } from '../engine/engine.ts';
import { oneNodeAfterTheOther } from '../schema/distribute.ts';
import { placeOf } from '../schema/placement.ts';
import { createVectorsTable, registeredModel } from '../schema/register-model.ts';
import { ensureSearchIndexes } from '../schema/search-indexes.ts';
import { vectorIndexes } from '../schema/vector-indexes.ts';
import { appliedMigrations, backedUpTables } from './tables.ts';
import type { BackupHeader, BackupTrailer } from './write-backup.ts';

/** Makes an empty database what a backup says, in one transaction; the indexes of its vectors are built after it. */
export async function restoreBackup(engine: Engine, lines: AsyncIterable<string>): Promise<Restored> {
  const restored = await inTransaction(engine.db, async (trx) => {
    // It waits for whoever sends the lines.
    if (engine.kind === 'postgres') await sql`set local idle_in_transaction_session_timeout = '10min'`.execute(trx);
    if (engine.isDistributed) await oneNodeAfterTheOther(trx);
    await refuseInUse(engine, trx);
    await empty(trx);
    const loaded = await load(engine, trx, lines);
    // It goes on beside the database that it was copied from: each writes its own files, and removes no other's.
    await sql`update log_archive set writer = gen_random_uuid(), leased_by = null, leased_until = null`.execute(trx);
    return loaded;
  });
  const { rows } = await sql<EmbeddingModel & { model_id: number }>`select * from embedding_models`.execute(engine.db);
  await ensureSearchIndexes(
    engine,
    rows.flatMap((row) => vectorIndexes(engine, registeredModel(row.model_id, row))),
  );
  await sql`analyze`.execute(engine.db);
  return restored;
}

async function refuseInUse({ kind }: Engine, trx: Database): Promise<void> {
  const spaces = await sql`select 1 from spaces limit 1`.execute(trx);
  if (spaces.rows.length > 0) throw new AnimaError('CONFLICT', 'this database holds spaces: restore into an empty one');
  if (kind === 'pglite') return;
  const { rows } = await sql`
    select 1 from pg_stat_activity a
    where a.datname = current_database() and a.application_name = 'anima'
      and a.client_port is distinct from (select client_port from pg_stat_activity where pid = pg_backend_pid())
      and a.backend_start < (select min(backend_start) from pg_stat_activity where pid = pg_backend_pid()) - interval '1 minute'
    limit 1`.execute(trx);
  if (rows.length > 0)
    throw new AnimaError('CONFLICT', 'other servers are connected to this database: stop them first');
}

/** What migrations and the start of a server have put into a database without spaces. */
async function empty(trx: Database): Promise<void> {
  const tables = await backedUpTables(trx);
  // The log refuses to be emptied, and has nothing in it where there is no space.
  const others = tables.filter((table) => table !== 'events' && !/^vectors_\d+$/.test(table));
  for (const table of tables.filter((name) => /^vectors_\d+$/.test(name))) {
    await sql`drop table ${sql.table(table)}`.execute(trx);
  }
  // Those of the coordinator by themselves; the others refer to one another.
  const isLocal = (table: string) => placeOf(table) === 'coordinator';
  for (const these of [others.filter(isLocal), others.filter((table) => !isLocal(table))]) {
    await sql`truncate ${sql.join(these.map((table) => sql.table(table)))}`.execute(trx);
  }
}

async function load(engine: Engine, trx: Database, lines: AsyncIterable<string>): Promise<Restored> {
  const hash = createHash('sha256');
  const tables = new Set<string>();
  let number = 0;
  let rows = 0;
  let trailer: BackupTrailer | undefined;
  let known: ReadonlySet<string> = new Set();
  for await (const line of lines) {
    number += 1;
    if (trailer) throw refuse(number, 'stands behind the end');
    if (number === 1) {
      await checkHeader(trx, parsed<BackupHeader>(line, number));
      known = new Set(await backedUpTables(trx));
    } else if (line.startsWith('{')) {
      trailer = parsed<BackupTrailer>(line, number);
      break;
    } else {
      const [table = '', ...rest] = line.split('\t');
      if (!known.has(table) && !/^vectors_\d{1,9}$/.test(table)) throw refuse(number, 'names no table of this version');
      rows += await insert(engine, trx, table, rest.join('\t'), number);
      tables.add(table);
      if (table === 'embedding_models') known = new Set(await backedUpTables(trx));
    }
    hash.update(`${line}\n`);
  }
  if (!trailer) throw refuse(number, 'is the last, and no trailer: the file is cut off');
  if (trailer.rows !== rows || trailer.sha256 !== hash.digest('hex')) {
    throw refuse(number, 'does not fit the lines before: the file was changed');
  }
  return { tables: tables.size, rows };
}

async function checkHeader(trx: Database, { format, version, migrations }: BackupHeader): Promise<void> {
  if (format !== 'anima-backup' || version !== 1) throw refuse(1, 'is not the first line of a backup');
  const ours = await appliedMigrations(trx);
  if (JSON.stringify(ours) === JSON.stringify(migrations)) return;
  const last = [migrations, ours].map((names) => names.at(-1) ?? 'none').join(', this server has ');
  throw refuse(1, `is of another version (its schema ends with ${last}): restore with that one, then update`);
}

async function insert(engine: Engine, trx: Database, table: string, json: string, number: number): Promise<number> {
  const target = sql.table(table);
  try {
    const { rows } = await sql<{ count: number }>`
      with inserted as (
        insert into ${target} overriding system value
        select * from json_populate_recordset(null::${target}, ${json}::json) returning 1)
      select count(*)::int as count from inserted`.execute(trx);
    if (table === 'embedding_models') await makeVectorsTables(engine, trx);
    return rows[0]?.count ?? 0;
  } catch (error) {
    throw new AnimaError('VALIDATION_ERROR', `line ${number}: these are not rows of ${table}`, { cause: error });
  }
}

async function makeVectorsTables(engine: Engine, trx: Database): Promise<void> {
  const { rows } = await sql<EmbeddingModel & { model_id: number }>`select * from embedding_models`.execute(trx);
  for (const row of rows) await createVectorsTable(engine, trx, registeredModel(row.model_id, row));
  await sql`
    select setval(pg_get_serial_sequence('embedding_models', 'model_id'), max(model_id)) from embedding_models`.execute(
    trx,
  );
}

function parsed<Line>(line: string, number: number): Line {
  try {
    return JSON.parse(line) as Line;
  } catch (cause) {
    throw new AnimaError('VALIDATION_ERROR', `line ${number}: is not JSON`, { cause });
  }
}

function refuse(number: number, what: string): AnimaError {
  return new AnimaError('VALIDATION_ERROR', `line ${number}: ${what}`, {
    details: [{ field: `line ${number}`, message: what }],
  });
}
