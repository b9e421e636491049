import { AnimaError, type ImportPlace, type SpaceFileLine, type StagedLines, shardOf } from '@anima/core';
import { sql } from 'kysely';
import { contentHash } from '../content-hash.ts';
import { type Database, inTransaction } from '../engine/engine.ts';

/** The space that a file is for, which need not exist, and which file it is. */
export interface Import {
  readonly shard: number;
  readonly spaceName: string;
  readonly digest: string;
}

export interface ImportRow {
  readonly stage: 'receiving' | 'checking' | 'applying' | 'done';
  readonly received: number;
  readonly applied: number;
}

export async function findImport(db: Database, spaceName: string, digest: string): Promise<Import> {
  const { rows } = await sql<{ shard: number }>`select shard from spaces where space_id = ${spaceName}`.execute(db);
  return { shard: rows[0]?.shard ?? shardOf(spaceName), spaceName, digest };
}

/** Which rows of the tables of imports are of this one. */
export const ofImport = ({ shard, spaceName, digest }: Import) =>
  sql`shard = ${shard} and space_id = ${spaceName} and digest = ${digest}`;

/** Locks an import until the transaction ends; undefined when there is none. */
export async function lockImport(trx: Database, one: Import): Promise<ImportRow | undefined> {
  const { rows } = await sql<ImportRow>`
    select stage, received, applied from imports where ${ofImport(one)} for update`.execute(trx);
  return rows[0];
}

/** Keeps lines of a file until it is whole. A batch that comes again is not kept twice. */
export async function stageImport(db: Database, spaceName: string, staged: StagedLines): Promise<ImportPlace> {
  const one = await findImport(db, spaceName, staged.digest);
  return inTransaction(db, async (trx) => {
    await sql`
      insert into imports (shard, space_id, digest) values (${one.shard}, ${one.spaceName}, ${one.digest})
      on conflict do nothing`.execute(trx);
    const known = await lockImport(trx, one);
    if (!known) throw new Error(`the import of space ${spaceName} was not found`);
    if (known.stage !== 'receiving') {
      return { received: known.received, stage: known.stage === 'done' ? 'done' : 'applying' };
    }
    if (known.received === 0) await refuseMemories(trx, one);
    if (staged.after > known.received) {
      const message = `must be at most ${known.received}, the lines that are there`;
      throw new AnimaError('VALIDATION_ERROR', `after: ${message}`, { details: [{ field: 'after', message }] });
    }
    const next = staged.lines.slice(known.received - staged.after);
    await keepLines(trx, one, known.received, next);
    const received = known.received + next.length;
    await sql`update imports set received = ${received}, touched_at = now() where ${ofImport(one)}`.execute(trx);
    return { received, stage: 'receiving' };
  });
}

/** @throws AnimaError `CONFLICT` when the space has memories: a file is a whole space, not an addition to one */
export async function refuseMemories(trx: Database, { shard, spaceName }: Import): Promise<void> {
  const { rows } = await sql`
    select 1 from memories where shard = ${shard} and space_id = ${spaceName} limit 1`.execute(trx);
  if (rows.length === 0) return;
  throw new AnimaError(
    'CONFLICT',
    `space "${spaceName}" has memories already, and a file is a whole space: import it into another one`,
  );
}

/** With what no two lines may share: ids of events, contents that memories claim. */
async function keepLines(trx: Database, one: Import, after: number, lines: StagedLines['lines']): Promise<void> {
  if (lines.length === 0) return;
  const rows = lines.map(({ text, line }, index) => ({ line: after + index + 1, text, ...uniqueOf(line) }));
  const { numAffectedRows } = await sql`
    insert into import_lines (shard, space_id, digest, line, text, event_id, content_hash)
    select ${one.shard}::smallint, ${one.spaceName}, ${one.digest}, r.line, r.text, r.event_id, decode(r.content_hash, 'hex')
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(line int, text text, event_id uuid, content_hash text)
    on conflict do nothing`.execute(trx);
  if (Number(numAffectedRows) === lines.length) return;
  throw new AnimaError(
    'VALIDATION_ERROR',
    `lines: among ${after + 1} to ${after + lines.length} one repeats the id of an event or the content of a memory`,
  );
}

function uniqueOf(line: SpaceFileLine): { readonly event_id: string | null; readonly content_hash: string | null } {
  return {
    event_id: line.kind === 'event' ? line.id : null,
    content_hash: line.kind === 'memory' && line.claimsContent ? contentHash(line.content) : null,
  };
}

/** Imports that nobody has sent anything to for so long are forgotten. */
const abandonedAfter = '1 day';

/** Forgets lines of files that were never sent to their end, and of imports whose check was broken off. */
export async function forgetAbandoned(db: Database): Promise<void> {
  const isAbandoned = sql`stage = 'receiving' and touched_at < now() - ${abandonedAfter}::interval`;
  const { rows } = await sql<{ shard: number }>`
    select distinct shard from imports where ${isAbandoned} /* across shards: a worker looks now and then */`.execute(
    db,
  );
  for (const { shard } of rows) {
    await sql`
      with abandoned as (
        delete from imports where shard = ${shard} and ${isAbandoned} returning space_id, digest)
      delete from import_lines l using abandoned a
      where l.shard = ${shard} and l.space_id = a.space_id and l.digest = a.digest`.execute(db);
  }
}
