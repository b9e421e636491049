import type { PairCount } from '../associations.ts';
import type { Space } from '../ports.ts';

/** A memory associated with another. */
export interface Neighbour {
  /** The memory that was asked about. */
  readonly of: string;
  readonly memoryId: string;
  /** How often the two were recalled together. */
  readonly count: number;
  /** When they last were: ISO 8601, UTC. */
  readonly lastAt: string;
}

export interface NeighbourSearch {
  /** Pairs that occurred less often are left out. */
  readonly leastCount: number;
  /** How many neighbours of each memory, the strongest first. */
  readonly perMemory: number;
  /** Memories that do not count as neighbours. */
  readonly except?: readonly string[];
}

/** How a memory is associated with others. */
export interface Connections {
  readonly memoryId: string;
  /** How many of its pairs occurred how often. */
  readonly counts: readonly PairCount[];
}

export interface HubSearch {
  readonly limit: number;
  readonly minConnections: number;
  /** Whether memories that are catalysts already are left out. */
  readonly exceptCatalysts?: boolean;
}

/** All associations of a space. */
export interface Network {
  /** Memories that have an association. */
  readonly memories: number;
  readonly counts: readonly PairCount[];
}

/**
 * Reads of the associations. A merged memory is seen as its last survivor: what it was recalled with, the
 * survivor was, counts of pairs that thereby fall together add up, and pairs inside one group are none.
 * Only live memories are shown and counted.
 */
export interface AssociationStore {
  /** Neighbours of live memories: for each the most often recalled together first, then by id. */
  neighbours(space: Space, memoryIds: readonly string[], search: NeighbourSearch): Promise<readonly Neighbour[]>;
  /** How each of these live memories is associated; one without any association is left out. */
  connections(space: Space, memoryIds: readonly string[]): Promise<readonly Connections[]>;
  /**
   * The memories with the most associations, the most first.
   *
   * @throws AnimaError `OVERLOADED` when the space has more pairs than can be counted in the time there is
   */
  hubs(space: Space, search: HubSearch): Promise<readonly Connections[]>;
  /** @throws AnimaError `OVERLOADED` as `hubs` does */
  network(space: Space): Promise<Network>;
  /** The live memory that a merged one is part of by now; undefined when it was not merged. */
  survivorOf(space: Space, memoryId: string): Promise<string | undefined>;
}
