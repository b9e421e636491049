import type { Projection } from '@anima/core';
import type { PgBoss, QueueOptions, QueuePolicy } from 'pg-boss';

/** Work on one shard. A job is only a hint that there may be something to do: checkpoints are the truth. */
export const queues = {
  memory_state: 'anima-fold-memory-state',
  associations: 'anima-fold-associations',
  lexemes: 'anima-count-lexemes',
  embed: 'anima-embed',
  consolidate: 'anima-consolidate',
  reembed: 'anima-reembed',
} as const satisfies Record<Projection | 'lexemes' | 'embed' | 'consolidate' | 'reembed', string>;

export type Task = keyof typeof queues;

const tasks = Object.keys(queues) as Task[];

export interface ShardJob {
  readonly shard: number;
  /** Somebody asks for it who does not want to wait until it would be tried again anyway. */
  readonly atOnce?: boolean;
}

/**
 * `short` keeps one waiting job a shard, so that hints coalesce; who runs a shard is settled by
 * `ShardRunner` within a process and by the checkpoint's lock between them. Not `stately`, which forbids
 * a second run: its fetch leaves out shards that a cached reading, up to minutes old, saw at work, and a
 * killed worker keeps its shard until its job expires.
 */
const options: QueueOptions & { readonly policy: QueuePolicy; readonly notify: boolean } = {
  policy: 'short',
  notify: true,
  // What fails is tried again by the runner; a finished job says nothing that the checkpoints do not.
  retryLimit: 0,
  expireInSeconds: 300,
  retentionSeconds: 600,
  deleteAfterSeconds: 600,
};

export async function createQueues(boss: PgBoss): Promise<void> {
  for (const task of tasks) await boss.createQueue(queues[task], options);
}
