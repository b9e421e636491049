import type { CacheStats } from '@anima/core';

export const cacheStatuses = ['warming', 'healthy', 'low-hit-rate'] as const;

/** Look-ups before which a hit rate says nothing. */
const enoughLookups = 100;
const goodHitRate = 0.5;

/** How the embedding cache is doing, and what a person could do about it. */
export function adviseOnCache(stats: CacheStats): {
  readonly status: (typeof cacheStatuses)[number];
  readonly recommendation: string;
} {
  const lookups = stats.hits + stats.misses;
  if (lookups < enoughLookups) {
    return { status: 'warming', recommendation: `Too early to say: ${lookups} of ${enoughLookups} look-ups so far.` };
  }
  const rate = `${Math.round(stats.hitRate * 100)} % of look-ups hit`;
  if (stats.hitRate >= goodHitRate) return { status: 'healthy', recommendation: `${rate}; nothing to do.` };
  return {
    status: 'low-hit-rate',
    recommendation:
      stats.size >= stats.maxSize
        ? `${rate} and the cache is full: raise EMBEDDING_CACHE_MAX above ${stats.maxSize}.`
        : `${rate} though the cache has room: most texts are new, or come back after EMBEDDING_CACHE_TTL_MS.`,
  };
}
