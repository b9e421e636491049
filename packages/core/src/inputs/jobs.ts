import { z } from 'zod';
import { limits } from '../limits.ts';
import { jobStates } from '../ports/jobs.ts';
import { bounded, idempotencyKey, wholeNumber } from './fields.ts';

const queue = bounded(100);

export const jobsInput = z.strictObject({
  queue: queue.optional(),
  state: z.enum(jobStates).optional(),
  limit: wholeNumber(1, limits.jobs).default(100),
});

/** It carries a key as every mutation does; a job that is done anew is no longer there. */
export const retryJobInput = z.strictObject({ queue, jobId: z.uuid(), idempotencyKey });

/** What a caller may send; defaults are still open. */
export type JobsRequest = z.input<typeof jobsInput>;
export type RetryJobRequest = z.input<typeof retryJobInput>;

/** What a use case works with: checked, defaults filled in. */
export type JobsInput = z.output<typeof jobsInput>;
export type RetryJobInput = z.output<typeof retryJobInput>;
