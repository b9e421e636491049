import type { AppRouter } from '@anima/api';
import { createTRPCClient, type TRPCClient } from '@trpc/client';
import { retryLink } from './retry-link.ts';
import { transport } from './transport.ts';

/** The typed client: a procedure of the server for each path, such as `memories.add.mutate`. */
export type AnimaClient = TRPCClient<AppRouter>;

export interface AnimaClientOptions {
  /** Where the server is, such as `http://127.0.0.1:7100`. */
  readonly url: string;
  /** Sent as a bearer token. */
  readonly apiKey?: string;
  /** Another `fetch` than the global one. */
  readonly fetch?: typeof fetch;
  /** How long one attempt may take, ms. Default 30,000. What streams (a rebuild, a reembedding, an export) may take any time. */
  readonly timeoutMs?: number;
  /**
   * How often a call is repeated when the server was not reached, is overloaded or is away. Default 3;
   * 0 for none. Repeating is safe: all attempts of a call carry one idempotency key, so it takes
   * effect once.
   */
  readonly retries?: number;
}

/**
 * A client of an Anima server, for Node and browsers. Calls made in the same tick share a request.
 * Every call takes `{ signal }` as a second argument and throws `AnimaClientError`.
 *
 * @example
 * ```ts
 * const anima = createAnimaClient({ url: 'http://127.0.0.1:7100' });
 *
 * await anima.memories.add.mutate({ content: 'Ada prefers tea to coffee', tags: ['preference'] });
 *
 * const { memories, recallId } = await anima.memories.query.mutate({ query: 'what does Ada drink?', limit: 5 });
 * for (const { content, score } of memories) console.log(score.toFixed(2), content);
 *
 * const used = memories.slice(0, 1).map(({ id }) => id);
 * if (recallId !== null) await anima.memories.cite.mutate({ recallId, memoryIds: used });
 * ```
 *
 * @example
 * ```ts
 * for await (const step of await anima.projections.rebuild.mutate({ verify: true })) {
 *   if (step.type === 'progress') console.log(`${step.progress.replayed} of ${step.progress.total} events`);
 *   else console.log(`${step.report.projection}: ${step.report.differenceCount} differences`);
 * }
 * ```
 *
 * @example
 * ```ts
 * for await (const step of await anima.spaces.reembed.mutate({ space: 'ada', provider: 'ollama' })) {
 *   if (step.type === 'progress') console.log(`${step.progress.done} of ${step.progress.total} memories`);
 *   else console.log(`${step.report.outcome}, ${step.report.failed} refused`);
 * }
 * ```
 */
export function createAnimaClient(options: AnimaClientOptions): AnimaClient {
  const { url, apiKey, timeoutMs = 30_000, retries = 3 } = options;
  const fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
  return createTRPCClient<AppRouter>({ links: [retryLink(retries), transport({ url, apiKey, fetch, timeoutMs })] });
}
