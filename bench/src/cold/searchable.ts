import { setTimeout as sleep } from 'node:timers/promises';
import { Latencies } from '../latencies.ts';
import type { Turn } from '../mix/dialogue.ts';
import type { Target } from '../target.ts';

/** Between two memories that are followed, and between two looks at one, ms. */
const paceMs = 250;
const lookMs = 50;

export interface Searchable {
  /** From the request of an add until the memory had its vector. */
  readonly latencies: Latencies;
  /** Memories that did not have one when nobody waited any longer. */
  readonly missing: number;
}

/**
 * Adds a memory now and then while `load` lasts, and follows each until a search by vector finds it.
 *
 * @param patienceMs how long one is followed after the load
 */
export async function followAdded(
  { client }: Target,
  {
    space,
    nextTurn,
    patienceMs,
  }: { readonly space: string; readonly nextTurn: () => Turn; readonly patienceMs: number },
  load: Promise<unknown>,
): Promise<Searchable> {
  const latencies = new Latencies();
  let missing = 0;
  let isOver = false;
  let until = Number.POSITIVE_INFINITY;
  const over = load.finally(() => {
    isOver = true;
    until = performance.now() + patienceMs;
  });
  const follow = async () => {
    const addedAt = performance.now();
    const { memory } = await client.memories.add.mutate({ content: nextTurn().content, space });
    for (;;) {
      const { embedding } = await client.memories.get.query({ memoryId: memory.id, space });
      if (embedding === 'ready') return latencies.record(performance.now() - addedAt);
      if (performance.now() > until) {
        missing += 1;
        return;
      }
      await sleep(lookMs);
    }
  };
  const followed: Promise<void>[] = [];
  while (!isOver) {
    followed.push(follow());
    await Promise.race([sleep(paceMs), over]);
  }
  await over;
  await Promise.all(followed);
  return { latencies, missing };
}
