import { setTimeout as sleep } from 'node:timers/promises';
import type { Embedder } from '@anima/core';
import { type Measured, openMeasured } from '@anima/store/measured';
import type { Place } from '../own-place.ts';
import type { Random } from '../random.ts';
import { upsertPairs } from './pair-floor.ts';
import { type Recallable, type Recalls, recallFrom } from './recalls.ts';

const pollMs = 50;

/** A backlog takes seconds. */
const longestMs = 600_000;

export interface DrainOptions {
  readonly place: Place;
  readonly embedder: Embedder;
  readonly filled: readonly Recallable[];
  /** In a round. */
  readonly recalls: number;
  readonly rounds: number;
  readonly random: Random;
  readonly onRound: () => void;
}

/** Recalls that were folded in a second, and as many by the bare upsert of their pairs; a value a round. */
export interface DrainRates {
  readonly spaces: number;
  readonly folded: readonly number[];
  readonly bare: readonly number[];
}

/** Lets recalls pile up and times how they are folded, in turns with the bare upsert of the same pairs. */
export async function measureDrain(options: DrainOptions): Promise<DrainRates> {
  const { place, embedder, filled, recalls, random } = options;
  const rates = { spaces: filled.length, folded: [] as number[], bare: [] as number[] };
  for (let round = 0; round < options.rounds; round += 1) {
    // Workers cannot be held back, so each round has a store that starts them when all is there.
    const measured = await openMeasured({ ...place, poolMax: 20, worker: true, model: embedder.model });
    try {
      const asked = await recallAll(measured, filled, recalls, random);
      rates.folded.push(await foldedPerSecond(measured, embedder));
      rates.bare.push((1_000 * recalls) / (await upsertPairs(measured, asked)));
    } finally {
      await measured.close();
    }
    options.onRound();
  }
  return rates;
}

export async function recallAll(
  { store }: Measured,
  filled: readonly Recallable[],
  count: number,
  random: Random,
): Promise<Recalls> {
  const atOnce = 100;
  const recalls: Recalls[number][] = [];
  while (recalls.length < count) {
    const next = Array.from({ length: Math.min(atOnce, count - recalls.length) }, (_, index) => {
      const from = filled[(recalls.length + index) % filled.length];
      if (!from) throw new Error('there is no space');
      return { from, recall: recallFrom(from, random) };
    });
    await Promise.all(next.map(({ from: { space }, recall }) => store.recordRecall(space, recall)));
    for (const { from, recall } of next) recalls.push({ from, memoryIds: recall.hits.map(({ memoryId }) => memoryId) });
  }
  return recalls;
}

/** Recalls a second, from the first sign that workers fold: that they start is no part of it. */
async function foldedPerSecond({ store, run }: Measured, embedder: Embedder): Promise<number> {
  await run('analyze');
  const total = (await store.gauges()).folds.lagEvents;
  const startedAt = performance.now();
  let begun: { readonly at: number; readonly left: number } | undefined;
  await store.startWorkers(embedder);
  for (;;) {
    const left = (await store.gauges()).folds.lagEvents;
    const now = performance.now();
    if (left === 0) return (1_000 * (begun?.left ?? total)) / (now - (begun?.at ?? startedAt));
    if (left < total) begun ??= { at: now, left };
    if (now - startedAt > longestMs) throw new Error('folding stands still');
    await sleep(pollMs);
  }
}
