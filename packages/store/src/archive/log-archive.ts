import { AnimaError, decodeEvent, type LogEvent } from '@anima/core';
import { type RawBuilder, sql } from 'kysely';
import type { Database } from '../engine/engine.ts';
import { hashesOf, mayHold } from './bloom.ts';
import { unpackLines } from './packed-lines.ts';
import type { ArchivePlace } from './place.ts';

/** Positions after `after`, up to `upTo`. */
interface Range {
  readonly after: number;
  readonly upTo: number;
}

/** Which events are wanted: of one space, and of them those that name memories. */
interface Wanted {
  readonly spaceId?: string;
  readonly memoryIds?: readonly string[];
  /** Also those of this type, whatever they name. */
  readonly orType?: LogEvent['type'];
}

/** An event as its file has it: the JSON of its row. */
export interface ArchivedEvent {
  readonly position: number;
  readonly text: string;
}

interface Segment {
  readonly first: number;
  readonly file: string;
  readonly events: number;
  readonly sha256: string;
}

/**
 * The part of the log that is in files. Whatever is at or below the {@link floor} of a shard is read from here; a part
 * of it may still stand in the table, and what turned a memory always does.
 */
export class LogArchive {
  readonly place: ArchivePlace | undefined;

  constructor(place: ArchivePlace | undefined) {
    this.place = place;
  }

  /** Up to where the log of a shard is in files; 0 where none is. */
  async floor(db: Database, shard: number): Promise<number> {
    const { rows } = await sql<{ floor: number | null }>`
      select max(last) as floor from log_segments where shard = ${shard}`.execute(db);
    return rows[0]?.floor ?? 0;
  }

  /**
   * Refuses what cannot be said any more, as the space does not keep its events that long.
   *
   * @throws AnimaError `ARCHIVED`
   */
  async requireWhole(db: Database, shard: number, spaceId: string, { after, upTo }: Range): Promise<void> {
    const { rows } = await sql<{ last: number }>`
      select max(s.last) as last from log_segment_spaces o join log_segments s on s.shard = o.shard and s.first = o.first
      where o.shard = ${shard} and o.space_id = ${spaceId} and o.lost > 0 and s.first <= ${upTo} and s.last > ${after}
      having count(*) > 0`.execute(db);
    const [lost] = rows;
    if (!lost) return;
    throw new AnimaError(
      'ARCHIVED',
      `events of space "${spaceId}" up to position ${lost.last} were dropped, as its archiveRetentionDays says: ask for a later one`,
    );
  }

  /** The position behind which a space's log can be told, with states: 0, or a copy of them after what it dropped. */
  async beginOf(db: Database, shard: number, spaceId: string): Promise<number> {
    const { rows } = await sql<{ begin: number }>`
      select coalesce((select min(c.position) from snapshots c where c.shard = ${shard} and c.position >= l.last), l.last) as begin
      from (
        select max(s.last) as last from log_segment_spaces o join log_segments s on s.shard = o.shard and s.first = o.first
        where o.shard = ${shard} and o.space_id = ${spaceId} and o.lost > 0) l
      where l.last is not null`.execute(db);
    return rows[0]?.begin ?? 0;
  }

  /**
   * Events of a range that are in files, file by file: in the order of the log, or from behind.
   *
   * @throws AnimaError `ARCHIVED` where this server does not know the place, `UNAVAILABLE` where that does not answer
   */
  async *read(
    db: Database,
    shard: number,
    range: Range,
    wanted: Wanted = {},
    { descending = false } = {},
  ): AsyncGenerator<readonly ArchivedEvent[]> {
    for (const segment of await this.#segments(db, shard, range, wanted, descending)) {
      const events = await this.#readSegment(segment, range, wanted);
      if (events.length > 0) yield descending ? events.toReversed() : events;
    }
  }

  async #segments(
    db: Database,
    shard: number,
    { after, upTo }: Range,
    { spaceId, memoryIds, orType }: Wanted,
    descending: boolean,
  ): Promise<readonly Segment[]> {
    const hashes = orType === undefined ? memoryIds?.map(hashesOf) : undefined;
    const mayName = hashes
      ? sql`and exists (
          select from unnest(${hashes.map(({ start }) => Number(start))}::bigint[],
            ${hashes.map(({ step }) => Number(step))}::bigint[]) as h(start, step)
          where ${sql.raw(mayHold('s.named', 'h.start', 'h.step'))})`
      : sql``;
    const ofSpace =
      spaceId === undefined
        ? sql``
        : sql`and exists (
            select from log_segment_spaces o
            where o.shard = ${shard} and o.first = s.first and o.space_id = ${spaceId} and o.events > o.lost)`;
    const { rows } = await sql<Segment>`
      select s.first, s.file, s.events, encode(s.sha256, 'hex') as sha256 from log_segments s
      where s.shard = ${shard} and s.last > ${after} and s.first <= ${upTo} ${ofSpace} ${mayName}
      order by s.first ${sql.raw(descending ? 'desc' : 'asc')}`.execute(db);
    return rows;
  }

  async #readSegment({ file, events: lines, sha256 }: Segment, range: Range, wanted: Wanted): Promise<ArchivedEvent[]> {
    const meant = meantBy(range, wanted);
    const events: ArchivedEvent[] = [];
    for await (const batch of unpackLines(await this.get(file), { lines, sha256 }, file)) {
      for (const text of batch) {
        const head = readHead(text, file);
        if (meant(head, text)) events.push({ position: head.position, text });
      }
    }
    return events;
  }

  /** Pieces of a file. */
  get(file: string): Promise<AsyncIterable<Uint8Array>> {
    return this.known.get(file);
  }

  /** @throws AnimaError `ARCHIVED` where this server does not know where the files are */
  get known(): ArchivePlace {
    if (this.place) return this.place;
    throw new AnimaError(
      'ARCHIVED',
      'this part of the log is in files: start the server with LOG_ARCHIVE_URL set to where they are',
    );
  }
}

interface Head {
  readonly position: number;
  readonly spaceId: string;
}

/** What a line begins with, as the columns of the table stand. */
const headPattern = /^\{"shard":\d+,"position":(\d+),"space_id":("(?:[^"\\]|\\.)*")/;

function readHead(text: string, file: string): Head {
  const [, position, spaceId] = headPattern.exec(text) ?? [];
  if (position === undefined || spaceId === undefined) throw new Error(`the archived file ${file} holds no events`);
  return { position: Number(position), spaceId: JSON.parse(spaceId) as string };
}

function meantBy({ after, upTo }: Range, { spaceId, memoryIds, orType }: Wanted) {
  const ids = memoryIds && new Set(memoryIds);
  const type = orType && `"type":"${orType}"`;
  return (head: Head, text: string): boolean => {
    if (head.position <= after || head.position > upTo) return false;
    if (spaceId !== undefined && head.spaceId !== spaceId) return false;
    if (!ids || (type !== undefined && text.includes(type))) return true;
    return idsIn(text).some((id) => ids.has(id));
  };
}

/** Ids of the memories that a line names. */
export function idsIn(text: string): readonly string[] {
  const list = /"memory_ids":\[([^\]]*)\]/.exec(text)?.[1] ?? '';
  return list === '' ? [] : list.split(',').map((id) => id.slice(1, -1));
}

interface EventRow {
  readonly shard: number;
  readonly position: number;
  readonly space_id: string;
  readonly id: string;
  readonly type: string;
  readonly schema_version: number;
  readonly conversation_id: string | null;
  readonly memory_ids: readonly string[];
  readonly payload: unknown;
  readonly recorded_at: string;
}

/** @throws AnimaError `INTERNAL` for one that cannot be decoded */
export function decodeArchived({ text }: ArchivedEvent): LogEvent {
  const row = JSON.parse(text) as EventRow;
  return decodeEvent({
    ...{ shard: row.shard, position: row.position, spaceId: row.space_id, id: row.id, type: row.type },
    ...{ schemaVersion: row.schema_version, conversationId: row.conversation_id, memoryIds: row.memory_ids },
    ...{ payload: row.payload, recordedAt: Date.parse(row.recorded_at) },
  });
}

/** Archived events as rows, in the place of `events`. */
export function asRows(events: readonly ArchivedEvent[]): RawBuilder<unknown> {
  return sql`json_populate_recordset(null::events, ${`[${events.map(({ text }) => text).join(',')}]`}::json)`;
}
