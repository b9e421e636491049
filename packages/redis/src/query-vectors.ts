import { hash } from 'node:crypto';
import type { QueryVectors, Space } from '@anima/core';
import type { Commands, RedisConnection } from './connection.ts';

/** How long a look-up is waited for; then there is time left to look into what is behind. Ms. */
const patienceMs = 10;
/** How long a vector is kept after it was found or made, ms: also the longest that one of an erased text can stay. */
const keptMs = 24 * 3_600_000;
/** Keys that are looked at in one step when a space is forgotten. */
const sweepStep = 1_000;
/** How far the length of a vector may be from 1: what floats lose, and nothing else. */
const tolerance = 1e-3;

const bytesOf = Float32Array.BYTES_PER_ELEMENT;

/**
 * Vectors of queries in Redis, in front of those in the database: known to all processes without asking it. Keys are
 * hashes, of the space, and of model and text; what is not a unit vector of the model is not taken for one.
 */
export class RedisQueryVectors implements QueryVectors {
  readonly #connection: RedisConnection;
  readonly #behind: QueryVectors;
  /** Spaces whose vectors are to be dropped once Redis is there. */
  readonly #forgotten = new Set<string>();
  #hits = 0;
  #misses = 0;

  constructor(connection: RedisConnection, behind: QueryVectors) {
    this.#connection = connection;
    this.#behind = behind;
  }

  get hits(): number {
    return this.#hits;
  }

  get misses(): number {
    return this.#misses;
  }

  async read(space: Space, textHash: string): Promise<Float32Array | undefined> {
    const known = await this.#look(space, textHash);
    if (known) return known;
    const found = await this.#behind.read(space, textHash);
    if (found) this.#write(space, textHash, found);
    return found;
  }

  keep(space: Space, textHash: string, vector: Float32Array): void {
    this.#write(space, textHash, vector);
    this.#behind.keep(space, textHash, vector);
  }

  forget(space: Space): void {
    this.#forgotten.add(prefixOf(space));
    void this.sweep();
    this.#behind.forget?.(space);
  }

  /** Drops what was to be forgotten. What cannot be dropped now is the next time. */
  async sweep(): Promise<void> {
    for (const prefix of this.#forgotten) {
      try {
        await this.#connection.run((redis) => unlinkAll(redis, prefix));
        this.#forgotten.delete(prefix);
      } catch {
        return; // the connection has said so, and sweeps again once it is back
      }
    }
  }

  async #look(space: Space, textHash: string): Promise<Float32Array | undefined> {
    if (!this.#connection.isUp || this.#forgotten.has(prefixOf(space))) return undefined;
    try {
      const key = keyOf(space, textHash);
      const vector = decode(await this.#connection.run((redis) => redis.getBuffer(key), patienceMs), space);
      if (vector) this.#hits += 1;
      else this.#misses += 1;
      return vector;
    } catch {
      return undefined; // the connection has said so
    }
  }

  #write(space: Space, textHash: string, vector: Float32Array): void {
    const isForgotten = this.#forgotten.has(prefixOf(space));
    if (!this.#connection.isUp || isForgotten || vector.length !== space.model.dimensions) return;
    const write = (redis: Commands) => redis.set(keyOf(space, textHash), encode(vector), 'PX', keptMs);
    // The connection says what went wrong; nobody waits for it.
    this.#connection.run(write).catch(() => undefined);
  }
}

/** Begins the keys of a space. */
function prefixOf({ id }: Space): string {
  return `anima:vector:${hash('sha256', `space\0${id}`, 'base64url')}:`;
}

function keyOf(space: Space, textHash: string): string {
  const { provider, name, dimensions } = space.model;
  return prefixOf(space) + hash('sha256', `${provider}\0${name}\0${dimensions}\0${textHash}`, 'base64url');
}

async function unlinkAll(redis: Commands, prefix: string): Promise<void> {
  for await (const keys of redis.scanStream({ match: `${prefix}*`, count: sweepStep })) {
    if (keys.length > 0) await redis.unlink(...keys);
  }
}

/** A vector's floats, each little-endian. */
function encode(vector: Float32Array): Buffer {
  const bytes = Buffer.alloc(vector.byteLength);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * bytesOf);
  return bytes;
}

/** Undefined for what is not a unit vector of the space's model. */
function decode(bytes: Buffer | null, { model }: Space): Float32Array | undefined {
  if (!Buffer.isBuffer(bytes) || bytes.length !== model.dimensions * bytesOf) return undefined;
  const vector = new Float32Array(model.dimensions).map((_, index) => bytes.readFloatLE(index * bytesOf));
  const squares = vector.reduce((sum, value) => sum + value * value, 0);
  // Not the other way round: of NaN nothing is true.
  return Math.abs(squares - 1) < tolerance ? vector : undefined;
}
