import { hash } from 'node:crypto';
import type { CacheStats, EmbeddingModel, Space } from '@anima/core';
import { LRUCache } from 'lru-cache';
import type { Lane, Ticket } from './scheduler.ts';

/** A look-up: the vector, now or once the model has answered. */
export interface Lookup {
  readonly vector: Promise<Float32Array>;
  /** The caller no longer waits. Call it once; a text that nobody waits for is withdrawn if it still can be. */
  release(): void;
}

/** A text that the model is asked for, and how many callers wait for it. */
interface Flight {
  readonly ticket: Ticket;
  callers: number;
}

export interface VectorCacheOptions {
  readonly model: EmbeddingModel;
  /** Vectors at most; the least recently used goes first. */
  readonly max: number;
  /** Age from which a vector is forgotten, ms. */
  readonly ttlMs: number;
  /** Asks the model. */
  readonly submit: (text: string, lane: Lane) => Ticket;
}

/**
 * Vectors by space, model and text. Callers that miss the same text at the same time share one call to
 * the model. The key holds a hash, so that a cache of texts is not kept beside the one of vectors.
 */
export class VectorCache {
  readonly #vectors: LRUCache<string, Float32Array>;
  readonly #flights = new Map<string, Flight>();
  readonly #submit: VectorCacheOptions['submit'];
  readonly #modelKey: string;
  #hits = 0;
  #misses = 0;

  constructor({ model, max, ttlMs, submit }: VectorCacheOptions) {
    this.#vectors = new LRUCache({ max, ttl: ttlMs });
    this.#submit = submit;
    this.#modelKey = `${model.provider}\0${model.name}\0${model.dimensions}`;
  }

  lookup(space: Space, text: string, lane: Lane): Lookup {
    const key = `${space.id}\0${this.#modelKey}\0${hash('sha256', text, 'base64url')}`;
    const known = this.#vectors.get(key);
    if (known) {
      this.#hits += 1;
      return { vector: Promise.resolve(known), release: () => undefined };
    }
    this.#misses += 1;
    const flight = this.#flights.get(key) ?? this.#begin(key, text, lane);
    flight.callers += 1;
    flight.ticket.hurry(lane);
    return { vector: flight.ticket.vector, release: () => this.#release(key, flight) };
  }

  stats(): CacheStats {
    const lookups = this.#hits + this.#misses;
    return {
      hits: this.#hits,
      misses: this.#misses,
      hitRate: lookups === 0 ? 0 : this.#hits / lookups,
      size: this.#vectors.size,
      maxSize: this.#vectors.max,
    };
  }

  #begin(key: string, text: string, lane: Lane): Flight {
    const flight: Flight = { ticket: this.#submit(text, lane), callers: 0 };
    this.#flights.set(key, flight);
    flight.ticket.vector.then(
      (vector) => {
        this.#vectors.set(key, vector);
        this.#end(key, flight);
      },
      () => this.#end(key, flight),
    );
    return flight;
  }

  #release(key: string, flight: Flight): void {
    flight.callers -= 1;
    // Forgotten at once, so that the next caller does not join a text that was taken back.
    if (flight.callers === 0 && flight.ticket.withdraw()) this.#end(key, flight);
  }

  #end(key: string, flight: Flight): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
