import { hash } from 'node:crypto';
import type { CacheStats, Space } from '@anima/core';
import { LRUCache } from 'lru-cache';
import { modelKey } from './open-models.ts';
import type { Lane, Scheduler, Ticket } from './scheduler.ts';
import { type SecondLevel, ticketBehind } from './second-level.ts';

/** A look-up: the vector, now or once the model has answered. */
export interface Lookup {
  readonly vector: Promise<Float32Array>;
  /** Whether the vector was known, which is certain once it is there. */
  readonly isHit: () => boolean;
  /** The caller no longer waits. Call it once; a text that nobody waits for is withdrawn if it still can be. */
  release(): void;
}

/** A text that the model, or before it the second level, is asked for, and who waits for it. */
interface Flight {
  readonly ticket: Ticket;
  /** What the second level says; undefined where it is not asked. */
  readonly reading: Promise<Float32Array | undefined> | undefined;
  /** Whether the second level had it. */
  isKnown: boolean;
  callers: number;
  /** Whether one of the callers is a query. */
  isQueried: boolean;
  /** Whether somebody waits for it: what is embedded when nothing else is would push out what is asked for. */
  isAwaited: boolean;
}

interface Key {
  readonly space: Space;
  /** SHA-256 in hexadecimal. */
  readonly textHash: string;
  /** All of it, the model included. */
  readonly name: string;
}

export interface VectorCacheOptions {
  /** Vectors at most; the least recently used goes first. */
  readonly max: number;
  /** Age from which a vector is forgotten, ms. */
  readonly ttlMs: number;
}

/** Asks the model. */
type Asked = Pick<Scheduler, 'submit'>;

/**
 * Vectors by space, model and text. Callers that miss the same text at the same time share one call to
 * the model, and before it, where a query began, one look into the second level. The key holds a hash, so
 * that a cache of texts is not kept beside the one of vectors.
 */
export class VectorCache {
  readonly #vectors: LRUCache<string, Float32Array>;
  readonly #flights = new Map<string, Flight>();
  #secondLevel: SecondLevel | undefined;
  #hits = 0;
  #misses = 0;

  constructor({ max, ttlMs }: VectorCacheOptions) {
    this.#vectors = new LRUCache({ max, ttl: ttlMs });
  }

  /** From now on queries that miss are looked up there before the model is asked, and kept there. */
  useSecondLevel(secondLevel: SecondLevel): void {
    this.#secondLevel = secondLevel;
  }

  /** @param model the queue of the space's model */
  lookup(space: Space, text: string, lane: Lane, model: Asked): Lookup {
    const textHash = hash('sha256', text, 'hex');
    const key = { space, textHash, name: `${space.id}\0${modelKey(space.model)}\0${textHash}` };
    const known = this.#vectors.get(key.name);
    if (known) {
      this.#hits += 1;
      if (lane === 'query') this.#secondLevel?.keep(space, textHash, known);
      return { vector: Promise.resolve(known), isHit: () => true, release: () => undefined };
    }
    const flight = this.#flights.get(key.name) ?? this.#begin(key, text, lane, model);
    this.#count(flight);
    flight.callers += 1;
    flight.isQueried ||= lane === 'query';
    flight.isAwaited ||= lane !== 'background';
    flight.ticket.hurry(lane);
    return {
      vector: flight.ticket.vector,
      isHit: () => flight.isKnown,
      release: () => this.#release(key, flight),
    };
  }

  /** Drops the vectors of a space. */
  forget(space: Space): void {
    for (const name of this.#vectors.keys()) if (name.startsWith(`${space.id}\0`)) this.#vectors.delete(name);
    this.#secondLevel?.forget(space);
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

  #begin(key: Key, text: string, lane: Lane, model: Asked): Flight {
    const submit = () => model.submit(text, lane);
    const reading = lane === 'query' ? this.#secondLevel?.read(key.space, key.textHash) : undefined;
    const ticket = reading ? ticketBehind(reading, submit) : submit();
    const flight: Flight = { ticket, reading, isKnown: false, callers: 0, isQueried: false, isAwaited: false };
    this.#flights.set(key.name, flight);
    ticket.vector.then(
      (vector) => {
        if (flight.isAwaited) this.#vectors.set(key.name, vector);
        if (flight.isQueried) this.#secondLevel?.keep(key.space, key.textHash, vector);
        this.#end(key, flight);
      },
      () => this.#end(key, flight),
    );
    return flight;
  }

  /** Once it is known who answers: counts that are shown never go back. */
  #count(flight: Flight): void {
    if (!flight.reading) this.#misses += 1;
    else {
      void flight.reading.then((known) => {
        flight.isKnown = known !== undefined;
        if (known) this.#hits += 1;
        else this.#misses += 1;
      });
    }
  }

  #release(key: Key, flight: Flight): void {
    flight.callers -= 1;
    // Forgotten at once, so that the next caller does not join a text that was taken back.
    if (flight.callers === 0 && flight.ticket.withdraw()) this.#end(key, flight);
  }

  #end({ name }: Key, flight: Flight): void {
    if (this.#flights.get(name) === flight) this.#flights.delete(name);
  }
}
