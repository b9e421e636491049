import { createHmac, randomBytes } from 'node:crypto';
import { type Space, type SpaceSettings, shardOf } from '@anima/core';
import { sql } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { Database } from './engine/engine.ts';
import type { Models } from './models.ts';

interface SpaceRow {
  readonly shard: number;
  readonly settings: SpaceSettings;
  readonly model_id: number;
  readonly salt: string;
  readonly is_importing: boolean;
}

/** A space with what the store needs to write into it. */
export interface OpenSpace extends Space {
  readonly conversationSalt: Buffer;
  /** Whether it is not whole yet: its file is being imported. */
  readonly isImporting: boolean;
}

/** How long another process's change of a space's settings or model may go unnoticed, where it is in use. */
const freshMs = 5_000;

/** How long at most it goes unnoticed: a space that nobody asked for since then is read before it is used. */
export const staleMs = 10_000;

/** The spaces of one database, each created on first use and remembered while it is in use. */
export class Spaces {
  readonly #db: Database;
  readonly #models: Models;
  readonly #known = new LRUCache<string, OpenSpace>({
    max: 10_000,
    ttl: freshMs,
    allowStale: true,
    // Who waits for a space while it is forgotten gets what was read.
    ignoreFetchAbort: true,
    fetchMethod: (name) => this.#find(name),
  });

  constructor(db: Database, models: Models) {
    this.#db = db;
    this.#models = models;
  }

  async open(name: string): Promise<OpenSpace> {
    const isUsable = this.#known.getRemainingTTL(name) > freshMs - staleMs;
    const space = await this.#known.fetch(name, { allowStale: isUsable });
    if (!space) throw new Error(`space ${name} was not found`);
    return space.isImporting ? this.#find(name) : space;
  }

  /** Reads the space anew when it is opened next: this process has just changed it. */
  forget(name: string): void {
    this.#known.delete(name);
  }

  async #find(name: string): Promise<OpenSpace> {
    const { rows } = await sql<SpaceRow>`
      with created as (
        insert into spaces (space_id, shard, model_id, conversation_salt)
        values (${name}, ${shardOf(name)}, ${this.#models.ofNewSpaces.modelId}, ${randomBytes(16)})
        on conflict do nothing returning *),
      space as (select * from spaces where space_id = ${name} union all select * from created)
      select shard, settings, model_id, encode(conversation_salt, 'hex') as salt, importing_since is not null as is_importing
      from space`.execute(this.#db);
    const [row] = rows;
    // Another process created it between this statement's snapshot and its insert: look again.
    if (!row) return this.#find(name);
    const { provider, name: ofModel, dimensions } = await this.#models.byId(row.model_id);
    const model = { provider, name: ofModel, dimensions };
    const { shard, settings, salt, is_importing: isImporting } = row;
    return { id: name, shard, settings, model, isImporting, conversationSalt: Buffer.from(salt, 'hex') };
  }
}

/**
 * The id under which the log knows a conversation: an HMAC of the client's own id under the space's
 * salt, so that interning needs no look-up and the log does not tell what the client called it.
 */
export function internConversation(space: OpenSpace, name: string): string {
  const digest = createHmac('sha256', space.conversationSalt).update(name).digest('hex');
  return [8, 12, 16, 20, 32].map((end, index, ends) => digest.slice(ends[index - 1] ?? 0, end)).join('-');
}
