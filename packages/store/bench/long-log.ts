import { mkdir } from 'node:fs/promises';
import {
  type AssociationState,
  decodeEvent,
  foldAssociation,
  foldMemories,
  type LogEvent,
  type MemoryRecord,
  pairsOf,
  projections,
  type Recall,
  rulesVersion,
  type Space,
  type TierChange,
  tiers,
} from '@anima/core';
import { sql } from 'kysely';
import { recordBase, shadowLines } from '../src/archive/bases.ts';
import { FolderPlace } from '../src/archive/folder-place.ts';
import { asRows, LogArchive } from '../src/archive/log-archive.ts';
import { recordSegment, segmentName } from '../src/archive/segments.ts';
import { placeName, putVerified, spool, withSpool } from '../src/archive/writer.ts';
import { type Engine, inTransaction } from '../src/engine/engine.ts';
import { openPostgres } from '../src/engine/postgres.ts';
import { type Store, storeOn } from '../src/open-store.ts';
import { takeSnapshot } from '../src/past/snapshots.ts';
import { foldNextBatch } from '../src/projections/fold-shard.ts';
import { readRecords, writeRecords } from '../src/projections/memory-records.ts';
import { liveSchema } from '../src/projections/projection.ts';
import { projectionRules } from '../src/projections/rules.ts';
import { migrate } from '../src/schema/migrate.ts';
import { quietLog } from './measured.ts';

const model = { provider: 'bench', name: 'none', dimensions: 8 };

/** Memories that are recalled, in groups that are recalled together: states and pairs do not grow with the log. */
const memories = 10_000;
const together = 4;
const segmentEvents = 10_000;
const writer = 'bench';

export interface Sizes {
  readonly events: number;
  readonly tableBytes: number;
  readonly archiveBytes: number;
}

/**
 * A log of which all but the end is archived. What is archived is made in the form that archiving leaves it in, by
 * core's own folds: files, manifest, snapshot, states, and those events that stay. A rebuild tells whether it is right.
 */
export class LongLog {
  readonly #engine: Engine;
  readonly #store: Store;
  readonly #archive: LogArchive;
  readonly #space: Space;

  private constructor(engine: Engine, store: Store, archive: LogArchive, space: Space) {
    this.#engine = engine;
    this.#store = store;
    this.#archive = archive;
    this.#space = space;
  }

  static async open(databaseUrl: string, folder: string): Promise<LongLog> {
    await mkdir(folder, { recursive: true });
    const engine = await openPostgres({ databaseUrl, poolMax: 20, worker: false, log: quietLog });
    await migrate(engine, model);
    const place = new FolderPlace(folder);
    const archive = { place, keepDays: 0, keepEvents: 0, segmentEvents, settleMs: 0 };
    const store = await storeOn(engine, { model, log: quietLog, archive });
    const space = await store.openSpace('log');
    await sql`update spaces set settings = '{"receiptRetentionDays": 0}'`.execute(engine.db);
    return new LongLog(engine, store, new LogArchive(place), { ...space, settings: { receiptRetentionDays: 0 } });
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  get #db() {
    return this.#engine.db;
  }

  /** Events that are archived. */
  archived(): Promise<number> {
    return this.#archive.floor(this.#db, this.#space.shard);
  }

  /** Makes it this long, or as long as there is time for; the next call goes on. */
  async fill(events: number, until: number, onProgress: (done: number) => void): Promise<void> {
    const { shard, id } = this.#space;
    const done = await this.archived();
    if (done >= events) return;
    const head = await this.#position('shard_heads');
    if (head > (await this.#position('fold_checkpoints'))) throw new Error('it has a tail already: drop it first');
    const states = await this.#knownStates(head);
    const pairs = await this.#knownPairs();
    const changes: TierChange[] = [];
    const take = (made: readonly LogEvent[]) => {
      changes.push(...foldMemories(states, made));
      for (const event of made) {
        for (const pair of pairsOf(event)) pairs.set(pair.join(), foldAssociation(pairs.get(pair.join()), event));
      }
    };
    // Files that were recorded after the states were written.
    for (let first = head + 1; first < done; first += segmentEvents) take(stretch(shard, id, first));
    let reached = done;
    while (reached < events && Date.now() < until) {
      const made = stretch(shard, id, reached + 1);
      take(made);
      await this.#write(made);
      reached += segmentEvents;
      onProgress(reached);
    }
    await this.#writeStates(reached, states, pairs, changes);
  }

  async #write(made: readonly LogEvent[]): Promise<void> {
    const { shard, id } = this.#space;
    const [first, last] = [made[0]?.position ?? 0, made.at(-1)?.position ?? 0];
    await withSpool(async (folder) => {
      const spooled = await spool(folder, made.map(lineOf));
      const file = await putVerified(this.#archive, { writer, shard, name: segmentName({ first, last }) }, spooled);
      const recorded = [made[0]?.recordedAt ?? 0, made.at(-1)?.recordedAt ?? 0];
      await recordSegment(this.#db, { shard, first, last }, file, spooled, {
        named: new Set(made.flatMap(({ memoryIds }) => memoryIds)),
        spaces: sql`select ${id}::text as space_id, ${made.length}::int as events,
          to_timestamp(${recorded[0]}::float8 / 1000) as recorded_from, to_timestamp(${recorded[1]}::float8 / 1000) as recorded_until`,
      });
    });
  }

  async #knownStates(head: number): Promise<Map<string, MemoryRecord>> {
    if (head === 0) return new Map();
    const ids = Array.from({ length: memories }, (_, n) => memoryId(n));
    const named = [{ spaceId: this.#space.id, memoryIds: ids } as unknown as LogEvent];
    const known = await readRecords(this.#db, liveSchema, this.#space.shard, named);
    return known.get(this.#space.id) ?? new Map();
  }

  async #knownPairs(): Promise<Map<string, AssociationState>> {
    const { rows } = await sql<{ pair: string; count: number; at: Date }>`
      select concat_ws(',', a, b) as pair, count, last_at as at from associations
      where shard = ${this.#space.shard}`.execute(this.#db);
    return new Map(rows.map(({ pair, count, at }) => [pair, { count, lastAt: at.getTime() }]));
  }

  async #writeStates(
    reached: number,
    states: Map<string, MemoryRecord>,
    pairs: ReadonlyMap<string, AssociationState>,
    changes: readonly TierChange[],
  ): Promise<void> {
    const { shard, id } = this.#space;
    const rows = [...pairs].map(([pair, { count, lastAt }]) => {
      const [a, b] = pair.split(',');
      return { a, b, count, last_at: new Date(lastAt) };
    });
    const kept = [...new Set(changes.map(({ position }) => position))].map((position) => ({
      ...{ position, text: lineOf(eventAt(shard, id, position)) },
    }));
    await inTransaction(this.#db, async (trx) => {
      await writeRecords(trx, liveSchema, shard, id, new Map(), states);
      await sql`
        insert into associations (shard, space_id, a, b, count, last_at)
        select ${shard}::smallint, ${id}::text, r.* from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
          as r(a uuid, b uuid, count int, last_at timestamptz)
        on conflict (shard, space_id, a, b) do update set count = excluded.count, last_at = excluded.last_at`.execute(
        trx,
      );
      await sql`
        insert into tier_changes (shard, space_id, memory_id, position, from_tier, to_tier, reason)
        select ${shard}::smallint, ${id}::text, r.* from jsonb_to_recordset(${JSON.stringify(
          changes.map(({ memoryId: memory_id, position, from, to, reason }) => ({
            ...{ memory_id, position, reason, from_tier: tiers.indexOf(from), to_tier: tiers.indexOf(to) },
          })),
        )}::jsonb) as r(memory_id uuid, position bigint, from_tier smallint, to_tier smallint, reason text)`.execute(
        trx,
      );
      await sql`insert into events select * from ${asRows(kept)}`.execute(trx);
      await sql`update log_segments set released_at = clock_timestamp(), left_table = events - (
        select count(*) from events e where e.shard = ${shard} and e.position between first and last) where shard = ${shard}`.execute(
        trx,
      );
      await sql`update shard_heads set position = ${reached}, recorded_at = to_timestamp(${timeOf(reached)}::float8 / 1000)
        where shard = ${shard}`.execute(trx);
      await sql`update fold_checkpoints set position = ${reached}, rules_version = ${rulesVersion} where shard = ${shard}`.execute(
        trx,
      );
    });
    for (const projection of projections) {
      await withSpool(async (folder) => {
        const spooled = await inTransaction(this.#db, (trx) =>
          spool(folder, shadowLines(trx, liveSchema, projectionRules[projection], shard)),
        );
        const file = await putVerified(
          this.#archive,
          { writer, shard, name: `${projection}-${placeName(reached)}` },
          spooled,
        );
        await recordBase(this.#db, { shard, projection, position: reached, file }, spooled);
      });
    }
    await takeSnapshot(this.#db, shard);
    await sql`vacuum analyze`.execute(this.#db);
  }

  async #position(table: string): Promise<number> {
    const { rows } = await sql<{ position: number }>`
      select min(position) as position from ${sql.table(table)} where shard = ${this.#space.shard}`.execute(this.#db);
    return rows[0]?.position ?? 0;
  }

  /** Recalls as requests append them, so many callers at a time; ms. */
  async append(count: number, callers: number): Promise<number> {
    const startedAt = performance.now();
    let left = count;
    const caller = async () => {
      while (left > 0) {
        left -= 1;
        await this.#store.recordRecall(this.#space, recallOf(left));
      }
    };
    await Promise.all(Array.from({ length: callers }, caller));
    return performance.now() - startedAt;
  }

  /** Folds all that was appended, into both projections; ms. */
  async fold(): Promise<number> {
    const startedAt = performance.now();
    for (const name of projections) {
      const next = () => foldNextBatch(this.#db, projectionRules[name], this.#space.shard, this.#engine.batch.fold);
      while ((await next()).events > 0);
    }
    return performance.now() - startedAt;
  }

  /** Replays and compares: from the snapshot, or from the first event on; ms. @throws Error at a difference */
  async rebuild(full = false): Promise<number> {
    const startedAt = performance.now();
    for await (const step of this.#store.rebuild({ verify: true, full })) {
      if (step.type === 'report' && step.report.differenceCount > 0) {
        throw new Error(`${step.report.differenceCount} rows of ${step.report.projection} differ from the log`);
      }
    }
    return performance.now() - startedAt;
  }

  /** A page of 50 events from the middle of the log: of what is archived; ms. */
  async page(): Promise<number> {
    const before = Math.floor((await this.archived()) / 2);
    const startedAt = performance.now();
    const any = { types: undefined, memoryId: undefined, conversationId: undefined };
    await this.#store.readLog(this.#space, { ...any, after: 0, before, limit: 50 });
    return performance.now() - startedAt;
  }

  async sizes(): Promise<Sizes> {
    const { events, table, archive } = await this.#store.logSizes();
    return { events, tableBytes: table.bytes, archiveBytes: archive.bytes + archive.snapshotBytes };
  }
}

/** Events from a place on: as many as a file has. */
function stretch(shard: number, spaceId: string, first: number): LogEvent[] {
  return Array.from({ length: segmentEvents }, (_, n) => eventAt(shard, spaceId, first + n));
}

/** First every memory is added; from then on a group of them is recalled in a conversation. */
function eventAt(shard: number, spaceId: string, position: number): LogEvent {
  const place = { shard, position, spaceId, id: uuid(2, position), schemaVersion: 1, recordedAt: timeOf(position) };
  const happening =
    position <= memories
      ? {
          type: 'memory.added',
          conversationId: null,
          memoryIds: [memoryId(position - 1)],
          payload: { catalyst: false },
        }
      : {
          ...{ type: 'memory.accessed', conversationId: uuid(3, position % 1_000), memoryIds: groupOf(position) },
          payload: { via: 'query', profile: 'hybrid' },
        };
  return position % segmentEvents === 1
    ? decodeEvent({ ...place, ...happening })
    : ({ ...place, ...happening } as LogEvent);
}

function groupOf(n: number): string[] {
  const group = (n * 7_919) % (memories / together);
  return Array.from({ length: together }, (_, k) => memoryId(group * together + k));
}

const memoryId = (n: number) => uuid(1, n);

function uuid(kind: number, n: number): string {
  const random = Math.imul(n + 1, 0x9e3779b1) >>> 0;
  return `019b0000-000${kind}-7000-8000-${random.toString(16).padStart(8, '0')}${(n & 0xffff).toString(16).padStart(4, '0')}`;
}

/** One a second, the last of ten millions some weeks ago. */
const timeOf = (position: number) => Date.UTC(2026, 4, 1) + position * 1_000;

/** As the database writes a row. */
function lineOf({
  shard,
  position,
  spaceId,
  id,
  type,
  conversationId,
  memoryIds,
  payload,
  recordedAt,
}: LogEvent): string {
  const spaced = JSON.stringify(payload).replaceAll('":', '": ').replaceAll(',"', ', "');
  const at = new Date(recordedAt).toISOString().replace('.000Z', '+00:00');
  return `{"shard":${shard},"position":${position},"space_id":${JSON.stringify(spaceId)},"id":"${id}","type":"${type}","schema_version":1,"request_id":null,"conversation_id":${JSON.stringify(conversationId)},"memory_ids":${JSON.stringify(memoryIds)},"payload":${spaced},"actor":null,"occurred_at":null,"recorded_at":"${at}"}`;
}

function recallOf(n: number): Recall {
  const terms = { similarity: 0, lexical: 0, conversation: 0, neighbourTurn: 0, resonance: 0 };
  const breakdown = { similarity: null, lexical: 0, phi: 0, structuralWeight: 0, score: 0, terms };
  const hits = groupOf(n).map((id) => ({ memoryId: id, version: 1, breakdown }));
  return { hits, conversationId: `talk ${n % 1_000}`, profile: 'hybrid', statePosition: 0 };
}
