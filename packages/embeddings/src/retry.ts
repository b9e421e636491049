import { setTimeout as sleep } from 'node:timers/promises';
import pRetry from 'p-retry';
import { ProviderError } from './provider.ts';

/** A provider that asks for more patience than this, ms, fails the call: it would hold its slot for nothing. */
const longestWaitMs = 5_000;

/**
 * Repeats an attempt that failed for a passing reason: at most three times, after 150–300, 300–600 and
 * 600–1,200 ms, each at random, so that callers who failed together do not return together. The wait that
 * a provider asks for comes on top. Longer outages are for those who ask again later, not for a call that
 * holds a slot.
 *
 * @throws what the last attempt threw, or the signal's reason
 */
export function withRetries<T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T> {
  return pRetry(attempt, {
    retries: 3,
    minTimeout: 150,
    randomize: true,
    signal,
    async shouldRetry({ error }) {
      if (!(error instanceof ProviderError && error.isTransient)) return false;
      const { retryAfterMs = 0 } = error;
      if (retryAfterMs > longestWaitMs) return false;
      // When the signal cuts this short, the retry ends with its reason.
      if (retryAfterMs > 0) await sleep(retryAfterMs, undefined, { signal }).catch(() => undefined);
      return true;
    },
  });
}
