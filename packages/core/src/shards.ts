/** Number of shards. A space's shard is stored with it, so this is fixed for the life of a database. */
export const shardCount = 64;

/**
 * The shard a new space is given: FNV-1a (32 bit) of its UTF-8 bytes, modulo 64.
 * http://www.isthe.com/chongo/tech/comp/fnv/; test vectors stand in `shards.test.ts`.
 */
export function shardOf(spaceId: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(spaceId)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return (hash >>> 0) % shardCount;
}
