import type { LatencySummary } from '../latency-window.ts';
import type { Watched } from '../meter.ts';

/** What a server did in one short interval, and how its parts stood at the end of it. */
export interface LiveSample {
  /** End of the interval, epoch ms. */
  readonly at: number;
  /** How long it was, ms. */
  readonly ms: number;
  /** Of the requests that ended in it, ms; null where there were none. */
  readonly latency: Readonly<Record<Watched, LatencySummary>>;
  /** Operations that ended in it, of any kind. */
  readonly operations: number;
  /** Requests answered with an error in it. */
  readonly errors: number;
  readonly cache: {
    /** Look-ups in the interval. */
    readonly hits: number;
    readonly misses: number;
    readonly size: number;
    readonly maxSize: number;
  };
  /** As the database last told; null before it did, and when it does not answer. */
  readonly database: {
    readonly pool: { readonly total: number; readonly idle: number; readonly waiting: number; readonly max: number };
    readonly folds: { readonly lagEvents: number; readonly lagMs: number };
    readonly pendingEmbeddings: number;
    readonly jobs: { readonly queued: number; readonly active: number; readonly failed: number };
  } | null;
}

/** What whoever follows a server gets: first the last quarter of an hour, then each sample as it is taken. */
export type LiveStep =
  | {
      readonly type: 'history';
      readonly samples: readonly LiveSample[];
      /** Between two samples, ms. */
      readonly everyMs: number;
    }
  | { readonly type: 'sample'; readonly sample: LiveSample };
