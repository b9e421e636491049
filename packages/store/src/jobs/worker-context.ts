import type { ArchiveStep, DuplicateStore, Embedder, Log, Projection, Tracer } from '@anima/core';
import type { PgBoss } from 'pg-boss';
import type { Engine } from '../engine/engine.ts';
import type { ChangeLog } from '../log/change.ts';
import type { Models } from '../models.ts';
import type { Spaces } from '../spaces.ts';
import type { VectorWriter } from '../vectors.ts';
import type { Hints } from './hints.ts';

/** Runs a batch; on an engine that requests and workers share, one by one and with rests between. */
export type Admit = <T>(work: () => Promise<T>) => Promise<T>;

/** What the workers of one process share. */
export interface WorkerContext {
  readonly engine: Engine;
  readonly boss: PgBoss;
  readonly hints: Hints;
  readonly models: Models;
  readonly spaces: Spaces;
  readonly vectors: VectorWriter;
  readonly embedder: Embedder;
  readonly changes: ChangeLog;
  readonly duplicates: DuplicateStore;
  /** Whether near-duplicates are merged where a space does not say. */
  readonly consolidates: boolean;
  readonly admit: Admit;
  /** Events that this process has folded so far. */
  readonly folded: Record<Projection, number>;
  /** Moves old events to the archive; undefined where there is none. */
  readonly archiveLog: (() => AsyncIterable<ArchiveStep>) | undefined;
  readonly log: Log;
  readonly tracer: Pick<Tracer, 'background'>;
  /** Names this process to others that embed. */
  readonly processName: string;
  /** Set when the process is closing: loops end after the batch in hand. */
  readonly isStopping: () => boolean;
}
