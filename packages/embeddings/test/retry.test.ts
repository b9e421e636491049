import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ProviderError } from '../src/provider.ts';
import { withRetries } from '../src/retry.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** When a call was attempted that always fails like this, ms after the first attempt. */
async function attemptsOf(failure: unknown): Promise<number[]> {
  const startedAt = performance.now();
  const attempts: number[] = [];
  const call = withRetries(async () => {
    attempts.push(Math.round(performance.now() - startedAt));
    throw failure;
  }, new AbortController().signal);
  const isRejected = expect(call).rejects.toBe(failure);
  await vi.runAllTimersAsync();
  await isRejected;
  return attempts;
}

const pauses = (attempts: readonly number[]) => attempts.slice(1).map((at, index) => at - attempts[index]!);
const transient = (retryAfterMs?: number) => new ProviderError('down', { isTransient: true, retryAfterMs });

it('waits longer each time, and never the same for two callers', async () => {
  const seen = new Set<string>();
  for (let caller = 0; caller < 20; caller += 1) {
    const waited = pauses(await attemptsOf(transient()));
    expect(waited).toHaveLength(3);
    for (const [index, ms] of waited.entries()) {
      expect(ms).toBeGreaterThanOrEqual(150 * 2 ** index);
      expect(ms).toBeLessThanOrEqual(300 * 2 ** index);
    }
    seen.add(waited.join());
  }
  expect(seen.size).toBeGreaterThan(15);
});

it('adds what the provider asks for to its own pause, so that not all return together', async () => {
  vi.useRealTimers();
  const askedAt: number[] = [];
  const attempt = async () => {
    askedAt.push(performance.now());
    if (askedAt.length === 1) throw transient(300);
  };
  await withRetries(attempt, new AbortController().signal);
  expect(pauses(askedAt)[0]).toBeGreaterThan(300 + 140);
});

it('does not wait for a provider that asks for more than 5 s', async () => {
  expect(await attemptsOf(transient(5_001))).toEqual([0]);
});

it('does not repeat what would fail again, or is no failure of the provider', async () => {
  expect(await attemptsOf(new ProviderError('400'))).toEqual([0]);
  expect(await attemptsOf(new Error('a mistake'))).toEqual([0]);
});

it.each([0, 4_000])('ends with the reason of its signal while it waits (Retry-After %i ms)', async (retryAfterMs) => {
  const closing = new AbortController();
  const call = withRetries(() => Promise.reject(transient(retryAfterMs)), closing.signal);
  const isRejected = expect(call).rejects.toThrow('closed');
  await vi.advanceTimersByTimeAsync(100);
  closing.abort(new Error('closed'));
  await isRejected;
});
