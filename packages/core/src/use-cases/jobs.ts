import type { JobsInput, RetryJobInput } from '../inputs/jobs.ts';
import type { Job, JobQueue, JobStore } from '../ports/jobs.ts';

export interface JobsResult {
  readonly queues: readonly JobQueue[];
  /** The newest first. */
  readonly jobs: readonly Job[];
}

/** What the workers have to do, do, and did lately. */
export async function listJobs(store: JobStore, { queue, state, limit }: JobsInput): Promise<JobsResult> {
  const [queues, jobs] = await Promise.all([store.readQueues(), store.readJobs({ queue, state, limit })]);
  return { queues, jobs };
}

/** Has a failed job done anew. @throws AnimaError as {@link JobStore.retryJob} does */
export async function retryJob(store: JobStore, { queue, jobId }: RetryJobInput): Promise<{ readonly jobId: string }> {
  await store.retryJob(queue, jobId);
  return { jobId };
}
