import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { AnimaError, type ApiKey, type KeyStore, type Log, limits, type Principal, type Role } from '@anima/core';
import { sql } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { Database } from './engine/engine.ts';
import { SharedReads } from './reads/shared-reads.ts';
import { answering } from './unavailable.ts';

/** Uses of a key within this time are noted as one, ms. */
const notedEveryMs = 60_000;

interface KeyRow {
  readonly key_id: string;
  readonly name: string;
  readonly role: Role;
  readonly spaces: readonly string[] | null;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly last_used_at: Date | null;
  readonly revoked_at: Date | null;
}

interface FoundKey extends KeyRow {
  readonly hash: Uint8Array;
}

const shown = sql`key_id, name, role, spaces, created_at, expires_at, last_used_at, revoked_at`;

/** `anima_`, an id to recognise it by, and 256 random bits that are hashed: too many to be guessed, so no slow hash. */
const shape = /^anima_([0-9a-f]{12})_([\w-]{43})$/;

/** Keys of the server; its statements name no space. */
export class Keys implements KeyStore {
  readonly #db: Database;
  readonly #log: Log;
  readonly #notedAt = new LRUCache<string, number>({ max: 10_000 });
  readonly #noting = new Set<Promise<void>>();
  /** Looked up for each request anew, so that a key opens nothing from the moment it is revoked, wherever that was. */
  readonly #lookups = new SharedReads<FoundKey | undefined>();

  constructor(db: Database, log: Log) {
    this.#db = db;
    this.#log = log;
  }

  readonly principalOf = answering(async (key: string): Promise<Principal | undefined> => {
    const [, keyId, secret] = shape.exec(key) ?? [];
    if (keyId === undefined || secret === undefined) return undefined;
    const found = await this.#lookups.read(keyId, () => this.#find(keyId));
    if (!found || !timingSafeEqual(found.hash, hashOf(secret))) return undefined;
    if (found.revoked_at || (found.expires_at && found.expires_at.getTime() <= Date.now())) return undefined;
    this.#noteUse(keyId);
    return { keyId, role: found.role, spaces: found.spaces ?? undefined };
  });

  readonly createKey: KeyStore['createKey'] = answering(async (wanted) => {
    const { name, role, spaces = null, expiresAt = null, idempotencyKey } = wanted;
    if (expiresAt !== null && Date.parse(expiresAt) <= Date.now()) throw expired();
    const secret = randomBytes(32).toString('base64url');
    const keyId = idOf(idempotencyKey);
    const { rows } = await sql<KeyRow>`
      insert into api_keys (key_id, name, hash, role, spaces, expires_at)
      values (${keyId}, ${name}, ${hashOf(secret)}, ${role}, ${spaces}::text[], ${expiresAt}::timestamptz)
      on conflict (key_id) do update set hash = excluded.hash
        where (api_keys.name, api_keys.role) = (excluded.name, excluded.role)
          and api_keys.spaces is not distinct from excluded.spaces and api_keys.revoked_at is null
      returning ${shown}`.execute(this.#db);
    const [row] = rows;
    // Another key of the same idempotency key: it is left as it is.
    if (!row) return this.createKey({ ...wanted, idempotencyKey: undefined });
    return { key: `anima_${keyId}_${secret}`, made: toApiKey(row) };
  });

  readonly listKeys: KeyStore['listKeys'] = answering(async () => {
    const { rows } = await sql<KeyRow>`
      select ${shown} from api_keys order by created_at desc, key_id limit ${sql.lit(limits.keys)}`.execute(this.#db);
    return rows.map(toApiKey);
  });

  readonly revokeKey: KeyStore['revokeKey'] = answering(async (keyId) => {
    const { rows } = await sql<KeyRow>`
      update api_keys set revoked_at = coalesce(revoked_at, now()) where key_id = ${keyId}
      returning ${shown}`.execute(this.#db);
    return rows[0] && toApiKey(rows[0]);
  });

  /** Finishes what is being noted. */
  async close(): Promise<void> {
    await Promise.all(this.#noting);
  }

  async #find(keyId: string): Promise<FoundKey | undefined> {
    const { rows } = await sql<FoundKey>`/* find key */
      select ${shown}, hash from api_keys where key_id = ${keyId}`.execute(this.#db);
    return rows[0];
  }

  /** Behind the request: that a key was used is for people to see. */
  #noteUse(keyId: string): void {
    const now = performance.now();
    if (now - (this.#notedAt.get(keyId) ?? -notedEveryMs) < notedEveryMs) return;
    this.#notedAt.set(keyId, now);
    const noted = sql`update api_keys set last_used_at = now() where key_id = ${keyId}`
      .execute(this.#db)
      .then(
        () => undefined,
        (error: unknown) => this.#log.warn({ err: error, keyId }, 'the use of a key was not noted'),
      )
      .finally(() => this.#noting.delete(noted));
    this.#noting.add(noted);
  }
}

function expired(): AnimaError {
  const [field, message] = ['expiresAt', 'must be in the future'] as const;
  return new AnimaError('VALIDATION_ERROR', `${field}: ${message}`, { details: [{ field, message }] });
}

function idOf(idempotencyKey: string | undefined): string {
  const bytes = idempotencyKey === undefined ? randomBytes(6) : createHash('sha256').update(idempotencyKey).digest();
  return bytes.subarray(0, 6).toString('hex');
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

function toApiKey(row: KeyRow): ApiKey {
  const time = (value: Date | null) => value?.toISOString() ?? null;
  return {
    ...{ keyId: row.key_id, name: row.name, role: row.role, spaces: row.spaces },
    createdAt: row.created_at.toISOString(),
    expiresAt: time(row.expires_at),
    lastUsedAt: time(row.last_used_at),
    revokedAt: time(row.revoked_at),
  };
}
