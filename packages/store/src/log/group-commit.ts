import { AnimaError } from '@anima/core';

/** Work that waits to be committed together with others. */
export interface Entry {
  /** What it weighs against the size of a batch, in bytes or so. */
  readonly weight: number;
  /** Two entries that share one of these never stand in the same batch: the later must see the earlier's outcome. */
  readonly exclusive: readonly string[];
}

/** Waiting requests from which more are refused rather than kept waiting without end. */
const maxWaiting = 5_000;

interface Waiting<E, R> {
  readonly entry: E;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: one batch in flight (or as many as it is told), no linger; whatever waits when a batch returns leaves
 * as the next. A batch that fails is retried one by one, so that one bad entry never fails its neighbours,
 * unless the failure is one that could have followed the commit: then nobody may try again here.
 */
export class GroupCommit<E extends Entry, R> {
  readonly #commit: (entries: readonly E[]) => Promise<readonly R[]>;
  readonly #isSafeToRetry: (error: unknown) => boolean;
  readonly #maxEntries: number;
  readonly #maxWeight: number;
  #waiting: Waiting<E, R>[] = [];
  readonly #batchesAtOnce: number;
  readonly #running = new Map<symbol, Promise<void>>();

  constructor(options: {
    readonly commit: (entries: readonly E[]) => Promise<readonly R[]>;
    readonly isSafeToRetry: (error: unknown) => boolean;
    readonly maxEntries: number;
    readonly maxWeight: number;
    /** Batches in flight; default 1. What is exclusive is so within a batch only. */
    readonly batchesAtOnce?: number;
  }) {
    this.#commit = options.commit;
    this.#isSafeToRetry = options.isSafeToRetry;
    this.#maxEntries = options.maxEntries;
    this.#maxWeight = options.maxWeight;
    this.#batchesAtOnce = options.batchesAtOnce ?? 1;
  }

  /** Resolves once the entry is committed. */
  submit(entry: E): Promise<R> {
    if (this.#waiting.length >= maxWaiting) {
      return Promise.reject(new AnimaError('OVERLOADED', 'too many writes are waiting: try again in a moment'));
    }
    const result = new Promise<R>((resolve, reject) => this.#waiting.push({ entry, resolve, reject }));
    if (this.#running.size < this.#batchesAtOnce) {
      const own = Symbol();
      this.#running.set(own, this.#run(own));
    }
    return result;
  }

  /** Resolves once nothing waits and nothing is in flight. */
  async drain(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }

  async #run(own: symbol): Promise<void> {
    // Requests that arrived in the same turn of the event loop share the first batch already.
    await undefined;
    while (this.#waiting.length > 0) await this.#commitBatch(this.#takeBatch());
    this.#running.delete(own);
  }

  #takeBatch(): Waiting<E, R>[] {
    const batch: Waiting<E, R>[] = [];
    const rest: Waiting<E, R>[] = [];
    const taken = new Set<string>();
    let weight = 0;
    for (const waiting of this.#waiting) {
      const { entry } = waiting;
      const fits = batch.length === 0 || (batch.length < this.#maxEntries && weight + entry.weight <= this.#maxWeight);
      if (fits && !entry.exclusive.some((name) => taken.has(name))) {
        batch.push(waiting);
        weight += entry.weight;
      } else {
        rest.push(waiting);
      }
      // Also when it stays behind: what it excludes must not overtake it.
      for (const name of entry.exclusive) taken.add(name);
    }
    this.#waiting = rest;
    return batch;
  }

  async #commitBatch(batch: readonly Waiting<E, R>[]): Promise<void> {
    try {
      const results = await this.#commit(batch.map(({ entry }) => entry));
      for (const [index, { resolve }] of batch.entries()) resolve(results[index] as R);
    } catch (error) {
      if (batch.length === 1 || !this.#isSafeToRetry(error)) {
        for (const { reject } of batch) reject(error);
      } else {
        for (const waiting of batch) await this.#commitBatch([waiting]);
      }
    }
  }
}

/** A group for each key, opened when something first belongs to it. */
export class KeyedGroups<Key, E extends Entry, R> {
  readonly #open: (key: Key) => GroupCommit<E, R>;
  readonly #groups = new Map<Key, GroupCommit<E, R>>();

  constructor(open: (key: Key) => GroupCommit<E, R>) {
    this.#open = open;
  }

  of(key: Key): GroupCommit<E, R> {
    const group = this.#groups.get(key) ?? this.#open(key);
    this.#groups.set(key, group);
    return group;
  }

  async drain(): Promise<void> {
    await Promise.all([...this.#groups.values()].map((group) => group.drain()));
  }
}
