import type { AnimaClient } from '../index.ts';

/**
 * Replays the whole log beside what the server believes.
 *
 * @returns events that were replayed, and in how many places the two differ: 0 when nothing was lost or counted twice
 */
export async function verifyProjections(
  client: AnimaClient,
): Promise<{ readonly events: number; readonly differences: number }> {
  let [events, differences] = [0, 0];
  for await (const step of await client.projections.rebuild.mutate({ verify: true })) {
    if (step.type === 'progress') events = Math.max(events, step.progress.total);
    else differences += step.report.differenceCount;
  }
  return { events, differences };
}
