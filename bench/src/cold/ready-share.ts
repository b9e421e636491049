import { z } from 'zod';
import { driveAtRate } from '../capacity/open-loop.ts';
import type { Turn } from '../mix/dialogue.ts';
import { fill } from '../mix/fill.ts';
import { settle } from '../settle.ts';
import type { Target } from '../target.ts';

/** Adds a second, and the share of them whose vector has to be there within the budget. */
export const steadyRate = 10;
export const neededReady = 0.99;

const added = z.object({ data: z.object({ embedding: z.enum(['ready', 'pending']) }) });

/** Adds at a steady rate with the server's own model: how many have their vector when they are answered. */
export async function measureReady(
  target: Target,
  {
    memories,
    seconds,
    nextTurn,
  }: { readonly memories: number; readonly seconds: number; readonly nextTurn: () => Turn },
) {
  const space = `cold-builtin-${Date.now().toString(36)}`;
  await fill(target, space, memories, nextTurn);
  let ready = 0;
  const send = async () => {
    const response = await fetch(`${target.url}/api/v1/memories/add`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ content: nextTurn().content, space }),
    });
    if (!response.ok) return `status ${response.status}`;
    if (added.parse(await response.json()).data.embedding === 'ready') ready += 1;
    return undefined;
  };
  // The model is opened, and its threads are, before anything counts.
  await driveAtRate(send, steadyRate, 3);
  ready = 0;
  const { latencies, errors } = await driveAtRate(send, steadyRate, seconds);
  await settle(target.client, 'embeddings', 'Embedding');
  return { share: latencies.count === 0 ? 0 : ready / latencies.count, latencies, errors };
}
