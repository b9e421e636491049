import type { AppRouter } from '@anima/api';
import type { Operation, TRPCLink } from '@trpc/client';
import { observable } from '@trpc/server/observable';
import { type AnimaClientError, abortedCall, isPassing, toClientError } from './client-error.ts';
import { streamedProcedures } from './transport.ts';

const firstBackoffMs = 100;
const longestBackoffMs = 5_000;
/** A server that asks for more patience than this is not waited for. */
const longestWaitMs = 30_000;

/**
 * Makes every mutation safe to repeat, by an idempotency key where the caller gave none, and repeats
 * what failed for a reason that passes. All attempts of a call carry the same key, so it takes effect
 * once. A stream or a subscription is neither keyed nor repeated: what it has already shown cannot be taken back.
 */
export function retryLink(retries: number): TRPCLink<AppRouter> {
  return () =>
    ({ op: called, next }) =>
      observable((observer) => {
        const op = withKey(called);
        const allowed = op.type === 'subscription' || streamedProcedures.has(op.path) ? 0 : retries;
        let backoff: ReturnType<typeof setTimeout> | undefined;
        let attempt: { unsubscribe(): void } | undefined;

        const start = (failures: number) => {
          backoff = undefined;
          attempt = next(op).subscribe({
            next: (value) => observer.next(value),
            complete: () => observer.complete(),
            error(thrown) {
              const error = op.signal?.aborted ? abortedCall(thrown) : toClientError(thrown);
              const waitMs = waitAfter(failures, error);
              if (failures < allowed && isPassing(error) && waitMs <= longestWaitMs) {
                backoff = setTimeout(() => start(failures + 1), waitMs);
              } else {
                observer.error(error);
              }
            },
          });
        };
        // An attempt under way hears the signal itself; a call that waits for its next one does not.
        const onAbort = () => {
          if (backoff === undefined) return;
          clearTimeout(backoff);
          observer.error(abortedCall(op.signal?.reason));
        };
        op.signal?.addEventListener('abort', onAbort);
        start(0);
        return () => {
          op.signal?.removeEventListener('abort', onAbort);
          clearTimeout(backoff);
          attempt?.unsubscribe();
        };
      });
}

function withKey(op: Operation): Operation {
  const { type, path, input } = op;
  if (type !== 'mutation' || streamedProcedures.has(path) || typeof input !== 'object' || input === null) return op;
  const given = 'idempotencyKey' in input ? input.idempotencyKey : undefined;
  return { ...op, input: { ...input, idempotencyKey: given ?? crypto.randomUUID() } };
}

/** Exponential, the upper half of it random, so that callers who failed together do not return together. */
function waitAfter(failures: number, error: AnimaClientError): number {
  const backoff = Math.min(longestBackoffMs, firstBackoffMs * 2 ** failures);
  return (error.retryAfterMs ?? 0) + backoff * (0.5 + Math.random() / 2);
}
