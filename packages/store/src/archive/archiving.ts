import type { Engine } from '../engine/engine.ts';
import type { ArchiveRules } from './archive-log.ts';
import type { BucketAccess } from './bucket-place.ts';
import { openPlace } from './open-place.ts';
import type { ArchivePlace } from './place.ts';

export interface ArchiveOptions {
  /** `file:///folder` or `s3://bucket/prefix`; undefined: nothing is moved, and what was cannot be read. */
  readonly url: string | undefined;
  /** How long events stay in the database at least. */
  readonly keepDays: number;
  /** What a bucket needs. */
  readonly access: BucketAccess | undefined;
}

/** Newest events of a shard that are never moved: what is recent is read all the time. */
const keptEvents = 10_000;

/** Longer than anything reads that began before a file was written. */
const settleMs = 60_000;

/** Where old events go, and which: nowhere, where there is no place for them. */
export interface Archiving extends ArchiveRules {
  readonly place: ArchivePlace | undefined;
}

export function archivingOf(options: ArchiveOptions | undefined, { batch }: Pick<Engine, 'batch'>): Archiving {
  const { url, keepDays = 0, access } = options ?? {};
  return {
    place: url === undefined ? undefined : openPlace(url, access),
    ...{ settleMs, keepDays, keepEvents: keptEvents, segmentEvents: batch.archive },
  };
}
