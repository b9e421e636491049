import type { Counted, SharedRedis } from '@anima/core';
import type { FastifyRateLimitStore, FastifyRateLimitStoreCtor } from '@fastify/rate-limit';
import { LRUCache } from 'lru-cache';

/**
 * Where rate limits are counted by all processes together. While that cannot be, this process counts for itself: a
 * limit that is looser for a while, but never none.
 *
 * @param mostCounted names that this process counts at most
 */
export function sharedCounts(redis: Pick<SharedRedis, 'count'>, mostCounted: number): FastifyRateLimitStoreCtor {
  const own = new LRUCache<string, { count: number; readonly endsAt: number }>({ max: mostCounted });

  function countHere(name: string, windowMs: number): Counted {
    const now = performance.now();
    const known = own.get(name);
    const counting = known && known.endsAt > now ? known : { count: 0, endsAt: now + windowMs };
    counting.count += 1;
    own.set(name, counting);
    return { count: counting.count, remainingMs: counting.endsAt - now };
  }

  return class SharedCounts implements FastifyRateLimitStore {
    incr(name: string, answer: Parameters<FastifyRateLimitStore['incr']>[1], windowMs: number): void {
      redis
        .count(name, windowMs)
        .catch(() => countHere(name, windowMs))
        .then(({ count, remainingMs }) => answer(null, { current: count, ttl: remainingMs }), answer);
    }

    /** All limits are counted in one place; their names differ. */
    child(): FastifyRateLimitStore {
      return this;
    }
  };
}
