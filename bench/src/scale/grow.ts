import { setTimeout as sleep } from 'node:timers/promises';
import type { Embedder } from '@anima/core';
import type { Corpus, Text } from '@anima/store/corpus';
import { type Measured, openMeasured } from '@anima/store/measured';
import { settleStore } from '../ablation/fill-store.ts';
import type { Place } from '../own-place.ts';
import { seededRandom } from '../random.ts';

export const scaleSpace = 'scale';

/** Memories in one append. */
const batchSize = 500;

const turnsOfConversation = 20;

const seed = 20_261_122;

/** The same memories for the same batch, whatever was made before. */
export function batchOf(corpus: Corpus, batch: number, size = batchSize): readonly Text[] {
  const random = seededRandom(seed + batch);
  return Array.from({ length: size }, () => corpus.memory(random));
}

interface GrowOptions {
  readonly place: Place;
  readonly embedder: Embedder;
  readonly corpus: Corpus;
  readonly size: number;
  readonly onProgress: (memories: number) => void;
}

export interface Grown {
  /** Memories that were there before. */
  readonly from: number;
  readonly growMs: number;
  readonly indexMs: number;
  readonly sizes: Sizes;
}

interface Sizes {
  readonly memories: number;
  readonly databaseBytes: number;
  readonly vectorIndexBytes: number;
  readonly indexBytes: number;
}

/**
 * Brings the space to a size by the appends that requests make, with vectors beside them; what is there stays. The
 * index of vectors is built when all are there: that takes a tenth of the time.
 */
export async function grow(options: GrowOptions): Promise<Grown> {
  const { place, embedder, size } = options;
  const openStore = () =>
    openMeasured({ ...place, poolMax: 20, worker: true, model: embedder.model, consolidates: false });
  const startedAt = performance.now();
  const growing = await openStore();
  let from: number;
  try {
    from = await countMemories(growing);
    if (from < size) await addUpTo(growing, options, from);
  } finally {
    await growing.close();
  }
  const growMs = performance.now() - startedAt;
  const grown = await openStore();
  try {
    const indexMs = performance.now() - startedAt - growMs;
    await grown.run('vacuum analyze');
    return { from, growMs, indexMs, sizes: await readSizes(grown) };
  } finally {
    await grown.close();
  }
}

/** Only those that were made here: what was added while it was measured does not count. */
async function countMemories({ store, run }: Measured): Promise<number> {
  const { shard, id } = await store.openSpace(scaleSpace);
  const [row] = await run<{ count: number }>(
    `select count(*)::int as count from memories where shard = $1 and space_id = $2 and source like 'batch %'`,
    [shard, id],
  );
  return row?.count ?? 0;
}

async function addUpTo(measured: Measured, { embedder, corpus, size, onProgress }: GrowOptions, from: number) {
  const { store, run, vectors } = measured;
  const space = await store.openSpace(scaleSpace);
  await run(`drop index if exists ${vectors.indexes.join(', ')}`);
  // One that broke off comes again: what of it is there is found by its content.
  for (let batch = Math.floor(from / batchSize); batch * batchSize < size; batch += 1) {
    const texts = batchOf(corpus, batch, Math.min(batchSize, size - batch * batchSize));
    const outcomes = await store.add(
      space,
      texts.map(({ content }, turn) => ({
        ...{ content, category: null, tags: [], source: `batch ${batch}`, isCatalyst: false },
        conversationId: `batch ${batch}, ${Math.floor(turn / turnsOfConversation)}`,
        ...{ occurredAt: null, expiresAt: null },
      })),
    );
    const entries = outcomes.flatMap(({ isNew, memoryId, version }, index) => {
      const text = texts[index];
      return isNew && text ? [{ memoryId, version, chunks: [corpus.vectorOf(text)] }] : [];
    });
    await store.saveVectors(space, entries);
    onProgress(batch * batchSize + texts.length);
  }
  await store.startWorkers(embedder);
  await settleStore(measured);
  store.requestEmbedding(space);
  await caughtUp(measured, space.shard);
}

/** Words are counted and vectors looked for behind the log, and no gauge shows how far. */
async function caughtUp({ run, vectors }: Measured, shard: number): Promise<void> {
  for (let left = 1; left > 0; ) {
    await sleep(250);
    const [row] = await run<{ left: number }>(
      `select max(h.position - c.position)::int as left from shard_heads h
       join fold_checkpoints c on c.shard = h.shard and c.projection in ('lexemes', $2) where h.shard = $1`,
      [shard, vectors.table],
    );
    left = row?.left ?? 0;
  }
}

async function readSizes({ store, run, vectors }: Measured): Promise<Sizes> {
  const { shard, id } = await store.openSpace(scaleSpace);
  const [row] = await run<Sizes>(
    `select (select count(*)::int from memories where shard = $1 and space_id = $2) as memories,
       pg_database_size(current_database())::float8 as "databaseBytes",
       (select sum(pg_relation_size(name::regclass))::float8 from unnest($3::text[]) name) as "vectorIndexBytes",
       (select sum(pg_relation_size(i.indexrelid))::float8 from pg_index i join pg_class c on c.oid = i.indexrelid
        where c.relnamespace = 'public'::regnamespace) as "indexBytes"`,
    [shard, id, vectors.indexes],
  );
  if (!row) throw new Error('the database does not say how large it is');
  return row;
}
