/** What keeps old events in the table. */
export type HeldBy = 'folding' | 'receipts' | 'reembedding';

interface ArchiveProgress {
  /** `verifying` replays what is not covered by a verified snapshot yet. */
  readonly stage: 'verifying' | 'writing' | 'waiting' | 'releasing' | 'forgetting';
  readonly done: number;
  /** Events; seconds while it waits. */
  readonly total: number;
}

/** What a run of the archive did, or (dry) would do. */
export interface ArchiveReport {
  readonly dryRun: boolean;
  /** Events that were written to files, and the files. */
  readonly events: number;
  readonly files: number;
  /** Compressed; of a dry run 0. */
  readonly bytes: number;
  /** Events that were dropped from the archive, past the retention of their space. */
  readonly forgotten: number;
  /** In how many shards old events wait for something. */
  readonly held: Readonly<Record<HeldBy, number>>;
}

export type ArchiveStep =
  | { readonly type: 'progress'; readonly progress: ArchiveProgress }
  | { readonly type: 'report'; readonly report: ArchiveReport };

/** How large the log is, and how fast it grows. */
export interface LogSizes {
  /** Ever appended. */
  readonly events: number;
  /** Appended within the last day. */
  readonly eventsOfLastDay: number;
  /** What is in the database. */
  readonly table: { readonly events: number; readonly bytes: number };
  readonly archive: {
    /** Where files go; null where nothing is configured. */
    readonly place: string | null;
    readonly keepDays: number;
    readonly events: number;
    readonly files: number;
    /** Compressed. */
    readonly bytes: number;
    /** When the newest of its files was written, ISO 8601; null where there is none. */
    readonly writtenAt: string | null;
    /** Of the snapshots that a rebuild begins with, compressed. */
    readonly snapshotBytes: number;
  };
}

/** The part of a log that is old: in files, outside of the database. */
export interface ArchiveStore {
  /**
   * Moves events that are old enough, folded by all and covered by a verified snapshot to files, and drops those that
   * their space does not keep that long. Nothing happens until its steps are read; one run at a time.
   *
   * @throws AnimaError `CONFLICT` where no place is configured, another run is under way, or live rows differ from a replay
   */
  archiveLog(options: { readonly dryRun: boolean }): AsyncIterable<ArchiveStep>;
  logSizes(): Promise<LogSizes>;
}
