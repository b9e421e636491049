import { startProgress } from '@anima/client/node/progress';
import { settle } from '../settle.ts';
import type { Target } from '../target.ts';
import type { Turn } from './dialogue.ts';

/** Memories a request. */
const batchSize = 100;

/**
 * Gives a space its first memories, and waits until they are embedded. Done before with the same texts
 * (within a day, as long as request keys live), it finds them there.
 */
export async function fill({ client }: Target, space: string, count: number, nextTurn: () => Turn): Promise<void> {
  const bar = startProgress('Filling', count);
  for (let filled = 0; filled < count; ) {
    const memories = Array.from({ length: Math.min(batchSize, count - filled) }, nextTurn);
    await client.memories.addMany.mutate({ memories, space, idempotencyKey: `fill ${filled}` });
    filled += memories.length;
    bar.update(filled, `${filled} memories`);
  }
  bar.stop();
  await settle(client, 'embeddings', 'Embedding');
}
