import { createAnimaClient } from '@anima/client';
import { expect, type TestContext } from 'vitest';
import type { FaultRow } from '../../../../scripts/faults-table.ts';
import type { Sql, TestDatabase } from './databases.ts';
import { Fleet, type Role } from './fleet.ts';
import { type History, type MemoryCounts, readHistory } from './history.ts';
import { Ledger } from './ledger.ts';
import { type ModelServer, startModel } from './model-server.ts';
import { startNetwork } from './network.ts';
import { type Random, seededRandom, testSeed } from './random.ts';
import { embedded, expectVerified, folded, readMemories } from './settled.ts';
import { startWriters, type Writers, writtenSpaces } from './writers.ts';

declare module 'vitest' {
  interface TaskMeta {
    fault?: FaultRow;
  }
}

type Task = TestContext['task'];

interface Fault {
  readonly times: number;
  /** Makes it happen once. It resolves when that is over: from then on everything must mend by itself. */
  strike(writers: Writers, time: number): Promise<unknown>;
  /** Whether it strikes before anything was acknowledged. */
  readonly isFirst?: boolean;
  /** Whether no request may fail meanwhile, not even once; `urls` is where clients are sent, as a balancer does. */
  readonly unnoticedAt?: () => readonly string[];
}

interface TrialOptions {
  readonly engine: 'PGlite' | 'PostgreSQL' | 'Citus';
  readonly database: TestDatabase;
  readonly roles: readonly Role[];
  readonly settings?: Readonly<Record<string, string>>;
}

/** Processes on one database, and clients who write down what they were told: it is struck by one fault after the other. */
export class Trial implements AsyncDisposable {
  readonly random: Random;
  readonly database: TestDatabase;
  readonly model: ModelServer;
  readonly fleet: Fleet;
  /** Of its processes. */
  readonly settings: Readonly<Record<string, string>>;
  readonly #engine: TrialOptions['engine'];
  readonly #ledger = new Ledger();
  readonly #parts: AsyncDisposableStack;
  #seed = testSeed();

  private constructor(
    { engine, database }: TrialOptions,
    { fleet, model, settings }: Pick<Trial, 'fleet' | 'model' | 'settings'>,
    parts: AsyncDisposableStack,
  ) {
    this.#engine = engine;
    this.database = database;
    this.fleet = fleet;
    this.model = model;
    this.settings = settings;
    this.#parts = parts;
    this.random = seededRandom(this.#seed);
  }

  /** Starts the processes, and does not wait for them. */
  static async open(options: TrialOptions): Promise<Trial> {
    await using parts = new AsyncDisposableStack();
    parts.use(options.database);
    const model = parts.use(await startModel());
    const settings = { ...options.database.settings, ...model.settings, ...options.settings };
    const fleet = parts.use(new Fleet(settings, options.roles));
    return new Trial(options, { fleet, model, settings }, parts.move());
  }

  /** The first of the processes that answer. */
  get url(): string {
    const [url] = this.fleet.urls();
    if (url === undefined) throw new Error('nobody listens');
    return url;
  }

  /**
   * Lets a fault strike at random moments under load, and expects that everything acknowledged is there, that every
   * access is counted once, and that the log says the same.
   */
  async survive(task: Task, { times, strike, isFirst = false, unnoticedAt }: Fault): Promise<void> {
    const before = { acknowledged: this.#ledger.acknowledged, accesses: this.#ledger.accesses };
    const answeredAfterMs: number[] = [];
    const writers = startWriters({
      seed: this.#seed++,
      ledger: this.#ledger,
      urls: unnoticedAt ?? (() => this.fleet.urls()),
      areSpared: unnoticedAt !== undefined,
    });
    try {
      for (let time = 0; time < times; time += 1) {
        if (!isFirst) await writers.acknowledge(20 + Math.floor(20 * this.random()));
        await strike(writers, time);
        answeredAfterMs.push(Math.round(await writers.answered()));
      }
      await writers.acknowledge(20);
    } finally {
      // Who was not answered sends again, under the same key.
      await writers.stop();
    }
    const row = {
      ...{ fault: task.name, engine: this.#engine, times, answeredAfterMs },
      acknowledged: this.#ledger.acknowledged - before.acknowledged,
      accesses: this.#ledger.accesses - before.accesses,
    };
    await this.fleet.ready();
    await folded(this.url);
    const expected = this.#ledger.history();
    const found = await this.#history();
    task.meta.fault = { ...row, ...differences(expected, found) };
    expect(found).toEqual(this.#engine === 'PGlite' ? { memories: expected.memories } : expected);
    await expectVerified(this.url);
    expect(this.fleet.defects).toEqual([]);
  }

  /** Everything that is wrong by the server's own account. */
  async complaints(): Promise<readonly string[]> {
    const findings = await createAnimaClient({ url: this.url }).meta.doctor.query();
    return findings.filter(({ status }) => status !== 'ok').map(({ subject, message }) => `${subject}: ${message}`);
  }

  /** Changes the database behind the servers' backs. An embedded one they must let go of meanwhile. */
  async intervene<T>(change: (sql: Sql) => Promise<T>): Promise<T> {
    if (this.#engine !== 'PGlite') return this.database.read(change);
    await this.fleet.stop();
    const changed = await this.database.read(change);
    this.fleet.start();
    return changed;
  }

  /** Waits until every memory has its vector. Who is killed keeps what it was embedding from the others for half a minute. */
  embedded(): Promise<void> {
    return embedded(this.url);
  }

  /** Tells every process to stop, and expects the whole of the log to say what was acknowledged. */
  async end(): Promise<void> {
    await this.embedded();
    for (const { code, stdout, stderr } of await this.fleet.stop()) {
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      // Requests in flight were answered or refused: none met a defect.
      expect(stdout.split('\n').filter((line) => /"level":[56]0/.test(line))).toEqual([]);
    }
    expect(await this.database.read((sql) => readHistory(sql, writtenSpaces))).toEqual(this.#ledger.history());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts[Symbol.asyncDispose]();
  }

  /** An embedded database is its server's alone, which tells of memories what the log says of them. */
  async #history(): Promise<Partial<History> & Pick<History, 'memories'>> {
    if (this.#engine !== 'PGlite') return this.database.read((sql) => readHistory(sql, writtenSpaces));
    const memories: [string, MemoryCounts][] = [];
    for (const space of writtenSpaces) memories.push(...(await readMemories(this.url, space)));
    return { memories: new Map(memories) };
  }
}

/** Says in the table why a fault was not tried, and skips its test. */
export function skipFault({ task, skip }: TestContext, engine: TrialOptions['engine'], why: string): never {
  const nothing = { times: 0, acknowledged: 0, accesses: 0, lost: 0, miscounted: 0, answeredAfterMs: [] };
  task.meta.fault = { fault: task.name, engine, skipped: why, ...nothing };
  return skip(why);
}

/** By way of a network that may break. */
export async function proxied(database: TestDatabase) {
  const network = await startNetwork(database.settings.DATABASE_URL ?? '');
  return {
    network,
    database: {
      ...database,
      settings: { ...database.settings, DATABASE_URL: network.url },
      async [Symbol.asyncDispose]() {
        await network[Symbol.asyncDispose]();
        await database[Symbol.asyncDispose]();
      },
    } satisfies TestDatabase,
  };
}

/** What the clients were told, and the database does not say. */
function differences(expected: History, found: Partial<History> & Pick<History, 'memories'>) {
  const missing = (kind: 'memories' | 'recalls' | 'citations') => {
    const there = found[kind];
    return there ? [...expected[kind].keys()].filter((id) => !there.has(id)).length : 0;
  };
  const miscounted = [...found.memories].reduce(
    (sum, [id, { accessCount }]) => sum + Math.abs(accessCount - (expected.memories.get(id)?.accessCount ?? 0)),
    0,
  );
  return { lost: missing('memories') + missing('recalls') + missing('citations'), miscounted };
}
