import type { EmbeddingModel, Log, Tracer } from '@anima/core';
import type { ArchiveOptions } from './archive/archiving.ts';
import type { Backend } from './engine/check-server.ts';

export interface StoreOptions {
  /** Connection string of a PostgreSQL ≥ 15 with pgvector; without one the embedded engine is used. */
  readonly databaseUrl: string | undefined;
  /** What that is: one server, or the coordinator of a Citus cluster; default `postgres`. */
  readonly backend?: Backend | undefined;
  /** Where a session of its own is to be had, when `databaseUrl` leads to a pooler in transaction mode. */
  readonly directUrl?: string | undefined;
  /** A streaming replica that some reads may come from, and how far behind it may be, ms. */
  readonly replica?: { readonly url: string; readonly boundMs: number } | undefined;
  /** Whether hot statements are prepared by name; default: unless they go through a pooler. */
  readonly prepares?: boolean | undefined;
  /** Folder of the embedded engine; `memory://` keeps everything in memory. */
  readonly dataDir: string;
  /** Where what can be made again is kept, so that a new folder is ready sooner. */
  readonly cacheDir?: string | undefined;
  /** Most connections of the native pool. */
  readonly poolMax: number;
  /** Whether this process will run workers; one that does not only sends them hints. */
  readonly worker: boolean;
  /** What spaces get when they are created. */
  readonly model: EmbeddingModel;
  /** Whether workers merge near-duplicates where a space does not say; default true. */
  readonly consolidates?: boolean | undefined;
  /** Where old events go; undefined: they stay in the database. */
  readonly archive?: ArchiveOptions | undefined;
  readonly log: Log;
  readonly tracer?: Tracer | undefined;
}
