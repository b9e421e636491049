import { type Log, type QueryVectors, type Space, withinPatience } from '@anima/core';
import type { Ticket } from './scheduler.ts';

/** A cache that takes longer is no help: what a model in this process takes for a text, ms. */
const patienceMs = 25;

/** Between two lines of the log about look-ups that were given up, ms. */
const quietMs = 10_000;

/**
 * The cache behind the cache: vectors of queries that outlive the process. It never fails and never holds
 * up a query for long: a look-up that does not work out is one that found nothing.
 */
export class SecondLevel {
  readonly #vectors: QueryVectors;
  readonly #log: Log;
  /** What it has, as far as this process knows. */
  readonly #kept = new WeakSet<Float32Array>();
  #givenUp = 0;
  #reportedAt = Number.NEGATIVE_INFINITY;

  constructor(vectors: QueryVectors, log: Log) {
    this.#vectors = vectors;
    this.#log = log;
  }

  /** The vector that was kept for a text; undefined when there is none, or none in time. Never rejects. */
  async read(space: Space, textHash: string): Promise<Float32Array | undefined> {
    try {
      const found = await withinPatience(this.#vectors.read(space, textHash), patienceMs);
      if (found?.length !== space.model.dimensions) return undefined;
      // It may lie in a buffer of many, which the first level would hold as long as it.
      const vector = found.slice();
      this.#kept.add(vector);
      return vector;
    } catch (error) {
      this.#report(error);
      return undefined;
    }
  }

  /** Keeps a vector for the time after this process, unless it is kept already. */
  keep(space: Space, textHash: string, vector: Float32Array): void {
    if (this.#kept.has(vector)) return;
    this.#kept.add(vector);
    this.#vectors.keep(space, textHash, vector);
  }

  forget(space: Space): void {
    this.#vectors.forget?.(space);
  }

  #report(error: unknown): void {
    this.#givenUp += 1;
    const now = performance.now();
    if (now - this.#reportedAt < quietMs) return;
    this.#log.warn({ err: error, givenUp: this.#givenUp }, 'known queries could not be looked up; the model is asked');
    this.#reportedAt = now;
    this.#givenUp = 0;
  }
}

/**
 * A query's ticket whose text goes to the model only when the second level, which is being read, does not
 * have it. Until then it can be withdrawn.
 */
export function ticketBehind(reading: Promise<Float32Array | undefined>, submit: () => Ticket): Ticket {
  let ofModel: Ticket | undefined;
  let isWithdrawn = false;
  const ask = () => {
    if (isWithdrawn) throw new DOMException('withdrawn before its call began', 'AbortError');
    ofModel = submit();
    return ofModel.vector;
  };
  return {
    vector: reading.then((known) => known ?? ask()),
    // No lane is before the one of queries.
    hurry: () => undefined,
    withdraw: () => {
      if (ofModel) return ofModel.withdraw();
      isWithdrawn = true;
      return true;
    },
  };
}
