import type {
  CacheStats,
  Embedder,
  KeyStore,
  Log,
  ModelFinder,
  RankingProfile,
  Reembeddings,
  ServerStore,
  SharedRedis,
  Tracer,
} from '@anima/core';
import type { Setting } from './settings.ts';

/** What the faces stand on. The server opens these parts and hands them in. */
export interface ApiDependencies {
  readonly store: ServerStore;
  readonly reembeddings: Reembeddings;
  readonly embedder: Embedder & ModelFinder & { cacheStats(): CacheStats };
  /** How long an add waits for the model, ms. */
  readonly addEmbedBudgetMs: number;
  /** How long a query waits for the model, ms. */
  readonly queryEmbedBudgetMs: number;
  /** Cosine that a candidate without a matching word needs, where neither the request nor its space names one. */
  readonly similarityThreshold: number;
  /** How results are ordered where neither the request nor its space says so. */
  readonly ranking: RankingProfile;
  /** Version of the service, as `/health` shows it. */
  readonly version: string;
  /** What the server was started with. */
  readonly settings: readonly Setting[];
  /** Who may ask; undefined where nobody is asked for a key. */
  readonly keys?: KeyStore | undefined;
  /** What one key may ask for; without keys, nobody counts. */
  readonly requestsPerMinute: number;
  /** What this process shares with others; undefined where each is on its own. */
  readonly redis?: SharedRedis | undefined;
  /** What nine in ten operations should take, waits for a model left out, before more are turned away, ms; 0 turns none away. */
  readonly shedAboveMs: number;
  readonly log: Log;
  /** Undefined where nobody follows what is done. */
  readonly tracer?: Tracer | undefined;
  /** An operation that took longer is logged as a warning, ms. */
  readonly slowRequestMs: number;
}
