import {
  type AddOutcome,
  AnimaError,
  type AsOf,
  type Bootstrap,
  type BootstrapSelection,
  type Candidate,
  type Found,
  type Memory,
  type MemoryStore,
  type MemoryVectors,
  type Moment,
  type NewMemory,
  type PastCandidate,
  type PastState,
  type PastStore,
  type RankingProfile,
  type Recall,
  type RecordedRecall,
  type RequestKey,
  type Search,
  type Space,
  type SpaceSettings,
  type SpaceSettingsChanges,
  type StoredEntry,
  type StoredMemory,
  type StructuralSearch,
} from '../src/index.ts';

const model = { provider: 'test', name: 'test', dimensions: 2 };

/** A store of arrays and maps: what the use cases do with their ports, without a database. */
export class InMemoryStore implements MemoryStore, PastStore {
  readonly memories = new Map<string, StoredMemory>();
  readonly entries = new Map<string, StoredEntry>();
  readonly recalls: {
    readonly recallId: string;
    readonly ids: readonly string[];
    readonly conversationId: string | null;
    readonly profile: RankingProfile;
  }[] = [];
  readonly cited: string[] = [];
  readonly requests: (RequestKey | undefined)[] = [];
  readonly searches: Search[] = [];
  readonly structuralSearches: StructuralSearch[] = [];
  settings: SpaceSettings = {};
  readonly selections: BootstrapSelection[] = [];
  readonly embeddingRequests: string[] = [];

  /** What a search finds, instead of every memory by its one matching word. */
  candidates: readonly Candidate[] | undefined;
  /** What every append and recall fails with. */
  appendError: AnimaError | undefined;
  #firstRecalls = new Map<string, RecordedRecall>();

  openSpace(name: string): Promise<Space> {
    return Promise.resolve({ id: name, shard: 0, settings: this.settings, model });
  }

  async configure(_: Space, changes: SpaceSettingsChanges): Promise<SpaceSettings> {
    const open = Object.entries({ ...this.settings, ...changes }).filter(([, value]) => value !== null);
    this.settings = Object.fromEntries(open) as SpaceSettings;
    return this.settings;
  }

  async add(_: Space, memories: readonly NewMemory[], request?: RequestKey): Promise<readonly AddOutcome[]> {
    this.requests.push(request);
    if (this.appendError) throw this.appendError;
    return memories.map((memory): AddOutcome => {
      const known = [...this.memories.values()].find(({ content }) => content === memory.content);
      if (known) return { memoryId: known.id, version: 1, isNew: false };
      const id = `m${this.memories.size + 1}`;
      const added = storedMemory(id, memory);
      this.memories.set(id, { ...added, embedded: false });
      return { memoryId: id, version: 1, isNew: true, memory: added };
    });
  }

  async search(_: Space, search: Search): Promise<Found> {
    this.searches.push(search);
    return { candidates: this.#found(search), statePosition: 7 };
  }

  #found(search: Search): readonly Candidate[] {
    if (this.candidates) return this.candidates;
    return [...this.memories.values()]
      .filter(({ content }) => search.text.split(' ').some((word) => content.includes(word)))
      .map(({ id }) => candidate(id, { lexical: 0.1, similarity: search.vector ? 0.5 : null }));
  }

  async searchStructural(_: Space, search: StructuralSearch): Promise<Found> {
    this.structuralSearches.push(search);
    return { candidates: this.candidates ?? [], statePosition: 7 };
  }

  async findMoment(_: Space, asOf: AsOf): Promise<Moment> {
    return { position: typeof asOf === 'number' ? asOf : 1, at: '2026-01-01T00:00:00.000Z' };
  }

  async searchThen(_: Space, search: Search): Promise<readonly PastCandidate[]> {
    this.searches.push(search);
    return this.#found(search).map(asThen);
  }

  async searchStructuralThen(_: Space, search: StructuralSearch): Promise<readonly PastCandidate[]> {
    this.structuralSearches.push(search);
    return (this.candidates ?? []).map(asThen);
  }

  async readThen(_: Space, states: ReadonlyMap<string, PastState>): Promise<readonly Memory[]> {
    return [...states].flatMap(([id, { tier, accessCount }]) => {
      const memory = this.memories.get(id);
      if (!memory) return [];
      const { embedded: _embedded, ...rest } = memory;
      return [{ ...rest, tier, accessCount }];
    });
  }

  bootstrapThen(space: Space, selection: BootstrapSelection): Promise<Bootstrap> {
    return this.bootstrap(space, selection);
  }

  /** Those that are not live, as the test has them. */
  async readEntries(_: Space, ids: readonly string[]): Promise<readonly StoredEntry[]> {
    return ids.flatMap((id) => this.entries.get(id) ?? []);
  }

  async readMemories(_: Space, ids: readonly string[]): Promise<readonly StoredMemory[]> {
    return ids.flatMap((id) => this.memories.get(id) ?? []);
  }

  async recordRecall(_: Space, recall: Recall, request?: RequestKey): Promise<RecordedRecall> {
    this.requests.push(request);
    if (this.appendError) throw this.appendError;
    const first = request && this.#firstRecalls.get(request.key);
    if (first) return first;
    const recorded = { recallId: `r${this.recalls.length + 1}`, hits: recall.hits };
    this.recalls.push({
      recallId: recorded.recallId,
      ids: recall.hits.map(({ memoryId }) => memoryId),
      conversationId: recall.conversationId,
      profile: recall.profile,
    });
    if (request) this.#firstRecalls.set(request.key, recorded);
    return recorded;
  }

  async bootstrap(_: Space, selection: BootstrapSelection): Promise<Bootstrap> {
    this.selections.push(selection);
    const of = (tier: string) => [...this.memories.values()].filter((memory) => memory.tier === tier);
    return {
      memories: { active: of('active'), thread: of('thread'), stable: of('stable') },
      cut: { active: 1, thread: 2, stable: 3 },
    };
  }

  async cite(_: Space, recallId: string, memoryIds: readonly string[], request?: RequestKey) {
    this.requests.push(request);
    if (!this.recalls.some((recall) => recall.recallId === recallId))
      throw new AnimaError('NOT_FOUND', 'no such recall');
    this.cited.push(...memoryIds);
    return { cited: memoryIds };
  }

  async saveVectors(_: Space, vectors: readonly MemoryVectors[]): Promise<void> {
    for (const { memoryId } of vectors) {
      const memory = this.memories.get(memoryId);
      if (memory) this.memories.set(memoryId, { ...memory, embedded: true });
    }
  }

  requestEmbedding(space: Space): void {
    this.embeddingRequests.push(space.id);
  }
}

function asThen(found: Candidate): PastCandidate {
  const { tier, accessCount, phi } = found;
  return { ...found, past: { tier, accessCount, phi, isCatalyst: false, lastAccessed: 0, visibility: 'live' } };
}

export function candidate(memoryId: string, known: Partial<Candidate> = {}): Candidate {
  return {
    memoryId,
    version: 1,
    conversationId: null,
    neighbours: [],
    similarity: null,
    lexical: 0,
    phi: 0,
    accessCount: 0,
    tier: 'active',
    ...known,
  };
}

export function storedMemory(
  id: string,
  { content, category, tags, source, isCatalyst, occurredAt }: NewMemory,
): Memory {
  const now = '2026-01-01T00:00:00.000Z';
  return {
    id,
    content,
    contentHash: `hash of ${content}`,
    version: 1,
    tier: 'active',
    category,
    tags,
    source,
    accessCount: 0,
    lastAccessed: now,
    resonancePhi: isCatalyst ? 1 : 0,
    isCatalyst,
    occurredAt,
    createdAt: now,
    updatedAt: now,
  };
}
