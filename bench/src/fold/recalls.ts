import type { Recall, Space } from '@anima/core';
import type { Measured } from '@anima/store/measured';
import type { Random } from '../random.ts';

/** Memories that one recall names, and so its pairs. */
export const recalled = 20;
export const pairsOfRecall = (recalled * (recalled - 1)) / 2;

/** Memories of one topic: recalls of a topic name some of these, so that pairs come again. */
const ofTopic = 50;

/** Topics of a space that are asked about, the first more often. */
const skew = 2;

const nothing = { similarity: 0, lexical: 0, conversation: 0, neighbourTurn: 0, resonance: 0 };
const breakdown = { similarity: null, lexical: 0, phi: 0, structuralWeight: 0, score: 0, terms: nothing };

/** A space and what can be recalled of it. */
export interface Recallable {
  readonly space: Space;
  readonly memoryIds: readonly string[];
}

/** What was recalled, and of which space. */
export type Recalls = readonly { readonly from: Recallable; readonly memoryIds: readonly string[] }[];

/** Spaces with memories, one on each shard as far as they go. */
export async function fillSpaces(
  { store }: Measured,
  names: readonly string[],
  memories: number,
): Promise<readonly Recallable[]> {
  const filled: Recallable[] = [];
  for (const name of names) {
    const space = await store.openSpace(name);
    const memoryIds: string[] = [];
    while (memoryIds.length < memories) {
      const contents = Array.from({ length: Math.min(500, memories - memoryIds.length) }, (_, index) => ({
        ...{ content: `${name} says ${memoryIds.length + index}`, category: null, tags: [], source: null },
        ...{ isCatalyst: false, conversationId: null, occurredAt: null, expiresAt: null },
      }));
      memoryIds.push(...(await store.add(space, contents)).map(({ memoryId }) => memoryId));
    }
    filled.push({ space, memoryIds });
  }
  return filled;
}

/** What a query about one topic returns. */
export function recallFrom({ memoryIds }: Recallable, random: Random): Recall {
  const topics = Math.max(1, Math.floor(memoryIds.length / ofTopic));
  const topic = Math.floor(topics * random() ** skew);
  const candidates = memoryIds.slice(topic * ofTopic, (topic + 1) * ofTopic);
  const chosen = new Set<string>();
  while (chosen.size < Math.min(recalled, candidates.length)) {
    const id = candidates[Math.floor(candidates.length * random())];
    if (id !== undefined) chosen.add(id);
  }
  const hits = [...chosen].map((memoryId) => ({ memoryId, version: 1, breakdown }));
  return { hits, conversationId: 'fold', profile: 'hybrid', statePosition: 0 };
}
