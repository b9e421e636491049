import { setTimeout as sleep } from 'node:timers/promises';
import { Latencies } from '../latencies.ts';
import type { Turn } from '../mix/dialogue.ts';
import type { Target } from '../target.ts';

/** Between two memories that are followed, ms. */
const paceMs = 250;
/** Until one is looked at again, ms, and as a share of its age: what waits for long must not be a load of its own. */
const lookMs = 50;
const lookShare = 0.1;
/** How long one is followed after the load, ms. */
const patienceMs = 60_000;

/**
 * Adds a memory now and then while `load` lasts, and follows each until a search by vector finds it.
 *
 * @returns from the request of an add until the memory had its vector, of those that had one by then
 */
export async function followAdded(
  { client }: Target,
  { space, nextTurn }: { readonly space: string; readonly nextTurn: () => Turn },
  load: Promise<unknown>,
): Promise<Latencies> {
  const latencies = new Latencies();
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
      const ageMs = performance.now() - addedAt;
      if (embedding === 'ready') return latencies.record(ageMs);
      if (performance.now() > until) return;
      await sleep(Math.max(lookMs, lookShare * ageMs));
    }
  };
  const followed: Promise<void>[] = [];
  while (!isOver) {
    followed.push(follow());
    await Promise.race([sleep(paceMs), over]);
  }
  await over;
  await Promise.all(followed);
  return latencies;
}
