import { AnimaError } from '../errors.ts';
import type { CreateKeyInput, RevokeKeyInput } from '../inputs/keys.ts';
import type { ApiKey, KeyStore } from '../ports/keys.ts';

export interface CreateKeyResult extends ApiKey {
  /** The key itself. It is shown here and never again. */
  readonly key: string;
}

export interface KeysResult {
  /** Newest first, those that were revoked or have expired among them. */
  readonly keys: readonly ApiKey[];
}

/** Makes a key. */
export async function createKey(store: KeyStore, input: CreateKeyInput): Promise<CreateKeyResult> {
  const { name, role, spaces, expiresAt, idempotencyKey } = input;
  const { key, made } = await store.createKey({ name, role, spaces, expiresAt, idempotencyKey });
  return { ...made, key };
}

export async function listKeys(store: KeyStore): Promise<KeysResult> {
  return { keys: await store.listKeys() };
}

/** Ends a key, at once and in every process. @throws AnimaError `NOT_FOUND` */
export async function revokeKey(store: KeyStore, { keyId }: RevokeKeyInput): Promise<ApiKey> {
  const revoked = await store.revokeKey(keyId);
  if (!revoked) throw new AnimaError('NOT_FOUND', `there is no key anima_${keyId}…`);
  return revoked;
}
