import {
  type AsOf,
  bootstrap,
  bootstrapInput,
  type Embedder,
  historyInput,
  historyOf,
  type Log,
  query,
  queryInput,
} from '@anima/core';
import { sql } from 'kysely';
import { type Database, type Engine, inTransaction } from '../src/engine/engine.ts';
import { openPglite } from '../src/engine/pglite.ts';
import { openPostgres } from '../src/engine/postgres.ts';
import { type Store, storeOn } from '../src/open-store.ts';
import { shardsDueForSnapshot, takeSnapshot } from '../src/past/snapshots.ts';
import { foldNextBatch } from '../src/projections/fold-shard.ts';
import { projectionRules } from '../src/projections/rules.ts';
import { migrate } from '../src/schema/migrate.ts';
import type { RegisteredModel } from '../src/schema/register-model.ts';
import { Corpus } from './corpus.ts';
import { createDatabase } from './database.ts';
import { median } from './median.ts';
import { dropVectorIndexes, type Planted, plant } from './plant.ts';

export interface PastOptions {
  /** A PostgreSQL on which a database of its own is made; without one, an embedded one in memory is measured. */
  readonly databaseUrl: string | undefined;
  readonly memories: number;
  /** Recalls after the memories were added. */
  readonly events: number;
  readonly random: () => number;
  readonly onProgress: (label: string, done: number, total: number) => void;
}

/** Medians of alternating runs, ms. */
interface Cost {
  readonly name: string;
  readonly query: number;
  readonly bootstrap: number;
}

export interface PastResult {
  readonly engine: Engine['kind'];
  /** The first is the plain one, of now. */
  readonly costs: readonly Cost[];
  /** Of one page of 50 of the memory that is named most, from either end and from the middle, and of a seldom named one. */
  readonly history: readonly { readonly name: string; readonly named: number; readonly ms: number }[];
  readonly snapshots: {
    readonly taken: number;
    readonly medianMs: number;
    readonly bytes: number;
    /** Of the log with its indexes. */
    readonly logBytes: number;
  };
}

const model = { provider: 'bench', name: 'bag-of-words', dimensions: new Corpus(Math.random).dimensions };
const ignore = () => undefined;
const tell = (_: object, message: string) => void process.stderr.write(`${message}\n`);
const log: Log = { debug: ignore, info: ignore, warn: tell, error: tell };

/** Recalls that are written at once, and the memories that each names at most. */
const recallsAtOnce = 2_500;
const recalled = 20;

/** Memories forgotten for each 10,000 events. */
const forgottenAtOnce = 20;

/** Runs of which the median is taken. */
const runs = 15;

/** Gives a space a long past, and measures what it costs to ask about it against asking about now. */
export async function measurePast(options: PastOptions): Promise<PastResult> {
  await using database = options.databaseUrl ? await createDatabase(options.databaseUrl, 'past') : undefined;
  const engine = database
    ? await openPostgres({ databaseUrl: database.url, poolMax: 20, worker: false, log })
    : await openPglite({ folder: undefined, worker: false, log });
  const corpus = new Corpus(options.random);
  const store = await storeOn(engine, { model, log });
  try {
    const registered = await migrate(engine, model);
    const planted = await plantMemories(engine, registered, corpus, options);
    const snapshotMs = await live(engine, store, planted, options);
    await sql`analyze`.execute(engine.db);
    return {
      engine: engine.kind,
      costs: await measureCosts(engine.db, store, planted, corpus, options),
      history: await measureHistory(engine.db, store, planted),
      snapshots: { taken: snapshotMs.length, medianMs: median(snapshotMs), ...(await measureSizes(engine.db)) },
    };
  } finally {
    await store.close();
  }
}

async function plantMemories(
  engine: Engine,
  registered: RegisteredModel,
  corpus: Corpus,
  { memories, onProgress }: PastOptions,
): Promise<Planted> {
  const { db } = engine;
  await dropVectorIndexes(engine, registered);
  const planted = await plant(db, registered, corpus, { id: 'past', count: memories }, (done) =>
    onProgress('Planting', done, memories),
  );
  await migrate(engine, model);
  const { shard, id } = planted.space;
  await inTransaction(db, async (trx) => {
    await sql`update memory_state set tier = 0, phi = 0 where shard = ${shard}`.execute(trx);
    await sql`insert into events (shard, position, space_id, id, type, schema_version, memory_ids, payload, recorded_at)
      select shard, row_number() over (order by created_at, memory_id), space_id, gen_random_uuid(), 'memory.added', 1,
        array[memory_id], '{"catalyst": false}', created_at
      from memories where shard = ${shard} and space_id = ${id}`.execute(trx);
    await sql`update shard_heads set position = ${memories}, recorded_at = now() where shard = ${shard}`.execute(trx);
  });
  return planted;
}

/** Recalls, forgets, folds and copies states as a server does; how long the copies took, ms. */
async function live(engine: Engine, store: Store, planted: Planted, options: PastOptions): Promise<number[]> {
  const { db } = engine;
  const { space, memories } = planted;
  const snapshotMs: number[] = [];
  const foldAndCopy = async () => {
    while ((await foldNextBatch(db, projectionRules.memory_state, space.shard, engine.batch.fold)).events > 0) {
      for (const shard of await shardsDueForSnapshot(db)) {
        const startedAt = performance.now();
        await takeSnapshot(db, shard);
        snapshotMs.push(performance.now() - startedAt);
      }
    }
  };
  await foldAndCopy();
  for (let done = 0; done < options.events; done += recallsAtOnce) {
    await appendRecalls(db, planted, recallsAtOnce);
    if (done % 10_000 === 0) {
      const from = (done / 10_000) * forgottenAtOnce;
      const ids = memories.slice(from, from + forgottenAtOnce).map(({ memoryId }) => memoryId);
      await store.forget(space, ids);
    }
    await foldAndCopy();
    options.onProgress('Living', done + recallsAtOnce, options.events);
  }
  return snapshotMs;
}

/** Recalls of memories of which a few are recalled all the time and most now and then. */
async function appendRecalls(db: Database, { space, memories }: Planted, count: number): Promise<void> {
  const { shard, id } = space;
  await inTransaction(db, async (trx) => {
    await sql`
      -- An aggregate without a column of its own query would be the outer one's.
      with ids as materialized (
        select array_agg(memory_id order by memory_id) as ids from memories where shard = ${shard} and space_id = ${id}),
      recalls as (
        select r.n, (
          select array_agg(distinct ids.ids[1 + floor(${memories.length}::int * power(random(), 3))::int + 0 * k])
          from generate_series(r.n, r.n + ${recalled - 1}::int) k) as ids
        from ids, generate_series(1, ${count}::int) as r(n))
      insert into events (shard, position, space_id, id, type, schema_version, memory_ids, payload, recorded_at)
      select h.shard, h.position + r.n, ${id}::text, gen_random_uuid(), 'memory.accessed', 1, r.ids,
        '{"via": "query", "profile": "hybrid"}', clock_timestamp()
      from recalls r, shard_heads h where h.shard = ${shard}`.execute(trx);
    await sql`update shard_heads set position = position + ${count}, recorded_at = clock_timestamp() where shard = ${shard}`.execute(
      trx,
    );
  });
}

async function measureCosts(
  db: Database,
  store: Store,
  { space, memories }: Planted,
  corpus: Corpus,
  { events, random, onProgress }: PastOptions,
): Promise<readonly Cost[]> {
  const head = await headOf(db, space.shard);
  const moments: readonly (readonly [string, AsOf | undefined])[] = [
    ['now, as always', undefined],
    ['as of the last event', head],
    ...[10_000, 100_000].flatMap((ago) => (ago <= events ? [[`${ago} events ago`, head - ago] as const] : [])),
  ];
  const times = moments.map(() => ({ query: [] as number[], bootstrap: [] as number[] }));
  for (let run = 0; run <= runs; run += 1) {
    const memory = memories[Math.floor(memories.length * random())];
    if (!memory) throw new Error('nothing was planted');
    const question = corpus.questionAbout(memory);
    const embedder = { embedQuery: async () => corpus.vectorOf(question) } as unknown as Embedder;
    const dependencies = {
      store,
      embedder,
      queryEmbedBudgetMs: 1_000,
      similarityThreshold: 0,
      ranking: 'hybrid' as const,
    };
    for (const [index, [, asOf]] of moments.entries()) {
      const record = asOf === undefined ? false : undefined;
      const asked = queryInput.parse({ query: question.content, record, asOf, space: space.id });
      const queryMs = await timed(() => query(dependencies, asked));
      const bootstrapMs = await timed(() => bootstrap({ store }, bootstrapInput.parse({ asOf, space: space.id })));
      // The first run warms up.
      if (run > 0) times[index]?.query.push(queryMs);
      if (run > 0) times[index]?.bootstrap.push(bootstrapMs);
    }
    onProgress('Asking', run, runs);
  }
  return moments.map(([name], index) => ({
    name,
    query: median(times[index]?.query ?? []),
    bootstrap: median(times[index]?.bootstrap ?? []),
  }));
}

async function measureHistory(db: Database, store: Store, { space }: Planted): Promise<PastResult['history']> {
  const head = await headOf(db, space.shard);
  const ranked = await sql<{ id: string; named: number }>`
    select memory_id as id, access_count + 1 as named from memory_state
    where shard = ${space.shard} order by access_count desc`.execute(db);
  const most = ranked.rows.at(0);
  const seldom = ranked.rows.at(-1);
  if (!most || !seldom) throw new Error('nothing was planted');
  const pages = [
    { name: 'most named, oldest first', memory: most, more: {} },
    { name: 'most named, newest first', memory: most, more: { descending: true } },
    { name: 'most named, from the middle', memory: most, more: { cursor: `after-${Math.floor(head / 2)}` } },
    { name: 'seldom named', memory: seldom, more: {} },
  ];
  const measured: PastResult['history'][number][] = [];
  for (const { name, memory, more } of pages) {
    const times: number[] = [];
    for (let run = 0; run <= runs; run += 1) {
      const input = historyInput.parse({ memoryId: memory.id, space: space.id, ...more });
      const ms = await timed(() => historyOf(store, input));
      if (run > 0) times.push(ms);
    }
    measured.push({ name, named: memory.named, ms: median(times) });
  }
  return measured;
}

async function measureSizes(db: Database): Promise<{ readonly bytes: number; readonly logBytes: number }> {
  const { rows } = await sql<{ bytes: number; logBytes: number }>`
    select pg_total_relation_size('state_snapshots')::float8 as bytes, pg_total_relation_size('events')::float8 as "logBytes"`.execute(
    db,
  );
  return rows[0] ?? { bytes: 0, logBytes: 0 };
}

async function headOf(db: Database, shard: number): Promise<number> {
  const { rows } = await sql<{ position: number }>`select position from shard_heads where shard = ${shard}`.execute(db);
  return rows[0]?.position ?? 0;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
