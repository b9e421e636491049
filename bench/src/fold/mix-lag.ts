import { setTimeout as sleep } from 'node:timers/promises';
import { dialogue, repeatedQueries } from '../mix/dialogue.ts';
import { fill } from '../mix/fill.ts';
import { runLoad } from '../mix/load.ts';
import { Recorder } from '../mix/recorder.ts';
import { pick, type Random, seededRandom } from '../random.ts';
import type { Target } from '../target.ts';

const sampleMs = 250;

interface MixLagOptions {
  readonly target: Target;
  readonly memories: number;
  readonly users: number;
  readonly durationMs: number;
  readonly seed: number;
}

export interface MixLag {
  /** [since the beginning in ms, events that were not folded, age of the oldest in ms]. */
  readonly samples: readonly (readonly [atMs: number, events: number, lagMs: number])[];
  readonly failed: number;
}

/** The lag of folding while users do the mix. */
export async function measureMixLag({ target, memories, users, durationMs, seed }: MixLagOptions): Promise<MixLag> {
  const space = `fold-mix-${seed}-${memories}`;
  const turns = dialogue(seededRandom(seed));
  const nextTurn = () => turns.next().value;
  await fill(target, space, memories, nextTurn);
  const recorder = new Recorder();
  const nextQuery = (random: Random) => pick(random, repeatedQueries);
  const load = runLoad(recorder, { baseUrl: target.url, space, users, durationMs, seed, nextTurn, nextQuery });
  const samples: [number, number, number][] = [];
  const startedAt = performance.now();
  while (performance.now() - startedAt < durationMs) {
    const { folds } = await target.client.meta.metrics.query();
    samples.push([performance.now() - startedAt, folds.lagEvents, folds.lagMs]);
    await sleep(sampleMs);
  }
  await load;
  return { samples, failed: recorder.results().reduce((sum, { errorCount }) => sum + errorCount, 0) };
}
