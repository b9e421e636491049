import { associationStrength, leastCount } from '../associations.ts';
import type { DiscoverInput } from '../inputs/associations.ts';
import type { Memory } from '../memory.ts';
import { type AssociationReads, liveMemories, liveMemory } from './live-memory.ts';

/** A memory that was recalled together with another. */
export interface Association {
  readonly memory: Memory;
  /** 0–1: log10(1 + count) / 10. */
  readonly strength: number;
  /** How often the two were recalled together. */
  readonly count: number;
  /** When they last were: ISO 8601, UTC. */
  readonly lastAt: string;
}

export interface DiscoverResult {
  readonly memoryId: string;
  /** The strongest first. */
  readonly associations: readonly Association[];
}

/**
 * What a memory is associated with.
 *
 * @throws AnimaError `NOT_FOUND` for a memory that is not live; of a merged one the message names the survivor
 */
export async function discoverAssociations(store: AssociationReads, input: DiscoverInput): Promise<DiscoverResult> {
  const space = await store.openSpace(input.space);
  const { id } = await liveMemory(store, space, input.memoryId);
  const search = { leastCount: leastCount(input.minStrength ?? 0), perMemory: input.limit };
  const neighbours = await store.neighbours(space, [id], search);
  const ids = neighbours.map(({ memoryId }) => memoryId);
  const memories = new Map((await liveMemories(store, space, ids)).map((memory) => [memory.id, memory]));
  return {
    memoryId: id,
    associations: neighbours.flatMap(({ memoryId, count, lastAt }) => {
      const memory = memories.get(memoryId);
      return memory ? [{ memory, strength: associationStrength(count), count, lastAt }] : [];
    }),
  };
}
