import { pairedResults, promotionThresholds, resonance } from '@anima/core';
import type { History, MemoryCounts } from './history.ts';
import type { KeyedRequest, Outcome } from './requests.ts';

interface Added {
  readonly space: string;
  readonly id: string;
  /** How many adds brought this content, and how many of them were told that it is new. */
  times: number;
  timesNew: number;
}

interface Recalled {
  readonly space: string;
  readonly memoryIds: readonly string[];
  readonly isInConversation: boolean;
  readonly cited: Set<string>;
}

/** The clients' own book: what was acknowledged, each request once. What the server says must equal it. */
export class Ledger {
  readonly #added = new Map<string, Added>();
  readonly #recalled = new Map<string, Recalled>();
  #requests = 0;
  #turns = 0;
  #citations = 0;

  get acknowledged(): number {
    return this.#requests;
  }

  /** Memories recalled, said again and cited. */
  get accesses(): number {
    const recalled = [...this.#recalled.values()].reduce(
      (sum, { memoryIds, cited }) => sum + memoryIds.length + cited.size,
      0,
    );
    return recalled + [...this.#added.values()].reduce((sum, { times }) => sum + times - 1, 0);
  }

  /** Enters a request with its outcome, once, when its first answer arrives. */
  enter(request: KeyedRequest, outcome: Outcome): void {
    this.#requests += 1;
    if (request.kind === 'add' && outcome.kind === 'add') this.#enterAdd(request, outcome);
    else if (request.kind === 'query' && outcome.kind === 'query') this.#enterQuery(request, outcome);
    else if (request.kind === 'cite' && outcome.kind === 'cite') this.#enterCitation(request, outcome);
    else throw new Error(`a ${request.kind} was answered as a ${outcome.kind}`);
  }

  #enterAdd({ space, contents, conversationId }: KeyedRequest & { kind: 'add' }, outcome: Outcome & { kind: 'add' }) {
    for (const [index, content] of contents.entries()) {
      const memory = outcome.memories[index];
      if (!memory) throw new Error('an add of many was answered for some');
      const key = `${space}\n${content}`;
      const added = this.#added.get(key) ?? { space, id: memory.id, times: 0, timesNew: 0 };
      if (added.id !== memory.id) throw new Error(`"${content}" became two memories: ${added.id} and ${memory.id}`);
      added.times += 1;
      if (!memory.isDuplicate) added.timesNew += 1;
      this.#added.set(key, added);
      if (conversationId !== undefined) this.#turns += 1;
    }
  }

  #enterQuery({ space, conversationId }: KeyedRequest & { kind: 'query' }, outcome: Outcome & { kind: 'query' }) {
    const { recallId, memoryIds } = outcome;
    if (this.#recalled.has(recallId)) throw new Error(`two queries share the recall ${recallId}`);
    this.#recalled.set(recallId, {
      space,
      memoryIds,
      isInConversation: conversationId !== undefined,
      cited: new Set(),
    });
  }

  #enterCitation({ recallId }: KeyedRequest & { kind: 'cite' }, { cited }: Outcome & { kind: 'cite' }) {
    const recalled = this.#recalled.get(recallId);
    for (const id of cited) {
      if (recalled?.cited.has(id)) throw new Error(`${id} was cited twice for the recall ${recallId}`);
      recalled?.cited.add(id);
    }
    if (cited.length > 0) this.#citations += 1;
  }

  /** Some recalls that returned something, the latest first. */
  recentRecalls(
    count: number,
  ): readonly { readonly recallId: string; readonly memoryIds: readonly string[]; readonly space: string }[] {
    return [...this.#recalled]
      .slice(-count)
      .filter(([, { memoryIds }]) => memoryIds.length > 0)
      .map(([recallId, { memoryIds, space }]) => ({ recallId, memoryIds, space }));
  }

  /** The state that each memory of a space must have. */
  memoriesOf(space: string): ReadonlyMap<string, MemoryCounts> {
    const accesses = new Map<string, number>();
    const citations = new Map<string, number>();
    const count = (counts: Map<string, number>, id: string, times = 1) => counts.set(id, (counts.get(id) ?? 0) + times);
    for (const recalled of this.#recalled.values()) {
      for (const id of recalled.memoryIds) count(accesses, id);
      for (const id of recalled.cited) count(citations, id);
    }
    const added = [...this.#added.values()].filter((each) => each.space === space);
    for (const { id, times, timesNew } of added) {
      if (timesNew !== 1) throw new Error(`${timesNew} adds were told that ${id} is new`);
      count(accesses, id, times - 1);
    }
    return new Map(
      added.map(({ id }) => {
        const accessCount = accesses.get(id) ?? 0;
        const strength = accessCount * resonance.access + (citations.get(id) ?? 0) * resonance.citation;
        const { stable, thread } = promotionThresholds;
        const tier = accessCount >= stable ? 'stable' : accessCount >= thread ? 'thread' : 'active';
        return [id, { accessCount, phi: Math.min(resonance.max, strength), tier }];
      }),
    );
  }

  /** The history that the database must tell. */
  history(): History {
    const added = [...this.#added.values()];
    const recalled = [...this.#recalled];
    const spaces = new Set(added.map(({ space }) => space));
    return {
      events: {
        added: added.length,
        duplicates: added.reduce((sum, { times }) => sum + times - 1, 0),
        queries: recalled.length,
        citations: this.#citations,
      },
      requests: this.#requests,
      turns: this.#turns,
      recalls: new Map(recalled.map(([id, { memoryIds }]) => [id, memoryIds])),
      citations: new Map(
        recalled.flatMap(([id, { cited }]) => (cited.size > 0 ? [[id, [...cited].toSorted()] as const] : [])),
      ),
      memories: new Map([...spaces].flatMap((space) => [...this.memoriesOf(space)])),
      pairs: countPairs(
        recalled.flatMap(([, { isInConversation, memoryIds }]) => (isInConversation ? [memoryIds] : [])),
      ),
    };
  }
}

/** How often each pair stands together in these lists, of which the first results count. */
export function countPairs(lists: readonly (readonly string[])[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const list of lists) {
    const ids = list.slice(0, pairedResults).toSorted();
    for (const [index, a] of ids.entries()) {
      for (const b of ids.slice(index + 1)) counts.set(`${a} ${b}`, (counts.get(`${a} ${b}`) ?? 0) + 1);
    }
  }
  return counts;
}
