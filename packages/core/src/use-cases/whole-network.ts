import { type AssociationEdge, edgesAmong, leastCount } from '../associations.ts';
import type { NetworkInput } from '../inputs/network.ts';
import { excerptLength, type Memory } from '../memory.ts';
import type { AssociatedPair, NetworkStore } from '../ports/network.ts';
import type { MemoryStore } from '../ports.ts';
import { liveMemories } from './live-memory.ts';

/** Associations that are drawn for each memory, on average: more are not told apart. */
const edgesPerNode = 4;

/** A memory as a picture of many shows it. */
export interface NetworkNode extends Pick<Memory, 'id' | 'tier' | 'category' | 'resonancePhi' | 'isCatalyst'> {
  /** How its content begins. */
  readonly excerpt: string;
}

export interface NetworkResult {
  readonly nodes: readonly NetworkNode[];
  /** The strongest first. */
  readonly edges: readonly AssociationEdge[];
  /** Whether a bound left out an association that is strong enough. */
  readonly truncated: boolean;
}

/**
 * The network of a space: its strongest associations, as many as have their ends among `maxNodes` memories.
 *
 * @throws AnimaError `OVERLOADED` when the space has more pairs than can be read in the time there is
 */
export async function wholeNetwork(
  store: Pick<MemoryStore, 'openSpace' | 'readMemories'> & NetworkStore,
  { space: name, minStrength, maxNodes }: NetworkInput,
): Promise<NetworkResult> {
  const space = await store.openSpace(name);
  const most = maxNodes * edgesPerNode;
  // One more than is shown tells whether there are more.
  const found = await store.strongestPairs(space, { leastCount: leastCount(minStrength ?? 0), limit: most + 1 });
  const { pairs, ids } = within(maxNodes, found.slice(0, most));
  const memories = await liveMemories(store, space, [...ids]);
  return {
    nodes: memories.map(toNode),
    edges: edgesAmong(
      memories,
      pairs.map(({ a, b, count }) => ({ from: a, to: b, count })),
    ),
    truncated: pairs.length < found.length,
  };
}

/** Pair by pair, the strongest first, those that need no more memories than there may be. */
function within(maxNodes: number, found: readonly AssociatedPair[]) {
  const ids = new Set<string>();
  const pairs = found.filter(({ a, b }) => {
    const more = Number(!ids.has(a)) + Number(!ids.has(b));
    if (ids.size + more > maxNodes) return false;
    ids.add(a).add(b);
    return true;
  });
  return { pairs, ids };
}

function toNode({ id, tier, category, resonancePhi, isCatalyst, content }: Memory): NetworkNode {
  return { id, tier, category, resonancePhi, isCatalyst, excerpt: content.slice(0, excerptLength) };
}
