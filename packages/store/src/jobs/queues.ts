import type { Projection } from '@anima/core';
import type { PgBoss, QueueOptions } from 'pg-boss';

/** Work on one shard. A job is only a hint that there may be something to do: checkpoints are the truth. */
export const queues = {
  memory_state: 'anima-fold-memory-state',
  associations: 'anima-fold-associations',
  lexemes: 'anima-count-lexemes',
  embed: 'anima-embed',
} as const satisfies Record<Projection | 'lexemes' | 'embed', string>;

export type Task = keyof typeof queues;

export const tasks = Object.keys(queues) as Task[];

/** Looks for shards whose hints were lost; also the pulse of what is done by the clock. */
export const sweepQueue = 'anima-sweep';

export interface ShardJob {
  readonly shard: number;
}

/**
 * Finished jobs say nothing that the checkpoints do not. A running one must show that its worker lives,
 * or a killed worker would keep everyone else from its shard until the job expires.
 */
const options: QueueOptions = {
  deleteAfterSeconds: 600,
  retentionSeconds: 3_600,
  expireInSeconds: 600,
  heartbeatSeconds: 10,
};

/** Between looks for jobs whose worker is gone, in seconds. */
export const superviseSeconds = 5;

/**
 * Creates the queues. `stately` with one key a shard is the policy measured to coalesce wake-ups,
 * never to run a shard twice at once, and never to lose one that arrives during a run.
 */
export async function createQueues(boss: PgBoss): Promise<void> {
  for (const task of tasks) {
    // Embedding waits for a model to come back; folding that goes on failing is left to the next hint or sweep.
    const retry: QueueOptions =
      task === 'embed'
        ? { retryLimit: 1_000_000, retryDelay: 1, retryBackoff: true, retryDelayMax: 15 }
        : { retryLimit: 3, retryDelay: 1 };
    await boss.createQueue(queues[task], { policy: 'stately', notify: true, ...options, ...retry });
  }
  await boss.createQueue(sweepQueue, { policy: 'stately', ...options, retryLimit: 0 });
}

/** Forgets every hint, and with them what a process that was killed seems to be working on still. */
export async function forgetJobs(boss: PgBoss): Promise<void> {
  for (const queue of [...Object.values(queues), sweepQueue]) await boss.deleteAllJobs(queue);
}
