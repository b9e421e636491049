import {
  type BootstrapSelection,
  defaults,
  type EmbeddingModel,
  type Log,
  type NewMemory,
  type Search,
} from '@anima/core';
import { sql } from 'kysely';
import type { Database, Engine } from '../src/engine/engine.ts';
import { openPglite } from '../src/engine/pglite.ts';
import { openPostgres } from '../src/engine/postgres.ts';
import { openAppendLog } from '../src/log/append.ts';
import { Models } from '../src/models.ts';
import { readBootstrap } from '../src/reads/bootstrap.ts';
import { allowed, spaceCondition } from '../src/reads/filters.ts';
import { search } from '../src/reads/search.ts';
import { chooseTarget } from '../src/reads/search-target.ts';
import { VectorCounts } from '../src/reads/vector-counts.ts';
import { migrate } from '../src/schema/migrate.ts';
import { type OpenSpace, Spaces } from '../src/spaces.ts';
import { vectorLiteral } from '../src/vectors.ts';
import { appendMemories } from '../src/writes.ts';

export interface FloorsOptions {
  /** A PostgreSQL database of memories, or the folder of an embedded one. Nobody else may work on it. */
  readonly databaseUrl: string | undefined;
  readonly folder: string;
  /** The space that is read, and its model. */
  readonly space: string;
  readonly model: EmbeddingModel;
  /** A space that is appended to. */
  readonly writtenSpace: string;
  readonly questions: readonly string[];
  readonly nextContent: () => string;
}

/**
 * What the operations of a server stand on, each a statement that runs by itself: no HTTP, no model, no folding. They
 * go through the driver that Anima uses, and on PostgreSQL through a pool of the same size.
 */
export interface Floors extends AsyncDisposable {
  /** The nearest 20 by the HNSW index. */
  hnsw(): Promise<unknown>;
  /** The search of a query: both arms, bounded, its vectors by whichever way a server would choose. */
  hybrid(): Promise<unknown>;
  /** The append of an add: event, memory and first state, together with what else is waiting. */
  append(): Promise<unknown>;
  /** The statement of a bootstrap. */
  readBootstrap(): Promise<unknown>;
  select1(): Promise<unknown>;
}

/** Vectors that are searched for, in turns. */
const probes = 64;
/** Candidates that each arm of a query brings. */
const depth = 50;
const poolMax = 50;

const everyTier: BootstrapSelection = {
  ...{ limit: defaults.bootstrapMemories, activeLimit: undefined },
  include: { active: true, thread: true, stable: true },
};

const ignore = () => undefined;
const tell = (_: object, message: string) => void process.stderr.write(`${message}\n`);
const log: Log = { debug: ignore, info: ignore, warn: tell, error: tell };

export async function openFloors(options: FloorsOptions): Promise<Floors> {
  const { databaseUrl, folder } = options;
  const engine = databaseUrl
    ? await openPostgres({ databaseUrl, poolMax, worker: false, log })
    : await openPglite({ folder, worker: false, log });
  try {
    return await floorsOn(engine, options);
  } catch (error) {
    await engine.close();
    throw error;
  }
}

async function floorsOn(engine: Engine, options: FloorsOptions): Promise<Floors> {
  const { db } = engine;
  const registered = await migrate(engine, options.model);
  const { vectorsTable } = registered;
  const vectorColumn = engine.vectorType(registered.dimensions).column;
  const models = new Models(engine, registered);
  const spaces = new Spaces(db, models);
  const [space, written] = [await spaces.open(options.space), await spaces.open(options.writtenSpace)];
  const vectors = await sampleVectors(db, vectorsTable, space);
  const appends = openAppendLog(db, engine.batch, ignore);
  const counts = new VectorCounts(db, models);
  const size = { ...(await counts.of(space)), exactScanBound: engine.exactScanBound };
  const target = await chooseTarget(db, { vectorsTable, vectorColumn }, size, space, allowed(space, {}));
  let turn = 0;
  const nextSearch = (): Search => {
    turn += 1;
    const { questions } = options;
    const [text, vector] = [questions[turn % questions.length] ?? '', vectors[turn % vectors.length]];
    return { text, vector, filters: {}, depth, neighbours: false };
  };
  return {
    hnsw: () => {
      const { vector = new Float32Array() } = nextSearch();
      return sql`/* floor hnsw */ select memory_id from ${sql.table(vectorsTable)} v
        where ${spaceCondition(space)('v')}
        order by v.embedding <=> ${vectorLiteral(vector)}::${sql.raw(vectorColumn)} limit 20`.execute(db);
    },
    hybrid: () => search(db, target, space, nextSearch()),
    append: () => appendMemories(appends, written, [memoryOf(options.nextContent())], undefined),
    readBootstrap: () => readBootstrap(db, space, everyTier),
    select1: () => sql`/* floor select */ select 1`.execute(db),
    [Symbol.asyncDispose]: async () => {
      await appends.drain();
      await engine.close();
    },
  };
}

/** Of memories that the space has, spread over it: as near to others as those of questions are. */
async function sampleVectors(db: Database, table: string, { shard, id }: OpenSpace): Promise<Float32Array[]> {
  const { rows } = await sql<{ embedding: string }>`
    select embedding::text as embedding from ${sql.table(table)} where shard = ${shard} and space_id = ${id}
    order by md5(memory_id::text) limit ${probes}`.execute(db);
  if (rows.length === 0) throw new Error(`the space ${id} has no vectors to search among`);
  return rows.map(({ embedding }) => Float32Array.from(JSON.parse(embedding) as number[]));
}

function memoryOf(content: string): NewMemory {
  return {
    ...{ content, category: null, tags: [], source: null, isCatalyst: false },
    ...{ conversationId: null, occurredAt: null, expiresAt: null },
  };
}
