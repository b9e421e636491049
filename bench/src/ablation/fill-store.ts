import { drain } from '@anima/client/node/drain';
import { startProgress } from '@anima/client/node/progress';
import { addMany, addManyInput, type Embedder, query, queryInput } from '@anima/core';
import type { Measured } from '@anima/store/measured';
import { dialogue, questions } from '../mix/dialogue.ts';
import { seededRandom } from '../random.ts';

const batchSize = 100;

interface FillOptions {
  readonly embedder: Embedder;
  readonly space: string;
  readonly memories: number;
  /** Queries asked before it is measured, so that tiers and pairs are as after some use. */
  readonly queries: number;
  readonly seed: number;
}

/** Gives a space of a store, whose workers run, memories and a life. */
export async function fillStore(measured: Measured, { embedder, space, ...options }: FillOptions): Promise<void> {
  const { store, run } = measured;
  const { memories: count, queries, seed } = options;
  const bar = startProgress('Filling', count + queries);
  const turns = dialogue(seededRandom(seed));
  for (let filled = 0; filled < count; filled += batchSize) {
    const memories = Array.from({ length: Math.min(batchSize, count - filled) }, () => turns.next().value);
    await addMany({ store, embedder, addEmbedBudgetMs: 0 }, addManyInput.parse({ memories, space }));
    bar.update(filled, `${filled} memories`);
  }
  await settleStore(measured);
  await run('analyze');
  const asked = questions(seededRandom(seed));
  const dependencies = {
    store,
    embedder,
    queryEmbedBudgetMs: 5_000,
    similarityThreshold: 0,
    ranking: 'hybrid' as const,
  };
  for (let turn = 0; turn < queries; turn += 1) {
    const conversationId = `life ${turn % 20}`;
    await query(dependencies, queryInput.parse({ query: asked.next().value, conversationId, space }));
    bar.update(count + turn, `${turn} queries`);
  }
  await settleStore(measured);
  bar.stop();
  await run('analyze');
}

/** @throws Error when work in the background stands still */
export async function settleStore({ store }: Pick<Measured, 'store'>): Promise<void> {
  const read = async () => {
    const { folds, pendingEmbeddings } = await store.gauges();
    return folds.lagEvents + pendingEmbeddings;
  };
  const left = await drain(read);
  if (left > 0) throw new Error(`work in the background stands still: ${left} are left`);
}
