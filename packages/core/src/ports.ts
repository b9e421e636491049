import type { TierCounts } from './bootstrap-quota.ts';
import type { Candidate } from './candidate.ts';
import type { Memory, ScoreBreakdown } from './memory.ts';
import type { RankingProfile, SpaceSettings, SpaceSettingsChanges } from './space-settings.ts';
import type { Tier } from './tiers.ts';

/** An isolation boundary and the shard that its rows live on. */
export interface Space {
  readonly id: string;
  readonly shard: number;
  /** As they were a few seconds ago, or as this process changed them since. */
  readonly settings: SpaceSettings;
  /** The one that its vectors are of. */
  readonly model: EmbeddingModel;
}

/** A sentence model. Two are the same only when all three fields are. */
export interface EmbeddingModel {
  readonly provider: string;
  readonly name: string;
  readonly dimensions: number;
}

/**
 * Turns text into unit vectors of the space's model. Every method is cached per space, model and text, and
 * concurrent misses of one text share one call.
 */
export interface Embedder {
  /** The model of new spaces. */
  readonly model: EmbeddingModel;
  /**
   * The vector of a query.
   *
   * @param signal withdraws the text if no call for it has begun
   * @throws AnimaError `UNAVAILABLE` when the model cannot be opened, does not answer or answers nonsense
   */
  embedQuery(space: Space, text: string, signal?: AbortSignal): Promise<Float32Array>;
  /**
   * For each text, the vectors of its chunks in order: one for most, more for what the model cannot take
   * whole. Without a signal nobody waits for them: they are embedded when nothing else is.
   */
  embedContents(space: Space, texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[][]>;
  /** Drops every vector of the space that this process keeps in memory: some of them are of what was erased. */
  forget(space: Space): void;
}

/**
 * Vectors of queries by the space's model, for the time after a restart: a cache, which may forget. Texts are named by
 * their SHA-256 in hexadecimal.
 */
export interface QueryVectors {
  /** The vector that was kept for a text of the space; rejects when it cannot be looked up. */
  read(space: Space, textHash: string): Promise<Float32Array | undefined>;
  /** Returns at once and never throws; the vector is written later, or not at all. */
  keep(space: Space, textHash: string, vector: Float32Array): void;
  /** Drops those of a space, some of which are of what was erased: where erasing does not see to it by itself. */
  forget?(space: Space): void;
}

/** A memory as `add` brings it. */
export interface NewMemory {
  readonly content: string;
  readonly category: string | null;
  readonly tags: readonly string[];
  readonly source: string | null;
  readonly isCatalyst: boolean;
  /** The client's own conversation id. */
  readonly conversationId: string | null;
  readonly occurredAt: string | null;
  /** From then on it is not found any more. */
  readonly expiresAt: string | null;
}

/** A request that must take effect once: the client's key and what a retry has to repeat. */
export interface RequestKey {
  readonly key: string;
  readonly operation: string;
  /** Compared by its canonical JSON; another body under the same key is a `CONFLICT`. */
  readonly body: unknown;
}

/** What an add did: made a memory, which is as shown here, or recorded an access of the one that has this content. */
export type AddOutcome =
  | { readonly isNew: true; readonly memoryId: string; readonly version: number; readonly memory: Memory }
  | { readonly isNew: false; readonly memoryId: string; readonly version: number };

export interface RecallHit {
  readonly memoryId: string;
  readonly version: number;
  readonly breakdown: ScoreBreakdown;
  /** The tier that this recall will raise it to, where it does. */
  readonly toTier?: Tier;
}

/** What a query recalled. */
export interface Recall {
  readonly hits: readonly RecallHit[];
  readonly conversationId: string | null;
  readonly profile: RankingProfile;
  /** Up to where the states it saw were folded. */
  readonly statePosition: number;
}

/** A recall as the log has it: the first one's hits when the request was a retry. */
export interface RecordedRecall {
  readonly recallId: string;
  readonly hits: readonly RecallHit[];
}

/** Which memories a query may find: those that meet every condition given. */
export interface Filters {
  readonly tiers?: readonly Tier[] | undefined;
  readonly category?: string | undefined;
  /** All of these. */
  readonly tags?: readonly string[] | undefined;
  /** When it happened, or where that is unknown when it was added: ISO 8601, both ends included. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** What both arms of a query look for. */
export interface Search {
  readonly text: string;
  /** Absent when the model did not answer in time: then the lexical arm answers alone. */
  readonly vector: Float32Array | undefined;
  readonly filters: Filters;
  /** How many candidates each arm brings. */
  readonly depth: number;
  /** Whether to look up the turns around each candidate. */
  readonly neighbours: boolean;
}

/** What a search found. */
export interface Found {
  readonly candidates: readonly Candidate[];
  /** Up to where in the log of the space's shard the states were folded that it saw. */
  readonly statePosition: number;
}

/** A search by structural weight. */
export interface StructuralSearch {
  readonly vector: Float32Array;
  readonly filters: Filters;
  readonly similarityThreshold: number;
  readonly limit: number;
}

export interface BootstrapSelection {
  readonly limit: number;
  readonly activeLimit: number | undefined;
  readonly include: { readonly active: boolean; readonly thread: boolean; readonly stable: boolean };
}

export interface Bootstrap {
  readonly memories: {
    readonly active: readonly Memory[];
    readonly thread: readonly Memory[];
    readonly stable: readonly Memory[];
  };
  /** How many of each tier were left out. Counting stops at 100: that number means "at least". */
  readonly cut: TierCounts;
}

/** Vectors of one version of one memory, one for each chunk. */
export interface MemoryVectors {
  readonly memoryId: string;
  readonly version: number;
  readonly chunks: readonly Float32Array[];
}

/** A memory with whether its vector is there. */
export interface StoredMemory extends Memory {
  readonly embedded: boolean;
}

/**
 * Where memories live. Methods that append return only once the event is durable, and reject with an
 * `AnimaError`: `CONFLICT` for a reused key, `OVERLOADED` or `UNAVAILABLE` when the database cannot
 * take the write now.
 */
export interface MemoryStore {
  /** The space of this name, created on first use. */
  openSpace(name: string): Promise<Space>;
  /** Appends all memories or none. Outcomes are in the order of `memories`. */
  add(space: Space, memories: readonly NewMemory[], request?: RequestKey): Promise<readonly AddOutcome[]>;
  /** Changes the settings of a space, as an event of its log: those that are named; null leaves one open again. */
  configure(space: Space, changes: SpaceSettingsChanges, request?: RequestKey): Promise<SpaceSettings>;
  /** Candidates of both arms, each with both scores, in no order. */
  search(space: Space, search: Search): Promise<Found>;
  /** Those of the highest structural weight, in no order; their `lexical` is 0. */
  searchStructural(space: Space, search: StructuralSearch): Promise<Found>;
  /** The live memories among `ids`, in the order of `ids`. */
  readMemories(space: Space, ids: readonly string[]): Promise<readonly StoredMemory[]>;
  /** Appends the one event of a query. */
  recordRecall(space: Space, recall: Recall, request?: RequestKey): Promise<RecordedRecall>;
  bootstrap(space: Space, selection: BootstrapSelection): Promise<Bootstrap>;
  /**
   * Appends what of `memoryIds` was not yet cited for this recall.
   *
   * @throws AnimaError `NOT_FOUND` for an unknown recall, `VALIDATION_ERROR` for ids that it did not return
   */
  cite(
    space: Space,
    recallId: string,
    memoryIds: readonly string[],
    request?: RequestKey,
  ): Promise<{ readonly cited: readonly string[] }>;
  /** Stores vectors of the space's model; a memory that has its vector already keeps it. */
  saveVectors(space: Space, vectors: readonly MemoryVectors[]): Promise<void>;
  /** Hints that memories of the space wait for their vectors. */
  requestEmbedding(space: Space): void;
}
