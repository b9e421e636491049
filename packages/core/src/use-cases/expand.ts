import { associationStrength, pairedResults } from '../associations.ts';
import type { Memory } from '../memory.ts';
import type { AssociationStore, Neighbour } from '../ports/associations.ts';
import type { MemoryStore, Space } from '../ports.ts';
import { byStrength } from './association-graph.ts';
import { liveMemories } from './live-memory.ts';

/** A memory that is associated with a result of a query and is none itself. */
export interface AssociatedMemory {
  readonly memory: Memory;
  /** Of its strongest association with a result, 0–1. */
  readonly strength: number;
  /** The result that it is associated with. */
  readonly via: string;
  readonly count: number;
}

/** How many of the best results are expanded: those whose recall associates them. */
const expandedResults = pairedResults;

/** What is associated with the first results of a query and not among them, the strongest first. */
export async function associatedWith(
  store: Pick<MemoryStore, 'readMemories'> & Pick<AssociationStore, 'neighbours'>,
  space: Space,
  results: readonly string[],
  limit: number,
): Promise<readonly AssociatedMemory[]> {
  if (results.length === 0) return [];
  const search = { leastCount: 1, perMemory: limit, except: results };
  const found = await store.neighbours(space, results.slice(0, expandedResults), search);
  const rank = new Map(results.map((id, index) => [id, index]));
  const byRank = found.toSorted((a, b) => (rank.get(a.of) ?? 0) - (rank.get(b.of) ?? 0));
  // Sorting is stable: of equally strong ways to a memory, the one by the best result comes first.
  const strongest = new Map<string, Neighbour>();
  for (const each of byRank.toSorted(byStrength)) {
    if (!strongest.has(each.memoryId)) strongest.set(each.memoryId, each);
  }
  const memories = await liveMemories(store, space, [...strongest.keys()].slice(0, limit));
  return memories.flatMap((memory) => {
    const each = strongest.get(memory.id);
    return each ? [{ memory, strength: associationStrength(each.count), via: each.of, count: each.count }] : [];
  });
}
