import { type StrengthSummary, summariseStrengths } from '../associations.ts';
import type { HubsInput, NetworkStatsInput } from '../inputs/associations.ts';
import type { Memory } from '../memory.ts';
import { type AssociationReads, liveMemories, liveMemory } from './live-memory.ts';

export interface Hub {
  readonly memory: Memory;
  /** How many memories it is associated with. */
  readonly connections: number;
  readonly meanStrength: number;
}

export interface HubsResult {
  /** The most connected first. */
  readonly hubs: readonly Hub[];
}

/** One memory's part of the network. */
export interface MemoryNetwork extends Omit<StrengthSummary, 'pairs'> {
  readonly memoryId: string;
  readonly connections: number;
}

export interface NetworkStats extends StrengthSummary {
  /** Memories that have an association. */
  readonly memories: number;
  /** The memory that was asked about. */
  readonly memory?: MemoryNetwork;
}

/**
 * The memories that are associated with the most others.
 *
 * @throws AnimaError `OVERLOADED` when the space has more pairs than can be counted in the time there is
 */
export async function associationHubs(store: AssociationReads, input: HubsInput): Promise<HubsResult> {
  const space = await store.openSpace(input.space);
  const found = await store.hubs(space, { limit: input.limit, minConnections: input.minConnections });
  const ids = found.map(({ memoryId }) => memoryId);
  const memories = new Map((await liveMemories(store, space, ids)).map((memory) => [memory.id, memory]));
  const hubs = found.flatMap(({ memoryId, counts }): Hub[] => {
    const memory = memories.get(memoryId);
    const { pairs: connections, meanStrength } = summariseStrengths(counts);
    return memory ? [{ memory, connections, meanStrength }] : [];
  });
  return { hubs };
}

/**
 * How a space is associated as a whole and, where one is named, how a memory of it is.
 *
 * @throws AnimaError `NOT_FOUND` for a memory that is not live, `OVERLOADED` as `associationHubs` does
 */
export async function networkStats(store: AssociationReads, input: NetworkStatsInput): Promise<NetworkStats> {
  const space = await store.openSpace(input.space);
  const memory = input.memoryId === undefined ? undefined : await liveMemory(store, space, input.memoryId);
  const [{ memories, counts }, [ofMemory]] = await Promise.all([
    store.network(space),
    memory ? store.connections(space, [memory.id]) : [],
  ]);
  const summary = { memories, ...summariseStrengths(counts) };
  if (!memory) return summary;
  const { pairs: connections, ...rest } = summariseStrengths(ofMemory?.counts ?? []);
  return { ...summary, memory: { memoryId: memory.id, connections, ...rest } };
}
