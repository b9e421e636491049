import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shardCount, shardOf } from '../src/shards.ts';

/** A space's shard is stored with it: these never change. The hashes are FNV-1a's own published test vectors. */
test.each([
  ['', 0x811c9dc5, 5],
  ['a', 0xe40c292c, 44],
  ['b', 0xe70c2de5, 37],
  ['foobar', 0xbf9cf968, 40],
])('the shard of %j is its FNV-1a hash modulo 64', (spaceId, hash, shard) => {
  expect(hash % 64).toBe(shard);
  expect(shardOf(spaceId)).toBe(shard);
});

test.each([
  ['default', 30],
  ['tenant-42', 2],
  ['søren', 14],
  ['東京', 47],
  ['🧠', 47],
])('the shard of %j is frozen', (spaceId, shard) => {
  expect(shardOf(spaceId)).toBe(shard);
});

test('every space has one of the 64 shards', () => {
  expect(shardCount).toBe(64);
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (spaceId) => {
      const shard = shardOf(spaceId);
      expect(Number.isInteger(shard) && shard >= 0 && shard < shardCount).toBe(true);
    }),
  );
});
