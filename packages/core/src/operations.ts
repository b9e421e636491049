import type { EmbeddingModel } from './ports.ts';

/** What the people who run a server ask of its parts; `api` shows it, `store` and `embeddings` answer it. */

/** Where parts report what a person should see. Shaped like pino, which the server passes in. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface CacheStats {
  readonly hits: number;
  readonly misses: number;
  /** 0–1; 0 before the first look-up. */
  readonly hitRate: number;
  readonly size: number;
  readonly maxSize: number;
}

/** What is known of a replica that reads may come from. */
export interface ReplicaGauges {
  /** Whether reads go there now; else to the primary. */
  readonly isUsed: boolean;
  /** How far it is behind at most, in ms; null while it has never been seen to follow. */
  readonly lagMs: number | null;
  /** How far it may be behind, in ms. */
  readonly boundMs: number;
  /** Reads that it, and that the primary in its place, have answered since the start. */
  readonly reads: { readonly standby: number; readonly primary: number };
  /** Why it cannot be read, null while it can. */
  readonly problem: string | null;
}

/** One reading of the store's gauges. */
export interface StoreGauges {
  readonly engine: 'pglite' | 'postgres';
  /** Connections; the embedded engine has one. */
  readonly pool: { readonly total: number; readonly idle: number; readonly waiting: number; readonly max: number };
  /** Events of the log that a projection has not folded yet, and the age in ms of the oldest of them. */
  readonly folds: { readonly lagEvents: number; readonly lagMs: number };
  /** Events that this process has folded since it started: what others folded is not in it. */
  readonly folded: Readonly<Record<Projection, number>>;
  /** Memories that wait for their vector. */
  readonly pendingEmbeddings: number;
  readonly jobs: { readonly queued: number; readonly active: number; readonly failed: number };
  /** Where one is set. */
  readonly replica?: ReplicaGauges | undefined;
}

/** The projections that can be rebuilt from the log. */
export const projections = ['memory_state', 'associations'] as const;
export type Projection = (typeof projections)[number];

/** A row that a replay of the log gives otherwise than the live table has it. */
export interface ProjectionDifference {
  readonly table: string;
  readonly shard: number;
  /** The row's key as JSON. */
  readonly key: string;
  readonly kind: 'missing' | 'extra' | 'different';
}

export interface RebuildProgress {
  readonly projection: Projection;
  /** Events replayed and to replay, over all shards. */
  readonly replayed: number;
  readonly total: number;
}

/** How a rebuild ended for one projection. `differences` are counted in full, listed up to 100. */
export interface RebuildReport {
  readonly projection: Projection;
  readonly events: number;
  readonly rows: number;
  readonly differenceCount: number;
  readonly differences: readonly ProjectionDifference[];
  /** False after a verification, which changes nothing. */
  readonly applied: boolean;
}

export type RebuildStep =
  | { readonly type: 'progress'; readonly progress: RebuildProgress }
  | { readonly type: 'report'; readonly report: RebuildReport };

/** What a look at one part of the service found. */
export interface Finding {
  /** What was looked at, in a word. */
  readonly subject: string;
  readonly status: 'ok' | 'warning' | 'failure';
  readonly message: string;
  /** What to do about it. */
  readonly advice?: string;
}

/** A model that spaces have, or are on their way to. */
export interface ModelInUse {
  readonly model: EmbeddingModel;
  readonly spaces: number;
}

/** How far something that follows the log has come on one shard. */
export interface Checkpoint {
  /** A projection, the counts of words, or the vectors of a model (`vectors_2`) and what was compared of them. */
  readonly name: string;
  readonly shard: number;
  readonly position: number;
  /** Where the log of the shard ends. */
  readonly head: number;
  /** For how long the next event has waited, ms; 0 where there is none. */
  readonly lagMs: number;
  readonly rulesVersion: number;
}

/** The store as its operators see it. */
export interface StoreOperations {
  /** Rejects when the database does not answer. */
  ping(): Promise<void>;
  gauges(): Promise<StoreGauges>;
  modelsInUse(): Promise<readonly ModelInUse[]>;
  /** Of shards that have events, by name and shard. */
  checkpoints(): Promise<readonly Checkpoint[]>;
  /** Looks at everything that it needs to be well, and changes nothing. */
  examine(): Promise<readonly Finding[]>;
  /**
   * Replays the log into shadow tables and compares them row for row with the live ones; unless
   * `verify`, the live tables then become equal to the replay, each shard atomically, under traffic. What was archived
   * is taken from its snapshot, or, where all is wanted (`full`), event by event from files.
   */
  rebuild(options: { readonly verify: boolean; readonly full?: boolean | undefined }): AsyncIterable<RebuildStep>;
}
