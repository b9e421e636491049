import type { Principal, Role } from '../access.ts';

/** A key as a list shows it: everything but the key itself, which nobody has. */
export interface ApiKey {
  /** The beginning of the key after `anima_`, by which it is recognised. */
  readonly keyId: string;
  readonly name: string;
  readonly role: Role;
  /** Null: all spaces. */
  readonly spaces: readonly string[] | null;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  /** To the minute. */
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
}

export interface NewKey {
  readonly name: string;
  readonly role: Role;
  readonly spaces: readonly string[] | undefined;
  readonly expiresAt: string | undefined;
  /** The same request again makes the same key anew: the answer to the first was lost, and its secret with it. */
  readonly idempotencyKey: string | undefined;
}

/** Keys that open a server. Of each, only a hash is kept. */
export interface KeyStore {
  /** @throws AnimaError `VALIDATION_ERROR` when it would have expired already */
  createKey(wanted: NewKey): Promise<{ readonly key: string; readonly made: ApiKey }>;
  /** Newest first. */
  listKeys(): Promise<readonly ApiKey[]>;
  /** Undefined when there is none of this id. One that was revoked stays so. */
  revokeKey(keyId: string): Promise<ApiKey | undefined>;
  /**
   * Whom a key stands for; undefined when it was never made, has expired or was revoked. What is known of a key is at
   * most a second old, and a request waits for the database only when it is older.
   */
  principalOf(key: string): Promise<Principal | undefined>;
}
