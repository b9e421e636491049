import { createHash, randomBytes } from 'node:crypto';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import {
  AnimaError,
  faultyLine,
  type ImportStep,
  readSpaceFileLine,
  SpaceFileCheck,
  type SpaceFileHeader,
  type SpaceFileLine,
} from '@anima/core';
import { sql } from 'kysely';
import { type Database, type Engine, inTransaction } from '../engine/engine.ts';
import { beingImported, lockHeads } from '../log/shard-heads.ts';
import type { Models } from '../models.ts';
import { type Spaces, staleMs } from '../spaces.ts';
import { writeImported } from './imported-rows.ts';
import { findImport, type Import, type ImportRow, lockImport, ofImport, refuseMemories } from './imports.ts';

export interface ImportParts {
  readonly engine: Engine;
  readonly models: Models;
  readonly spaces: Spaces;
  /** Hears of new events. */
  readonly appended: (shards: Iterable<number>) => void;
  /** Called when the space of this shard is whole. */
  readonly imported: (space: { readonly id: string; readonly shard: number }) => Promise<void>;
}

/** Lines that are checked at once. */
const checkedAtOnce = 500;

/** Characters that are read at once, but for the last line of them. */
const readAtOnce = 2_000_000;

/** Since when a space is imported that nobody knew before. */
const neverSeen = '1970-01-01T00:00:00Z';

/** Other processes may take a space for what it was for so long; a second more for what they are about to do. */
const settleMs = staleMs + 1_000;

/**
 * Checks a file that was staged and makes it the space: in batches, so that nobody waits long for the shard's head,
 * and shut off from everybody else until the last of them.
 */
export async function* applyImport(parts: ImportParts, spaceName: string, digest: string): AsyncGenerator<ImportStep> {
  const one = await findImport(parts.engine.db, spaceName, digest);
  const begun = await begin(parts, one);
  const total = begun.received;
  if (begun.stage === 'checking') {
    try {
      yield* check(parts, one, total);
    } catch (error) {
      if (error instanceof AnimaError) await discard(parts, one);
      throw error;
    }
  }
  if (begun.stage !== 'done') {
    yield* settle(parts, one, total);
    yield* apply(parts, one, total);
  }
  yield { stage: 'done', done: total, total };
}

/** Shuts the space off; from here on only one import goes on in its shard. */
function begin({ engine, models, spaces }: ImportParts, one: Import): Promise<ImportRow> {
  return inTransaction(engine.db, async (trx) => {
    const known = await lockImport(trx, one);
    if (!known) throw new AnimaError('NOT_FOUND', `nothing of this file was sent for space "${one.spaceName}"`);
    if (known.stage !== 'receiving') return known;
    const [other] = await lockHeads(trx, [one.shard]);
    if (other !== undefined) throw beingImported(other);
    await refuseMemories(trx, one);
    const made = await sql`
      insert into spaces (space_id, shard, model_id, conversation_salt, importing_since)
      values (${one.spaceName}, ${one.shard}, ${models.ofNewSpaces.modelId}, ${randomBytes(16)}, ${neverSeen})
      on conflict (space_id) do nothing`.execute(trx);
    // Was it there before, then others may know it as a space like any other.
    if (Number(made.numAffectedRows) === 0) {
      await sql`
        update spaces set importing_since = ${await readClock(trx)}::timestamptz
        where space_id = ${one.spaceName}`.execute(trx);
    }
    await sql`
      update shard_heads set importing = array_append(importing, ${one.spaceName}) where shard = ${one.shard}`.execute(
      trx,
    );
    await sql`update imports set stage = 'checking' where ${ofImport(one)}`.execute(trx);
    return { ...known, stage: 'checking' as const };
  }).finally(() => spaces.forget(one.spaceName));
}

async function readClock(db: Database): Promise<Date> {
  const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db);
  return rows[0]?.now ?? new Date(0);
}

/** Reads every line as if it had never been looked at. */
async function* check({ engine: { db } }: ImportParts, one: Import, total: number): AsyncGenerator<ImportStep> {
  const checked = new SpaceFileCheck((await readClock(db)).toISOString());
  const hash = createHash('sha256');
  let header: SpaceFileHeader | undefined;
  let last: SpaceFileLine | undefined;
  for (let done = 0; done < total; ) {
    const texts = await readLines(db, one, done, checkedAtOnce);
    if (texts.length === 0) throw new AnimaError('CONFLICT', 'the import was refused meanwhile: send the file again');
    for (const text of texts) {
      done += 1;
      last = readSpaceFileLine(text, done);
      checked.take(last);
      if (last.kind === 'header') header = last;
      if (last.kind !== 'trailer') hash.update(text).update('\n');
      else if (done < total) throw faultyLine(done + 1, 'stands behind the trailer');
    }
    yield { stage: 'checking', done, total };
  }
  const sha256 = hash.digest('hex');
  if (last?.kind !== 'trailer' || !header) throw faultyLine(total, 'is the last, and no trailer: the file is cut off');
  if (last.sha256 !== sha256 || one.digest !== sha256)
    throw faultyLine(total, 'has the digest of other lines: the file was altered');
  await refuseForeignEvents(db, one, header);
  await accept(db, one, header);
}

/**
 * Events have one id each in a log: a file cannot become two spaces of one shard. Those that were archived are not looked
 * through: who has the salt of the file's space has its events.
 */
async function refuseForeignEvents(db: Database, one: Import, { conversationSalt }: SpaceFileHeader): Promise<void> {
  const { rows } = await sql<{ space_id: string }>`
    select e.space_id from import_lines l join events e on e.shard = l.shard and e.id = l.event_id
    where l.shard = ${one.shard} and l.space_id = ${one.spaceName} and l.digest = ${one.digest}
    union all
    select s.space_id from spaces s
    where s.shard = ${one.shard} and s.space_id <> ${one.spaceName} and s.conversation_salt = decode(${conversationSalt}, 'hex')
      and exists (select from log_segment_spaces o where o.shard = ${one.shard} and o.space_id = s.space_id)
    limit 1`.execute(db);
  const [other] = rows;
  if (!other) return;
  throw new AnimaError(
    'CONFLICT',
    `space "${other.space_id}", which shares a log with "${one.spaceName}", has these events already: choose another name`,
  );
}

/** From here on the import can only go on to its end. */
function accept(db: Database, one: Import, { settings, conversationSalt }: SpaceFileHeader): Promise<void> {
  return inTransaction(db, async (trx) => {
    const known = await lockImport(trx, one);
    if (known?.stage !== 'checking') return;
    await sql`
      update spaces set settings = ${JSON.stringify(settings)}::jsonb, conversation_salt = decode(${conversationSalt}, 'hex')
      where space_id = ${one.spaceName}`.execute(trx);
    await sql`update imports set stage = 'applying' where ${ofImport(one)}`.execute(trx);
  });
}

/** Leaves nothing of a file that was refused, and the space as it was. */
async function discard({ engine, spaces }: ImportParts, one: Import): Promise<void> {
  await inTransaction(engine.db, async (trx) => {
    const known = await lockImport(trx, one);
    if (known?.stage !== 'checking') return;
    await sql`delete from import_lines where ${ofImport(one)}`.execute(trx);
    await sql`delete from imports where ${ofImport(one)}`.execute(trx);
    await sql`delete from spaces where space_id = ${one.spaceName} and importing_since = ${neverSeen}`.execute(trx);
    await open(trx, one);
  });
  spaces.forget(one.spaceName);
}

/** Waits until every process knows that the space is shut off, where some may have known it before. */
async function* settle({ engine }: ImportParts, one: Import, total: number): AsyncGenerator<ImportStep> {
  const { rows } = await sql<{ ms: number }>`
    select ${settleMs} - extract(epoch from clock_timestamp() - importing_since)::float8 * 1000 as ms
    from spaces where space_id = ${one.spaceName} and importing_since is not null`.execute(engine.db);
  const ms = rows[0]?.ms ?? 0;
  // An embedded database has one process, which knows.
  if (ms <= 0 || engine.kind === 'pglite') return;
  yield { stage: 'waiting', done: 0, total };
  await sleep(ms);
}

async function* apply(parts: ImportParts, one: Import, total: number): AsyncGenerator<ImportStep> {
  const { engine, spaces, appended, imported } = parts;
  for (let done = 0; done < total; ) {
    done = await applyNext(engine, one);
    appended([one.shard]);
    yield { stage: 'applying', done, total };
    // The embedded engine answers within one turn of the event loop, which others need too.
    await nextTurn();
  }
  spaces.forget(one.spaceName);
  await imported({ id: one.spaceName, shard: one.shard });
}

/** Makes the next lines rows of the space; with the last of them the space is there for everybody. */
function applyNext({ db, batch }: Engine, one: Import): Promise<number> {
  return inTransaction(db, async (trx) => {
    const known = await lockImport(trx, one);
    if (!known) throw new Error(`the import of space ${one.spaceName} was not found`);
    if (known.stage === 'done') return known.received;
    const texts = await readLines(trx, one, known.applied, batch.append);
    const lines = texts.map((text, index) => readSpaceFileLine(text, known.applied + index + 1));
    await writeImported(trx, one, lines);
    const applied = known.applied + lines.length;
    const isWhole = applied === known.received;
    await sql`delete from import_lines where ${ofImport(one)} and line <= ${applied}`.execute(trx);
    await sql`
      update imports set applied = ${applied}, stage = ${isWhole ? 'done' : 'applying'}, touched_at = now()
      where ${ofImport(one)}`.execute(trx);
    if (isWhole) await open(trx, one);
    return applied;
  });
}

async function open(trx: Database, one: Import): Promise<void> {
  await lockHeads(trx, [one.shard]);
  const { rows } = await sql<{ at: Date | null }>`
    select max(recorded_at) as at from events
    where shard = ${one.shard} and space_id = ${one.spaceName} and type = 'space.decayed'`.execute(trx);
  await sql`
    update spaces set importing_since = null, decayed_at = ${rows[0]?.at ?? null}::timestamptz
    where space_id = ${one.spaceName}`.execute(trx);
  await sql`
    update shard_heads set importing = array_remove(importing, ${one.spaceName}) where shard = ${one.shard}`.execute(
    trx,
  );
}

async function readLines(db: Database, one: Import, after: number, limit: number): Promise<readonly string[]> {
  const { rows } = await sql<{ text: string }>`
    select text from (
      select line, text, sum(length(text)) over (order by line) - length(text) as before from (
        select line, text from import_lines where ${ofImport(one)} and line > ${after} order by line limit ${limit}) next
    ) measured
    where before < ${readAtOnce} order by line`.execute(db);
  return rows.map(({ text }) => text);
}
