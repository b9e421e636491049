import { shardOf } from '@anima/core';
import { sql } from 'kysely';
import type { Engine } from '../src/engine/engine.ts';
import { openPostgres } from '../src/engine/postgres.ts';
import { migrate } from '../src/schema/migrate.ts';
import type { RegisteredModel } from '../src/schema/register-model.ts';
import { Corpus } from './corpus.ts';
import { createDatabase } from './database.ts';
import { type GraphResult, Measurement, type OnProgress, type PartResult, type SearchResult } from './measurement.ts';
import { dropVectorIndexes, type Planted, plant } from './plant.ts';

export type { Compared, GraphResult, PartResult, SearchResult } from './measurement.ts';

export interface SearchOptions {
  /** A PostgreSQL on which a database of its own is made, and dropped at the end. */
  readonly databaseUrl: string;
  readonly memories: number;
  readonly random: () => number;
  readonly onProgress: OnProgress;
}

/** Spaces of its shard beside the large one, by their size in its own: what they take from a graph that is mostly others'. */
const parts = [0.02, 0.05, 0.1, 0.2];

/** Spaces that are alone in their shards, by their size in the large one: what they gain by graphs of their own. */
const apart = [0.1, 0.5];

const large = 'search';

const model = { provider: 'bench', name: 'bag-of-words', dimensions: new Corpus(Math.random).dimensions };
const ignore = () => undefined;
const tell = (_: object, message: string) => void process.stderr.write(`${message}\n`);
const log = { debug: ignore, info: ignore, warn: tell, error: tell };

/** Plants a large space and measures what is done there against doing it exhaustively. */
export async function measureSearch(options: SearchOptions): Promise<SearchResult> {
  await using database = await createDatabase(options.databaseUrl, 'search');
  const engine = await openPostgres({ databaseUrl: database.url, poolMax: 20, worker: false, log });
  try {
    const { db } = engine;
    const registered = await migrate(engine, model);
    const corpus = new Corpus(options.random);
    await dropVectorIndexes(engine, registered);
    const space = (id: string, count: number) =>
      plant(db, registered, corpus, { id, count }, (done) => options.onProgress(`Planting ${id}`, done, count));
    const planted = await space(large, options.memories);
    const alone: Planted[] = [];
    for (const share of apart) {
      const name = named(`apart ${share}`, (shard) => shard !== shardOf(large));
      alone.push(await space(name, Math.round(share * options.memories)));
    }
    options.onProgress('Indexing', 0, 1);
    await migrate(engine, model);
    await sql`vacuum analyze`.execute(db);
    options.onProgress('Indexing', 1, 1);
    const { column } = engine.vectorType(model.dimensions);
    const target = { vectorsTable: registered.vectorsTable, vectorColumn: column, exact: false };
    const measurementOf = (of: Planted) =>
      new Measurement({ db, planted: of, corpus, random: options.random, target, onProgress: options.onProgress });
    const measured = measurementOf(planted);
    const whole = {
      structural: await measured.structural(),
      filters: await measured.filters(engine.exactScanBound),
      words: await measured.words(),
    };
    const beside: Planted[] = [];
    for (const share of parts) {
      const name = named(`part ${share}`, (shard) => shard === shardOf(large));
      beside.push(await space(name, Math.round(share * options.memories)));
    }
    await sql`vacuum analyze`.execute(db);
    const ofIndex = [planted, ...beside].reduce((sum, { memories }) => sum + memories.length, 0);
    const compared: PartResult[] = [];
    for (const part of beside) compared.push(await measurementOf(part).arms(ofIndex, engine.exactScanBound));
    const ofAll = alone.reduce((sum, { memories }) => sum + memories.length, ofIndex);
    const oneGraph = await makeOneGraph(engine, registered, options.onProgress);
    const graphs: GraphResult[] = [];
    for (const each of alone) graphs.push(await measurementOf(each).graphs(oneGraph, ofAll, engine.exactScanBound));
    return { ...whole, parts: compared, graphs };
  } finally {
    await engine.close();
  }
}

/** A name whose shard is one of those that are wanted. */
function named(purpose: string, isWanted: (shard: number) => boolean): string {
  const names = Array.from({ length: 2_000 }, (_, index) => `${purpose}, ${index}`);
  const found = names.find((name) => isWanted(shardOf(name)));
  if (found === undefined) throw new Error(`no name of "${purpose}" has such a shard`);
  return found;
}

/** The same vectors again, in a table that has one graph for all shards. */
async function makeOneGraph(
  { db, vectorType, hnswOptions }: Engine,
  { vectorsTable, dimensions }: RegisteredModel,
  onProgress: OnProgress,
): Promise<string> {
  const copy = `${vectorsTable}_of_one_graph`;
  onProgress('Indexing all in one graph', 0, 1);
  for (const statement of [
    `create table ${copy} (like ${vectorsTable} including storage including statistics)`,
    `insert into ${copy} select * from ${vectorsTable}`,
    `alter table ${copy} add primary key (shard, space_id, memory_id, version, chunk)`,
    `create index on ${copy} using hnsw (embedding ${vectorType(dimensions).operatorClass}) ${hnswOptions}`,
    `vacuum analyze ${copy}`,
  ]) {
    await sql.raw(statement).execute(db);
  }
  onProgress('Indexing all in one graph', 1, 1);
  return copy;
}
