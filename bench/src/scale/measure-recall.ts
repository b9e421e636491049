import type { Corpus } from '@anima/store/corpus';
import { openMeasured } from '@anima/store/measured';
import { median } from '../median.ts';
import type { Place } from '../own-place.ts';
import { seededRandom } from '../random.ts';
import { batchOf, scaleSpace } from './grow.ts';

/** How many neighbours the graph is asked to keep in view: pgvector's default, Anima's, and more. */
const views = [40, 100, 200, 400] as const;

const questions = 30;
const nearest = 20;

/** What the graph finds of the nearest 20, looked at with more and less care. */
interface RecallAtSize {
  /** `hnsw.ef_search`. */
  readonly view: number;
  /** Mean share of the true nearest among those that were found. */
  readonly recall: number;
  /** Median of a statement, ms. */
  readonly ms: number;
}

export interface Recalls {
  readonly byView: readonly RecallAtSize[];
  /** Comparing every vector, median, ms. */
  readonly exactMs: number;
}

interface RecallOptions {
  readonly place: Place;
  readonly model: Parameters<typeof openMeasured>[0]['model'];
  readonly corpus: Corpus;
  /** Batches that are there, to ask about. */
  readonly batches: number;
  readonly seed: number;
}

/** The vector arm by itself against comparing every vector of the space, question by question in turns. */
export async function measureRecall({ place, model, corpus, batches, seed }: RecallOptions): Promise<Recalls> {
  // Of one connection, whose settings are those of the next statement.
  const measured = await openMeasured({ ...place, poolMax: 1, worker: false, model });
  const { store, run, vectors } = measured;
  try {
    const { shard, id } = await store.openSpace(scaleSpace);
    const random = seededRandom(seed);
    const exact: number[] = [];
    const found = views.map((view) => ({ view, recalls: [] as number[], times: [] as number[] }));
    const search = async (vector: string) => {
      const startedAt = performance.now();
      const rows = await run<{ memoryId: string }>(
        `select memory_id as "memoryId" from ${vectors.table} where shard = $1 and space_id = $2
         order by embedding <=> $3::${vectors.column} limit ${nearest}`,
        [shard, id, vector],
      );
      return { ms: performance.now() - startedAt, ids: new Set(rows.map(({ memoryId }) => memoryId)) };
    };
    for (let question = 0; question < questions; question += 1) {
      const [memory] = batchOf(corpus, Math.floor(batches * random()), 1);
      if (!memory) throw new Error('there is nothing to ask about');
      const vector = vectors.literal(corpus.vectorOf(corpus.questionAbout(memory, random)));
      await run('set enable_indexscan = off');
      const truth = await search(vector);
      await run('set enable_indexscan = on');
      exact.push(truth.ms);
      for (const { view, recalls, times } of found) {
        await run(`set hnsw.ef_search = ${view}`);
        // The first reads into memory what it needs, and is not counted: what is told is the work, not the disk.
        await search(vector);
        const { ms, ids } = await search(vector);
        times.push(ms);
        recalls.push([...truth.ids].filter((memoryId) => ids.has(memoryId)).length / truth.ids.size);
      }
    }
    const byView = found.map(({ view, recalls, times }) => ({
      ...{ view, ms: median(times) },
      recall: recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length,
    }));
    return { byView, exactMs: median(exact) };
  } finally {
    await measured.close();
  }
}
