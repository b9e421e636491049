import { AnimaError, noSuchMemory } from '../errors.ts';
import type { Memory } from '../memory.ts';
import type { AssociationStore } from '../ports/associations.ts';
import type { MemoryStore, Space } from '../ports.ts';

/** What reads of associations need: the associations, and the memories to show. */
export type AssociationReads = Pick<MemoryStore, 'openSpace' | 'readMemories'> & AssociationStore;

/**
 * The live memory of this id.
 *
 * @throws AnimaError `NOT_FOUND` where there is none; for a merged one its message names the survivor
 */
export async function liveMemory(store: AssociationReads, space: Space, memoryId: string): Promise<Memory> {
  const [memory] = await liveMemories(store, space, [memoryId]);
  if (memory) return memory;
  const survivor = await store.survivorOf(space, memoryId);
  if (survivor === undefined) throw noSuchMemory('memoryId', [memoryId], space.id);
  throw new AnimaError('NOT_FOUND', `memoryId: ${memoryId} was merged into ${survivor}: ask for that one`);
}

/** The live memories among `ids`, in the order of `ids`, as answers show them. */
export async function liveMemories(
  store: Pick<MemoryStore, 'readMemories'>,
  space: Space,
  ids: readonly string[],
): Promise<readonly Memory[]> {
  if (ids.length === 0) return [];
  const memories = await store.readMemories(space, ids);
  return memories.map(({ embedded: _, ...memory }) => memory);
}
