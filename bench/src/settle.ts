import type { AnimaClient } from '@anima/client';
import { drain } from '@anima/client/node/drain';
import { startProgress } from '@anima/client/node/progress';

const gauges = {
  embeddings: (metrics: Metrics) => metrics.embeddings.pending,
  folds: (metrics: Metrics) => metrics.folds.lagEvents,
} as const;

type Metrics = Awaited<ReturnType<AnimaClient['meta']['metrics']['query']>>;

/**
 * Waits until the server's background work of one kind is done.
 *
 * @returns how long that took, ms
 * @throws Error when it stands still: what would be measured then is something else
 */
export async function settle(client: AnimaClient, work: keyof typeof gauges, label: string): Promise<number> {
  const startedAt = performance.now();
  const read = async () => gauges[work](await client.meta.metrics.query());
  const total = await read();
  if (total === 0) return performance.now() - startedAt;
  const bar = startProgress(label, total);
  try {
    const left = await drain(read, { onReading: (now) => bar.update(Math.max(0, total - now), `${now} to go`) });
    if (left > 0) throw new Error(`${label}: ${left} are left and none gets done`);
  } finally {
    bar.stop();
  }
  return performance.now() - startedAt;
}
