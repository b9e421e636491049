import { sql } from 'kysely';
import { openPostgres } from '../src/engine/postgres.ts';
import { migrate } from '../src/schema/migrate.ts';
import { Corpus } from './corpus.ts';
import { createDatabase } from './database.ts';
import { Measurement, type OnProgress, type SearchResult } from './measurement.ts';
import { plant } from './plant.ts';

export type { Compared, SearchResult } from './measurement.ts';

export interface SearchOptions {
  /** A PostgreSQL on which a database of its own is made, and dropped at the end. */
  readonly databaseUrl: string;
  readonly memories: number;
  readonly random: () => number;
  readonly onProgress: OnProgress;
}

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
    await sql.raw(`drop index ${registered.vectorsTable}_hnsw`).execute(db);
    const planted = await plant(db, registered, corpus, options.memories, (done) =>
      options.onProgress('Planting', done, options.memories),
    );
    options.onProgress('Indexing', 0, 1);
    await migrate(engine, model);
    await sql`vacuum analyze`.execute(db);
    options.onProgress('Indexing', 1, 1);
    const { column } = engine.vectorType(model.dimensions);
    const measured = new Measurement({
      ...{ db, planted, corpus, random: options.random, onProgress: options.onProgress },
      target: { vectorsTable: registered.vectorsTable, vectorColumn: column, exact: false },
    });
    return {
      structural: await measured.structural(),
      filters: await measured.filters(engine.exactScanBound),
      words: await measured.words(),
    };
  } finally {
    await engine.close();
  }
}
