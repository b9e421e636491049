import { AnimaError, type Log, type ReplicaGauges } from '@anima/core';
import { type RawBuilder, sql } from 'kysely';
import type { Database, Reading, ReadReplica } from './engine.ts';

/** Between two looks at how far the replica is, ms. */
const lookMs = 500;
/** One that owes an answer for so long is not there, ms. */
const answerMs = 2_000;
/** Places of the primary's log that are remembered: of ten minutes. */
const rememberedPlaces = 1_200;

/**
 * A streaming replica that reads may come from, as long as it is known to be at most so far behind.
 *
 * Clocks are not asked. Every half second the primary says how long its log is, and the replica how much of a log it has
 * replayed: what was committed before the last place that it has passed, it shows. So its age is an upper bound, and
 * whoever wrote through this process reads their own writes: until they are there, their space is read on the primary.
 */
export class Replica implements ReadReplica, Disposable {
  readonly #primary: Database;
  readonly #standby: Database;
  readonly #boundMs: number;
  readonly #log: Log;
  /** Where the primary's log ended, and when, oldest first. */
  #places: readonly { readonly at: number; readonly end: number }[] = [];
  /** Everything that was committed before this moment is there. */
  #asOf = Number.NEGATIVE_INFINITY;
  /** Why it does not answer; undefined while it does. */
  #problem: string | undefined = 'it was not asked yet';
  #wasUsed: boolean | undefined;
  #reads = { standby: 0, primary: 0 };
  readonly #writtenAt = new Map<string, number>();
  readonly #underWay = new Set<(reason: Error) => void>();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: {
    readonly primary: Database;
    readonly standby: Database;
    /** How far behind it may be, ms. */
    readonly boundMs: number;
    readonly log: Log;
  }) {
    this.#primary = options.primary;
    this.#standby = options.standby;
    this.#boundMs = options.boundMs;
    this.#log = options.log;
    void this.#watch();
  }

  readonly read: Reading = async (space, read) => {
    if (!this.#shows(space)) return this.#readPrimary(read);
    try {
      const found = await this.#unlessLost(read(this.#standby));
      this.#reads.standby += 1;
      return found;
    } catch (error) {
      // Said about what was asked for, not about who was asked.
      if (error instanceof AnimaError) throw error;
      return this.#readPrimary(read);
    }
  };

  wrote({ id }: { readonly id: string }): void {
    this.#writtenAt.set(id, performance.now());
  }

  gauges(): ReplicaGauges {
    const lagMs = performance.now() - this.#asOf;
    return {
      isUsed: this.#isFresh(),
      lagMs: Number.isFinite(lagMs) ? Math.round(lagMs) : null,
      boundMs: this.#boundMs,
      reads: { ...this.#reads },
      problem: this.#problem ?? null,
    };
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #isFresh(): boolean {
    return this.#problem === undefined && performance.now() - this.#asOf <= this.#boundMs;
  }

  #shows({ id }: { readonly id: string }): boolean {
    return this.#isFresh() && (this.#writtenAt.get(id) ?? Number.NEGATIVE_INFINITY) < this.#asOf;
  }

  #readPrimary<T>(read: (db: Database) => Promise<T>): Promise<T> {
    this.#reads.primary += 1;
    return read(this.#primary);
  }

  /** Rejects as soon as the replica is found to be away: one that hangs must not keep who asked it. */
  async #unlessLost<T>(reading: Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#underWay.add(reject);
    reading.then(resolve, reject);
    try {
      return await promise;
    } finally {
      this.#underWay.delete(reject);
    }
  }

  async #watch(): Promise<void> {
    try {
      await this.#look();
      this.#problem = undefined;
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error);
      for (const reject of this.#underWay) reject(new Error('the replica is away'));
    }
    if (this.#isClosed) return;
    this.#tell();
    const oldest = performance.now() - this.#boundMs;
    // Older ones need no note: a replica that lacks them is not read.
    for (const [id, at] of this.#writtenAt) if (at < this.#asOf || at < oldest) this.#writtenAt.delete(id);
    this.#timer = setTimeout(() => void this.#watch(), lookMs).unref();
  }

  async #look(): Promise<void> {
    const at = performance.now();
    const there = await placeOf(this.#primary, sql`pg_current_wal_flush_lsn()`).catch(() => undefined);
    // Without its primary it is as fresh as it was, for as long as that is fresh enough.
    if (!there) return;
    this.#places = [...this.#places, { at, end: there.place ?? Number.POSITIVE_INFINITY }].slice(-rememberedPlaces);
    const here = await within(answerMs, placeOf(this.#standby, sql`pg_last_wal_replay_lsn()`));
    if (here.database !== there.database) throw new Error('it is a copy of another database');
    if (here.place === null) throw new Error('it is no replica: it replays no log');
    const { place } = here;
    const passed = this.#places.findLast(({ end }) => end <= place);
    if (!passed) return;
    this.#asOf = Math.max(this.#asOf, passed.at);
    this.#places = this.#places.filter(({ at: then }) => then >= passed.at);
  }

  #tell(): void {
    const isUsed = this.#isFresh();
    if (isUsed === this.#wasUsed) return;
    this.#wasUsed = isUsed;
    if (isUsed) this.#log.info({}, 'the replica answers reads');
    else this.#log.warn({ ...this.gauges() }, 'the primary answers reads: the replica is away or too far behind');
  }
}

/** Where a log ends, in bytes, and whose it is. */
async function placeOf(db: Database, end: RawBuilder<unknown>): Promise<{ place: number | null; database: string }> {
  const { rows } = await sql<{ place: number | null; database: string }>`
    select pg_wal_lsn_diff(${end}, '0/0')::float8 as place,
      (select system_identifier from pg_control_system()) || ' ' ||
        (select oid from pg_database where datname = current_database()) as database`.execute(db);
  const [row] = rows;
  if (!row) throw new Error('a statement that gives one row gave none');
  return row;
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const timer = setTimeout(() => reject(new Error(`it does not answer within ${ms} ms`)), ms);
  work.then(resolve, reject);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}
