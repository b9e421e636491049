import { type AssociationEdge, edgesAmong, leastCount } from '../associations.ts';
import type { GraphInput } from '../inputs/associations.ts';
import type { Memory } from '../memory.ts';
import type { Neighbour } from '../ports/associations.ts';
import type { Space } from '../ports.ts';
import { type AssociationReads, liveMemories, liveMemory } from './live-memory.ts';

export interface GraphNode {
  readonly memory: Memory;
  /** How many associations away from where the graph begins, by the shortest way that was followed. */
  readonly depth: number;
}

export interface GraphResult {
  /** By depth, within it the strongest reached first. */
  readonly nodes: readonly GraphNode[];
  /** Every association that was followed and has both its ends among the nodes, once. */
  readonly edges: readonly AssociationEdge[];
  /** Whether a bound left out an association within the depth. */
  readonly truncated: boolean;
}

/**
 * The associations around a memory, breadth first and the strongest first. Each memory nearer than `depth` has
 * its strongest `perNode` followed; those at `depth` are shown and not followed.
 *
 * @throws AnimaError `NOT_FOUND` as `discoverAssociations` does, `OVERLOADED` when it takes too long
 */
export async function associationGraph(store: AssociationReads, input: GraphInput): Promise<GraphResult> {
  const space = await store.openSpace(input.space);
  const { id } = await liveMemory(store, space, input.memoryId);
  const { depths, followed, truncated } = await walk(store, space, id, input);
  const memories = await liveMemories(store, space, [...depths.keys()]);
  return {
    nodes: memories.map((memory) => ({ memory, depth: depths.get(memory.id) ?? 0 })),
    edges: edgesAmong(
      memories,
      followed.map(({ of, memoryId, count }) => ({ from: of, to: memoryId, count })),
    ),
    truncated,
  };
}

async function walk(
  store: AssociationReads,
  space: Space,
  start: string,
  { depth: deepest, maxNodes, perNode, minStrength }: GraphInput,
) {
  const depths = new Map([[start, 0]]);
  const followed = new Map<string, Neighbour>();
  let truncated = false;
  let frontier = [start];
  for (let depth = 1; depth <= deepest && frontier.length > 0; depth += 1) {
    // One more than is followed tells whether there are more.
    const search = { leastCount: leastCount(minStrength ?? 0), perMemory: perNode + 1 };
    const found = await store.neighbours(space, frontier, search);
    const strongest = [...Map.groupBy(found, ({ of }) => of).values()].flatMap((ofOne) => ofOne.slice(0, perNode));
    truncated ||= strongest.length < found.length;
    frontier = [];
    for (const { memoryId } of strongest.toSorted(byStrength)) {
      if (depths.has(memoryId)) continue;
      if (depths.size >= maxNodes) {
        truncated = true;
        continue;
      }
      depths.set(memoryId, depth);
      frontier.push(memoryId);
    }
    for (const edge of strongest) {
      const pair = [edge.of, edge.memoryId].toSorted().join(' ');
      if (depths.has(edge.memoryId) && !followed.has(pair)) followed.set(pair, edge);
    }
  }
  return { depths, followed: [...followed.values()], truncated };
}

/** The most often recalled together first; equals by their ids, so that an answer is always the same. */
export function byStrength(a: Neighbour, b: Neighbour): number {
  return b.count - a.count || (a.memoryId < b.memoryId ? -1 : Number(a.memoryId > b.memoryId));
}
