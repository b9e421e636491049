import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Log } from '@anima/core';
import type { Hints } from './hints.ts';
import type { Task } from './queues.ts';

/** A shard that is never done gives way to the others after this time, and is hinted anew. */
const giveWayMs = 5_000;

/** Between tries of a shard whose work fails: doubled each time, up to the longest. */
const firstRetryMs = 500;
const longestRetryMs = 15_000;

/** Work on one shard, in progress or waiting to be tried again. */
interface Run {
  /** Asked for in the meantime: look once more before it ends. */
  again: boolean;
  /** Set while it waits to be tried again. */
  timer?: NodeJS.Timeout;
}

/** How a run ended: `reason` is why it failed. */
type RunEnd = { readonly status: 'completed' } | { readonly status: 'failed'; readonly reason: string };

/**
 * Runs one task in this process, shard by shard: never a shard twice at once, and no wake-up that
 * arrives during a run is lost. Work that fails is tried again here, ever more rarely.
 */
export class ShardRunner {
  readonly #task: Task;
  readonly #step: (shard: number) => Promise<boolean>;
  readonly #hints: Hints;
  readonly #log: Log;
  readonly #isStopping: () => boolean;
  readonly #runs = new Map<number, Run>();
  readonly #failures = new Map<number, number>();

  constructor(options: {
    readonly task: Task;
    /** Does the next piece of work; false says that it took all there was when it looked. */
    readonly step: (shard: number) => Promise<boolean>;
    readonly hints: Hints;
    readonly log: Log;
    readonly isStopping: () => boolean;
  }) {
    this.#task = options.task;
    this.#step = options.step;
    this.#hints = options.hints;
    this.#log = options.log;
    this.#isStopping = options.isStopping;
  }

  /**
   * Works on a shard until nothing is left; returns at once when that is being done already.
   *
   * @param options.atOnce does not wait for a shard that is to be tried again later
   * @returns how it went; a failure is logged
   */
  async run(shard: number, options: { readonly atOnce?: boolean | undefined } = {}): Promise<RunEnd> {
    const known = this.#runs.get(shard);
    if (known && !(options.atOnce && known.timer)) {
      known.again = true;
      return { status: 'completed' };
    }
    clearTimeout(known?.timer);
    const run: Run = { again: false };
    this.#runs.set(shard, run);
    try {
      const isDone = await this.#work(shard, run);
      this.#failures.delete(shard);
      this.#runs.delete(shard);
      if (!isDone || run.again) this.#hints.send(this.#task, [shard]);
      return { status: 'completed' };
    } catch (error) {
      this.#log.error({ err: error, task: this.#task, shard }, `work on shard ${shard} stopped: ${this.#task}`);
      this.#retryLater(shard, run);
      return { status: 'failed', reason: error instanceof Error ? error.message : String(error) };
    }
  }

  async #work(shard: number, run: Run): Promise<boolean> {
    const begun = performance.now();
    do {
      run.again = false;
      while (await this.#step(shard)) {
        if (this.#isStopping()) return true;
        if (performance.now() - begun > giveWayMs) return false;
        // The embedded engine answers within one turn of the event loop: a backlog must not keep it from requests.
        await nextTurn();
      }
    } while (run.again && !this.#isStopping());
    return true;
  }

  /** Until then the shard counts as being worked on, so that hints do not hurry it. */
  #retryLater(shard: number, run: Run): void {
    const failures = this.#failures.get(shard) ?? 0;
    this.#failures.set(shard, failures + 1);
    const timer = setTimeout(
      () => {
        this.#runs.delete(shard);
        this.#hints.send(this.#task, [shard]);
      },
      Math.min(longestRetryMs, firstRetryMs * 2 ** failures),
    );
    run.timer = timer.unref();
  }
}
