import type { LoggedEvent, TailRequest, TailStep } from '@anima/api';
import { isAnimaClientError, isPassing, toClientError } from './client-error.ts';
import type { AnimaClient } from './create-client.ts';
import { provideEventSource } from './event-source.ts';
import { pagesOf } from './pages.ts';

const firstBackoffMs = 200;
const longestBackoffMs = 5_000;
const pageSize = 200;

/**
 * What happens in a space, event by event, as it comes: each once and in the order of the log, across reconnections
 * and however much came at once. It begins behind `after`, or now; once it runs, a server that is away is waited for.
 * It goes on until the loop is left or the signal aborts.
 *
 * @param anima the client
 * @param request the space, and which events: by `types`, `memoryId`, `conversationId`; `after` a position
 * @throws AnimaClientError where the request is refused, or no server answers at first
 *
 * @example
 * ```ts
 * for await (const { type, position, memoryIds } of eventsOf(anima, { space: 'ada', types: ['memory.added'] })) {
 *   console.log(position, type, memoryIds);
 * }
 * ```
 */
export async function* eventsOf(
  anima: AnimaClient,
  request: TailRequest = {},
  { signal }: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<LoggedEvent, void, undefined> {
  await provideEventSource();
  let reached = request.after;
  let failures = 0;
  for (;;) {
    try {
      for await (const step of stepsOf(anima, { ...request, after: reached }, signal)) {
        failures = 0;
        const from = reached ?? step.position;
        reached = step.position;
        const events = step.skipped ? await allSince(anima, request, from, step.position) : step.events.toReversed();
        for (const event of events) {
          if (signal?.aborted) return;
          yield event;
        }
      }
    } catch (error) {
      if (!isAnimaClientError(error) || !isPassing(error) || reached === undefined) throw error;
    }
    if (signal?.aborted) return;
    await pause(Math.min(longestBackoffMs, firstBackoffMs * 2 ** failures), signal);
    failures += 1;
  }
}

/** One subscription, to its end. */
async function* stepsOf(
  anima: AnimaClient,
  request: TailRequest,
  signal: AbortSignal | undefined,
): AsyncGenerator<TailStep, void, undefined> {
  const arrived: TailStep[] = [];
  let end: { readonly error?: unknown } | undefined;
  let wake = (): void => undefined;
  const finish = (how: { readonly error?: unknown }) => {
    end ??= how;
    wake();
  };
  const onAbort = () => finish({});
  signal?.addEventListener('abort', onAbort);
  if (signal?.aborted) onAbort();
  const subscription = anima.events.tail.subscribe(request, {
    onData(step) {
      arrived.push(step);
      wake();
    },
    onError: (error) => finish({ error }),
    onComplete: () => finish({}),
    // By itself it would begin again where this one began, or at the end of the log.
    onConnectionStateChange: ({ state, error }) => {
      if (state === 'connecting' && error) finish({ error });
    },
  });
  try {
    for (;;) {
      const step = arrived.shift();
      if (step) yield step;
      else if (end) break;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
    if (end.error !== undefined) throw toClientError(end.error);
  } finally {
    signal?.removeEventListener('abort', onAbort);
    subscription.unsubscribe();
  }
}

/** What one step had no room for, from the log, the oldest first. */
async function allSince(
  anima: AnimaClient,
  { after: _, ...request }: TailRequest,
  from: number,
  to: number,
): Promise<readonly LoggedEvent[]> {
  const found: LoggedEvent[] = [];
  for await (const { events } of pagesOf(anima.events.list, { ...request, cursor: to + 1, limit: pageSize })) {
    const since = events.filter(({ position }) => position > from);
    found.push(...since);
    if (since.length < events.length) break;
  }
  return found.toReversed();
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end);
  });
}
