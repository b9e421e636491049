import type { EmbeddingModel, Log } from '@anima/core';
import { CompiledQuery } from 'kysely';
import type { Engine } from '../src/engine/engine.ts';
import { openPglite } from '../src/engine/pglite.ts';
import { openPostgres } from '../src/engine/postgres.ts';
import { type Store, storeOn } from '../src/open-store.ts';
import { migrate } from '../src/schema/migrate.ts';
import { vectorIndexes } from '../src/schema/vector-indexes.ts';
import { vectorLiteral } from '../src/vectors.ts';

export interface MeasuredOptions {
  /** A PostgreSQL; without one the embedded engine is opened. */
  readonly databaseUrl: string | undefined;
  /** Folder of the embedded engine; undefined keeps everything in memory. */
  readonly folder?: string | undefined;
  readonly poolMax: number;
  /** Whether workers will run in this process. */
  readonly worker: boolean;
  readonly model: EmbeddingModel;
  /** Whether workers merge near-duplicates; default true. */
  readonly consolidates?: boolean;
}

/** A store with its database laid open: for floors, for the old ways, for a look at sizes. */
export interface Measured {
  readonly store: Store;
  readonly kind: Engine['kind'];
  readonly vectors: {
    readonly table: string;
    /** Names of their graphs. */
    readonly indexes: readonly string[];
    /** Type of the column, as a parameter is cast to it. */
    readonly column: string;
    /** A vector as a parameter. */
    literal(vector: Float32Array): string;
  };
  /** Runs one statement with `$1` parameters on a connection of the pool, planned each time. */
  run<Row = unknown>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** Closes the store, and with it the database. */
  close(): Promise<void>;
}

const ignore = () => undefined;
const tell = (_: object, message: string) => void process.stderr.write(`${message}\n`);
/** Tells of what goes wrong, and of nothing else. */
export const quietLog: Log = { debug: ignore, info: ignore, warn: tell, error: tell };

export async function openMeasured(options: MeasuredOptions): Promise<Measured> {
  const { databaseUrl, folder, poolMax, worker, model, consolidates } = options;
  const engine = databaseUrl
    ? await openPostgres({ databaseUrl, poolMax, worker, log: quietLog })
    : await openPglite({ folder, worker, log: quietLog });
  try {
    const registered = await migrate(engine, model);
    const store = await storeOn(engine, { model, log: quietLog, erasuresFolder: folder, consolidates });
    return {
      store,
      kind: engine.kind,
      vectors: {
        table: registered.vectorsTable,
        indexes: vectorIndexes(engine, registered).map(({ name }) => name),
        column: engine.vectorType(model.dimensions).column,
        literal: vectorLiteral,
      },
      run: async <Row>(text: string, values: readonly unknown[] = []) =>
        (await engine.db.executeQuery<Row>(CompiledQuery.raw(text, [...values]))).rows,
      close: () => store.close(),
    };
  } catch (error) {
    await engine.close();
    throw error;
  }
}
