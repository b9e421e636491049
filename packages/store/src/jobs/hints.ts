import type { Log } from '@anima/core';
import type { PgBoss } from 'pg-boss';
import { queues, type Task } from './queues.ts';

/**
 * A hint is due whatever the clock of the database does after it was sent: one that goes back would keep the hint,
 * and with it every later one of its shard, until it is where it was. Kept until the next day, as it begins a day ago.
 */
const dueAnyway = { startAfter: '-1 day', retentionSeconds: 2 * 86_400 };

/** Tells workers that a shard has something to do, after the commit that made it so. */
export class Hints {
  readonly #boss: PgBoss;
  readonly #log: Log;
  readonly #quietMs: number;
  readonly #waiting = new Map<Task, Set<number>>();
  readonly #sentAt = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> = Promise.resolve();
  #closed = false;

  /** @param quietMs a shard is hinted at most once in this time: its handler loops until nothing is left anyway */
  constructor(boss: PgBoss, log: Log, quietMs: number) {
    this.#boss = boss;
    this.#log = log;
    this.#quietMs = quietMs;
  }

  /** Returns at once; a hint that cannot be sent is logged, and the sweep finds its shard. */
  send(task: Task, shards: Iterable<number>): void {
    if (this.#closed) return;
    const waiting = this.#waiting.get(task) ?? new Set();
    for (const shard of shards) waiting.add(shard);
    this.#waiting.set(task, waiting);
    this.#timer ??= setTimeout(() => this.#flush(), 0);
  }

  /** Sends nothing more and waits for what is on its way. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#sending;
  }

  #flush(): void {
    this.#timer = undefined;
    // Not the time of day, which may go back.
    const now = performance.now();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const [task, shards] of this.#waiting) {
      const due = [...shards].filter((shard) => {
        const waitMs = (this.#sentAt.get(`${task} ${shard}`) ?? -this.#quietMs) + this.#quietMs - now;
        if (waitMs > 0) nextMs = Math.min(nextMs, waitMs);
        return waitMs <= 0;
      });
      if (due.length === 0) continue;
      for (const shard of due) {
        shards.delete(shard);
        this.#sentAt.set(`${task} ${shard}`, now);
      }
      this.#sending = this.#sending.then(() => this.#insert(task, due));
    }
    if (nextMs < Number.POSITIVE_INFINITY) this.#timer ??= setTimeout(() => this.#flush(), nextMs);
  }

  async #insert(task: Task, shards: readonly number[]): Promise<void> {
    try {
      const jobs = shards.map((shard) => ({ data: { shard }, singletonKey: `shard-${shard}`, ...dueAnyway }));
      await this.#boss.insert(queues[task], jobs, { returnId: false });
    } catch (error) {
      this.#log.warn(
        { err: error, task, shards },
        'a hint to the workers could not be sent; the sweep will find its work',
      );
    }
  }
}
