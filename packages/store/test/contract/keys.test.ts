import { createKey, createKeyInput, type KeyStore } from '@anima/core';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { Keys } from '../../src/keys.ts';
import { onEveryEngine } from '../engines.ts';
import { RecordingLog } from '../recording-log.ts';
import { statementsOf } from '../statements.ts';

onEveryEngine('keys', (opened) => {
  const create = (request: object = {}) =>
    createKey(opened().store, createKeyInput.parse({ name: 'a key', role: 'write', ...request }));

  test('a key opens what it was made for, and nothing of it is kept but a hash', async () => {
    const { key, keyId } = await create({ spaces: ['ada', 'bob'] });
    expect(key).toMatch(/^anima_[0-9a-f]{12}_[\w-]{43}$/);
    expect(await opened().store.principalOf(key)).toEqual({ keyId, role: 'write', spaces: ['ada', 'bob'] });
    const { rows } = await sql<{ row: string }>`select k::text as row from api_keys k`.execute(opened().db);
    for (const { row } of rows) expect(row).not.toContain(key.slice(-43));
  });

  test('one of all spaces says so, and no two are alike', async () => {
    const [one, other] = [await create(), await create()];
    expect(one.key).not.toBe(other.key);
    expect(await opened().store.principalOf(one.key)).toEqual({ keyId: one.keyId, role: 'write', spaces: undefined });
  });

  test('what only looks like a key opens nothing', async () => {
    const { key } = await create();
    const another = (await create()).key;
    const wrong = [`${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`, `${key}A`, key.slice(0, -1), '', 'anima__'];
    wrong.push(`${key.slice(0, 19)}${another.slice(19)}`, `anima_${'0'.repeat(12)}${key.slice(18)}`, key.toUpperCase());
    for (const one of wrong) expect(await opened().store.principalOf(one), one).toBeUndefined();
  });

  test('one that is revoked opens nothing from that moment on, in no process', async () => {
    const elsewhere: KeyStore = new Keys(opened().db, new RecordingLog());
    const { key, keyId } = await create();
    expect(await elsewhere.principalOf(key)).toBeDefined();
    expect((await opened().store.revokeKey(keyId))?.revokedAt).not.toBeNull();
    expect(await opened().store.principalOf(key)).toBeUndefined();
    expect(await elsewhere.principalOf(key)).toBeUndefined();
    const again = await opened().store.revokeKey(keyId);
    expect(again?.revokedAt).toBe((await opened().store.listKeys()).find((one) => one.keyId === keyId)?.revokedAt);
    expect(await opened().store.revokeKey('0'.repeat(12))).toBeUndefined();
  });

  test('one that has expired opens nothing, also when it was just used', async () => {
    const { key } = await create({ expiresAt: new Date(Date.now() + 400).toISOString() });
    expect(await opened().store.principalOf(key)).toBeDefined();
    await expect.poll(() => opened().store.principalOf(key), { timeout: 1_500, interval: 50 }).toBeUndefined();
    await expect(create({ expiresAt: new Date(0).toISOString() })).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
  });

  test('the same request again is the same key with another secret; another request is another key', async () => {
    const idempotencyKey = 'once';
    const [first, second] = [await create({ idempotencyKey }), await create({ idempotencyKey })];
    expect(second.keyId).toBe(first.keyId);
    expect(await opened().store.principalOf(first.key)).toBeUndefined();
    expect(await opened().store.principalOf(second.key)).toBeDefined();
    expect((await create({ idempotencyKey, role: 'admin' })).keyId).not.toBe(first.keyId);
  });

  test('a list shows each key without what opens, newest first, and when it was last used', async () => {
    const { key, keyId } = await create({ name: 'the newest' });
    await opened().store.principalOf(key);
    await expect.poll(async () => (await opened().store.listKeys())[0]?.lastUsedAt).not.toBeNull();
    const [newest] = await opened().store.listKeys();
    expect(newest).toMatchObject({ keyId, name: 'the newest', role: 'write', spaces: null, revokedAt: null });
    expect(JSON.stringify(newest)).not.toContain(key.slice(-43));
  });

  test('a hundred requests of one key at once, known or not, share a few lookups that begin after them', async () => {
    const key = `anima_${'0'.repeat(12)}_${'A'.repeat(43)}`;
    const sent = await statementsOf(async (db) => {
      const keys = new Keys(db, new RecordingLog());
      await Promise.all(Array.from({ length: 100 }, () => keys.principalOf(key)));
    });
    expect(sent).toHaveLength(3);
  });
});
