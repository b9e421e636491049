import { AnimaClientError, foreignResponse } from './client-error.ts';

/** tRPC calls `fetch` in this form only, and with a URL. */
type CallOptions = Omit<RequestInit, 'signal'> & { readonly signal?: AbortSignal | null | undefined };

/**
 * `fetch` for an API that answers JSON: what fails is an `AnimaClientError` that says where and why,
 * and so is an answer of something else, such as a proxy's page.
 *
 * @param timeoutMs for the whole answer; undefined for one that streams
 */
export function answeringFetch(send: typeof fetch, timeoutMs: number | undefined) {
  return async (asked: Parameters<typeof fetch>[0], options: CallOptions = {}): Promise<Response> => {
    const url = String(asked);
    const timeout = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
    const signals = [options.signal, timeout].filter((signal) => signal != null);
    const { origin } = new URL(url);
    let response: Response;
    try {
      response = await send(url, { ...options, signal: AbortSignal.any(signals) });
    } catch (cause) {
      if (options.signal?.aborted) throw cause;
      if (timeout?.aborted) {
        const message = `${origin} did not answer within ${timeoutMs} ms`;
        throw new AnimaClientError({ code: 'TIMEOUT', message, cause });
      }
      throw new AnimaClientError({ code: 'NETWORK_ERROR', message: `${origin}: ${reason(cause)}`, cause });
    }
    if (response.headers.get('content-type')?.startsWith('application/json')) return response;
    await response.body?.cancel();
    throw foreignResponse(response);
  };
}

/** Node's `fetch failed` says what failed in its cause. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return cause.message || ('code' in cause ? String(cause.code) : error.message);
}
