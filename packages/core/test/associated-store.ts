import type {
  Accesses,
  AssociationStore,
  CatalystStore,
  Connections,
  HubSearch,
  Neighbour,
  NeighbourSearch,
  Network,
  PairCount,
  Space,
} from '../src/index.ts';
import { InMemoryStore } from './in-memory-store.ts';

/** An in-memory store whose memories are associated as the test says. */
export class AssociatedStore extends InMemoryStore implements AssociationStore, CatalystStore {
  readonly neighbourSearches: { readonly memoryIds: readonly string[]; readonly search: NeighbourSearch }[] = [];
  readonly survivors = new Map<string, string>();
  accesses: readonly Accesses[] = [];
  marked: readonly string[] = [];
  #pairs: { readonly a: string; readonly b: string; readonly count: number }[] = [];

  associate(...pairs: readonly (readonly [a: string, b: string, count: number])[]): this {
    this.#pairs.push(...pairs.map(([a, b, count]) => ({ a, b, count })));
    return this;
  }

  async neighbours(_: Space, memoryIds: readonly string[], search: NeighbourSearch): Promise<readonly Neighbour[]> {
    this.neighbourSearches.push({ memoryIds, search });
    const { leastCount, perMemory, except = [] } = search;
    return memoryIds.flatMap((of) =>
      this.#of(of)
        .filter(({ memoryId, count }) => count >= leastCount && !except.includes(memoryId))
        .slice(0, perMemory),
    );
  }

  async connections(_: Space, memoryIds: readonly string[]): Promise<readonly Connections[]> {
    return memoryIds
      .map((memoryId) => ({ memoryId, counts: this.#of(memoryId).map(({ count }) => ({ count, pairs: 1 })) }))
      .filter(({ counts }) => counts.length > 0);
  }

  async hubs(space: Space, { limit, minConnections, exceptCatalysts }: HubSearch): Promise<readonly Connections[]> {
    const ids = [...this.memories.values()].filter(({ isCatalyst }) => !(exceptCatalysts && isCatalyst));
    const found = await this.connections(
      space,
      ids.map(({ id }) => id),
    );
    return found
      .filter(({ counts }) => counts.length >= minConnections)
      .toSorted((a, b) => b.counts.length - a.counts.length)
      .slice(0, limit);
  }

  async network(): Promise<Network> {
    const counts = this.#pairs.map(({ count }): PairCount => ({ count, pairs: 1 }));
    return { memories: new Set(this.#pairs.flatMap(({ a, b }) => [a, b])).size, counts };
  }

  async survivorOf(_: Space, memoryId: string): Promise<string | undefined> {
    return this.survivors.get(memoryId);
  }

  async catalysts(_: Space, limit: number): Promise<readonly string[]> {
    const catalysts = [...this.memories.values()].filter(({ isCatalyst }) => isCatalyst);
    return catalysts.slice(0, limit).map(({ id }) => id);
  }

  async recentAccesses() {
    return { since: '2026-01-01T00:00:00.000Z', accesses: this.accesses };
  }

  async memoriesWithWords(_: Space, __: readonly string[], limit: number): Promise<readonly string[]> {
    return this.marked.slice(0, limit);
  }

  #of(of: string): Neighbour[] {
    const lastAt = '2026-01-01T00:00:00.000Z';
    return this.#pairs
      .filter(({ a, b }) => a === of || b === of)
      .map(({ a, b, count }): Neighbour => ({ of, memoryId: a === of ? b : a, count, lastAt }))
      .toSorted((a, b) => b.count - a.count || (a.memoryId < b.memoryId ? -1 : 1));
  }
}
