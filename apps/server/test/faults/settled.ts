import { createAnimaClient } from '@anima/client';
import { drain } from '@anima/client/node/drain';
import { expect } from 'vitest';
import type { MemoryCounts } from './history.ts';

/** Waits until every event is folded. */
export async function folded(url: string): Promise<void> {
  const { meta } = createAnimaClient({ url });
  const left = await drain(async () => (await meta.metrics.query()).folds.lagEvents, { patienceMs: 90_000 });
  expect(left, 'events that nobody folds').toBe(0);
}

/** Waits until every memory has its vector. */
export async function embedded(url: string): Promise<void> {
  const { meta } = createAnimaClient({ url });
  const left = await drain(async () => (await meta.metrics.query()).embeddings.pending, { patienceMs: 90_000 });
  expect(left, 'memories that nobody embeds').toBe(0);
}

/** Replays the log and expects the very rows that are there. */
export async function expectVerified(url: string): Promise<void> {
  const steps = await createAnimaClient({ url }).projections.rebuild.mutate({ verify: true });
  const reports: unknown[] = [];
  for await (const step of steps) if (step.type === 'report') reports.push(step.report);
  expect(reports).toEqual([
    expect.objectContaining({ projection: 'memory_state', differenceCount: 0, differences: [], applied: false }),
    expect.objectContaining({ projection: 'associations', differenceCount: 0, differences: [], applied: false }),
  ]);
}

/** All memories of a space, as its bootstrap shows them. */
export async function readMemories(url: string, space: string): Promise<ReadonlyMap<string, MemoryCounts>> {
  const everything = { space, limit: 200, activeLimit: 1_000 };
  const { memories, cut } = await createAnimaClient({ url }).memories.bootstrap.query(everything);
  expect(cut, 'memories that a bootstrap has no room for').toEqual({ active: 0, thread: 0, stable: 0 });
  return new Map(
    Object.values(memories)
      .flat()
      .map(({ id, accessCount, resonancePhi, tier }) => [
        id,
        { accessCount, phi: Math.round(1_000 * resonancePhi), tier },
      ]),
  );
}
