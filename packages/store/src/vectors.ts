import type { MemoryVectors, Space } from '@anima/core';
import { sql } from 'kysely';
import { type Database, type Engine, inTransaction } from './engine/engine.ts';
import { GroupCommit, KeyedGroups } from './log/group-commit.ts';
import type { Models } from './models.ts';
import { nameShards } from './shards.ts';

/**
 * A vector as pgvector reads it, each float exactly, in C's hexadecimal notation: reading 512 decimals
 * takes the embedded engine 1.3 ms, these 0.1 (`strtof` has no power of ten to multiply by).
 */
export function vectorLiteral(vector: Float32Array): string {
  return `[${Array.from(new Uint32Array(vector.buffer, vector.byteOffset, vector.length), hexadecimal).join(',')}]`;
}

/** An IEEE 754 single, given by its bits: sign, 8 bits of exponent, 23 of fraction. */
function hexadecimal(bits: number): string {
  const exponent = (bits >>> 23) & 0xff;
  const fraction = bits & 0x7f_ffff;
  const significand = exponent === 0 ? fraction : fraction | 0x80_0000;
  return `${bits >>> 31 ? '-' : ''}0x${significand.toString(16)}p${Math.max(1, exponent) - 150}`;
}

interface Entry {
  readonly space: Space;
  readonly table: string;
  readonly vectors: MemoryVectors;
  readonly weight: number;
  readonly exclusive: readonly string[];
}

/** Writes vectors, those of one model and of concurrent requests together, apart from the log's locks. */
export class VectorWriter {
  readonly #engine: Engine;
  readonly #models: Models;
  /** By the table of a model, and on many nodes by shard. */
  readonly #groups = new KeyedGroups<string, Entry, void>(() => this.#open());

  constructor(engine: Engine, models: Models) {
    this.#engine = engine;
    this.#models = models;
  }

  /** Stores vectors of the space's model; a version of a memory that has its vectors keeps them. */
  async save(space: Space, vectors: readonly MemoryVectors[]): Promise<void> {
    const { vectorsTable } = this.#models.of(space.model);
    const group = this.#groups.of(this.#engine.isDistributed ? `${vectorsTable} ${space.shard}` : vectorsTable);
    await Promise.all(
      vectors.map((entry) =>
        group.submit({
          space,
          table: vectorsTable,
          vectors: entry,
          weight: entry.chunks.length,
          exclusive: [`${space.id} ${entry.memoryId} ${entry.version}`],
        }),
      ),
    );
  }

  async drain(): Promise<void> {
    await this.#groups.drain();
  }

  #open(): GroupCommit<Entry, void> {
    const { db, batch, isDistributed } = this.#engine;
    return new GroupCommit<Entry, void>({
      commit: async (entries) => {
        // Where the rows come by way of the coordinator, only a transaction keeps what was locked for them.
        await (isDistributed ? inTransaction(db, (trx) => insertVectors(trx, entries)) : insertVectors(db, entries));
        return entries.map(() => undefined);
      },
      // Insert-only and idempotent, so a retry is safe whatever happened.
      isSafeToRetry: () => true,
      ...{ maxEntries: batch.vectors, maxWeight: batch.vectors, batchesAtOnce: batch.concurrentVectors },
    });
  }
}

async function insertVectors(db: Database, entries: readonly Entry[]): Promise<void> {
  const [first] = entries;
  if (!first) return;
  const rows = entries.flatMap(({ space, vectors: { memoryId, version, chunks } }) =>
    chunks.map((chunk, index) => ({
      shard: space.shard,
      space_id: space.id,
      memory_id: memoryId,
      version,
      chunk: index,
      embedding: vectorLiteral(chunk),
    })),
  );
  // Halves of a memory cannot be seen: its chunks go in by one statement. What was erased or replaced meanwhile
  // gets none; the lock makes an erasure wait, which then removes these too.
  const { note, inShard } = nameShards(entries.map(({ space }) => space.shard));
  await sql`/* save vectors */${note}
    insert into ${sql.table(first.table)} (shard, space_id, memory_id, version, chunk, embedding)
    select r.shard, r.space_id, r.memory_id, r.version, r.chunk, r.embedding::text::${sql.raw('vector')}
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as r(shard smallint, space_id text, memory_id uuid, version int, chunk smallint, embedding text)
    cross join lateral (
      select from memories m where ${inShard('m')}m.shard = r.shard and m.space_id = r.space_id and m.memory_id = r.memory_id
        and m.version = r.version and m.visibility <> 'erased' limit 1 for key share) m
    on conflict do nothing`.execute(db);
}
