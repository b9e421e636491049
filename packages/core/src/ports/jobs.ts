/** What becomes of a job. Finished ones are forgotten after ten minutes. */
export const jobStates = ['waiting', 'active', 'failed', 'completed'] as const;
export type JobState = (typeof jobStates)[number];

export interface JobQueue {
  readonly queue: string;
  readonly jobs: Readonly<Record<JobState, number>>;
  /** When the last one ended well, ISO 8601; null where none did lately. */
  readonly completedAt: string | null;
}

/** A piece of background work: mostly a hint that a shard has something to do. */
export interface Job {
  readonly jobId: string;
  readonly queue: string;
  readonly state: JobState;
  /** Null for work on all of them. */
  readonly shard: number | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** Why it failed; null where it did not. */
  readonly reason: string | null;
}

export interface JobStore {
  readQueues(): Promise<readonly JobQueue[]>;
  /** The newest first. */
  readJobs(wanted: {
    readonly queue: string | undefined;
    readonly state: JobState | undefined;
    readonly limit: number;
  }): Promise<readonly Job[]>;
  /**
   * Has a failed job done anew, at once.
   *
   * @throws AnimaError `NOT_FOUND` for a job that is not there (any more), `CONFLICT` for one that did not fail
   */
  retryJob(queue: string, jobId: string): Promise<void>;
}
