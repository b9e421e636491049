import { createHmac, randomBytes } from 'node:crypto';
import { AnimaError, type Space, type SpaceSettings, shardOf } from '@anima/core';
import { sql } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { Database } from './engine/engine.ts';
import type { RegisteredModel } from './schema/migrate.ts';

interface SpaceRow {
  readonly shard: number;
  readonly settings: SpaceSettings;
  readonly model_id: number;
  readonly salt: string;
  readonly model: string;
  readonly is_importing: boolean;
}

/** A space with what the store needs to write into it. */
export interface OpenSpace extends Space {
  readonly conversationSalt: Buffer;
  /** Whether it is not whole yet: its file is being imported. */
  readonly isImporting: boolean;
}

/** From then on a space is read anew while it goes on being used as it was. */
const freshMs = 5_000;

/** How long at most another process's change of a space goes unnoticed. */
export const staleMs = 10_000;

/** The spaces of one database, each created on first use and remembered while it is in use. */
export class Spaces {
  readonly #db: Database;
  readonly #model: RegisteredModel;
  readonly #known = new LRUCache<string, OpenSpace>({
    max: 10_000,
    ttl: freshMs,
    allowStale: true,
    fetchMethod: (name) => this.#find(name),
  });

  constructor(db: Database, model: RegisteredModel) {
    this.#db = db;
    this.#model = model;
  }

  /** @throws AnimaError `CONFLICT` when the space's vectors are of another model than the server's */
  async open(name: string): Promise<OpenSpace> {
    const isStale = this.#known.getRemainingTTL(name) < freshMs - staleMs;
    const space = await this.#known.fetch(name, { allowStale: !isStale });
    if (!space) throw new Error(`space ${name} was not found`);
    return space.isImporting ? this.#find(name) : space;
  }

  /** Reads the space anew when it is opened next: this process has just changed its settings. */
  forget(name: string): void {
    this.#known.delete(name);
  }

  async #find(name: string): Promise<OpenSpace> {
    const { rows } = await sql<SpaceRow>`
      with created as (
        insert into spaces (space_id, shard, model_id, conversation_salt)
        values (${name}, ${shardOf(name)}, ${this.#model.modelId}, ${randomBytes(16)})
        on conflict do nothing returning *),
      space as (select * from spaces where space_id = ${name} union all select * from created)
      select s.shard, s.settings, s.model_id, encode(s.conversation_salt, 'hex') as salt,
        s.importing_since is not null as is_importing, m.provider || '/' || m.name || ' with ' || m.dimensions || ' dimensions' as model
      from space s join embedding_models m using (model_id)`.execute(this.#db);
    const [row] = rows;
    // Another process created it between this statement's snapshot and its insert: look again.
    if (!row) return this.#find(name);
    if (row.model_id !== this.#model.modelId) {
      throw new AnimaError(
        'CONFLICT',
        `space "${name}" holds vectors of ${row.model}, this server runs ${this.#model.provider}/${this.#model.name} ` +
          `with ${this.#model.dimensions}: start the server with that model and its dimensions, or use another space`,
      );
    }
    return {
      ...{ id: name, shard: row.shard, settings: row.settings, isImporting: row.is_importing },
      conversationSalt: Buffer.from(row.salt, 'hex'),
    };
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
