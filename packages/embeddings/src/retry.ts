import pRetry from 'p-retry';
import { ProviderError } from './provider.ts';

/**
 * Repeats an attempt that failed for a passing reason: at most three times, after 150–300, 300–600 and
 * 600–1,200 ms. Longer outages are for those who ask again later, not for a call that holds a slot.
 *
 * @throws what the last attempt threw, or the signal's reason
 */
export function withRetries<T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T> {
  return pRetry(attempt, {
    retries: 3,
    minTimeout: 150,
    randomize: true,
    signal,
    shouldRetry: ({ error }) => error instanceof ProviderError && error.isTransient,
  });
}
