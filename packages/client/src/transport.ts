import type { AppRouter } from '@anima/api';
import {
  httpBatchLink,
  httpBatchStreamLink,
  httpLink,
  httpSubscriptionLink,
  splitLink,
  type TRPCLink,
} from '@trpc/client';
import { answeringFetch } from './answering-fetch.ts';
import { eventSource } from './event-source.ts';
import { streamErrorsLink } from './stream-errors-link.ts';

/** These answer with a stream of steps. */
export const streamedProcedures: ReadonlySet<string> = new Set([
  'projections.rebuild',
  'archive.run',
  'spaces.consolidate',
  'spaces.reembed',
  'spaces.export',
  'spaces.applyImport',
]);

/** These are large themselves. */
const unbatched: ReadonlySet<string> = new Set(['memories.addMany', 'spaces.stageImport']);

/** Ten adds of the longest content are safely below the server's limit of 4 MiB for a body. */
const batchedCalls = 10;
/** Node's servers take 16 KiB of headers, the URL included. */
const longestUrl = 8_000;

export interface TransportOptions {
  readonly url: string;
  readonly apiKey: string | undefined;
  readonly fetch: typeof fetch;
  readonly timeoutMs: number;
}

/**
 * How calls travel: those of one tick share a request, but for those that are large themselves, and those
 * whose steps are read as they come. Subscriptions are server-sent events.
 */
export function transport({ url, apiKey, fetch, timeoutMs }: TransportOptions): TRPCLink<AppRouter> {
  const options = {
    url: new URL('trpc', url.endsWith('/') ? url : `${url}/`),
    headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
  };
  const bounded = answeringFetch(fetch, timeoutMs);
  const calls = splitLink({
    condition: ({ path }) => streamedProcedures.has(path),
    true: [streamErrorsLink, httpBatchStreamLink({ ...options, fetch: answeringFetch(fetch, undefined), maxItems: 1 })],
    false: splitLink({
      condition: ({ path }) => unbatched.has(path),
      true: httpLink({ ...options, fetch: bounded }),
      false: httpBatchLink({ ...options, fetch: bounded, maxItems: batchedCalls, maxURLLength: longestUrl }),
    }),
  });
  return splitLink({
    condition: ({ type }) => type === 'subscription',
    true: httpSubscriptionLink({
      url: options.url.href,
      get EventSource() {
        return eventSource();
      },
      // The one of browsers takes neither: it sends no headers.
      eventSourceOptions: {
        fetch: (at, init) => fetch(at, { ...init, headers: { ...init.headers, ...options.headers } }),
      },
    }),
    false: calls,
  });
}
