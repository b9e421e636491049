import { ProviderError } from './provider.ts';

/** A model behind a URL, and what a person does about its failures. */
export interface Endpoint {
  readonly provider: string;
  readonly url: string;
  readonly model: string;
  readonly advice: { readonly unreachable: string; readonly unauthorized: string; readonly notFound: string };
}

/** How long one call may take, ms: a model that has to load first, on a slow machine, with a full batch. */
export const callTimeoutMs = 60_000;

/** @param code the provider's own name for the failure; its message is left out, for it may quote the text */
export function answeredStatus(
  endpoint: Endpoint,
  {
    status,
    headers,
    code,
  }: { readonly status: number; readonly headers: Headers | undefined; readonly code?: string | null | undefined },
): ProviderError {
  const { advice } = endpoint;
  // OpenAI's word for an account that has to be paid for first: https://platform.openai.com/docs/guides/error-codes
  const isUsedUp = code === 'insufficient_quota';
  const advised: Readonly<Record<number, string>> = {
    401: advice.unauthorized,
    403: advice.unauthorized,
    404: advice.notFound,
    429: isUsedUp ? 'its account has no credit left' : 'it is asked for too much; raise its limits or wait',
  };
  const hint = advised[status] ?? 'its own log says why';
  return new ProviderError(`${named(endpoint)} answered HTTP ${status}${code ? ` (${code})` : ''}: ${hint}`, {
    isTransient: !isUsedUp && (status === 408 || status === 429 || status >= 500),
    // Ollama answers 500 to a whole batch when the vector of one text has a NaN.
    mayBlameText: [400, 413, 422, 500].includes(status),
    retryAfterMs: retryAfterMs(headers),
  });
}

/** What a service asks for: OpenAI's own header in ms, else seconds or a date (RFC 9110, section 10.2.3). */
function retryAfterMs(headers: Headers | undefined): number | undefined {
  const ms = headers?.get('retry-after-ms');
  const secondsOrDate = headers?.get('retry-after');
  if (ms) return atLeastNone(Number(ms));
  if (!secondsOrDate) return undefined;
  const seconds = Number(secondsOrDate);
  return atLeastNone(Number.isNaN(seconds) ? Date.parse(secondsOrDate) - Date.now() : 1_000 * seconds);
}

function atLeastNone(ms: number): number | undefined {
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

export function unreachable(endpoint: Endpoint, error: unknown): ProviderError {
  return new ProviderError(`${named(endpoint)} cannot be reached: ${endpoint.advice.unreachable}`, {
    isTransient: true,
    cause: error,
  });
}

export function timedOut(endpoint: Endpoint, timeoutMs: number): ProviderError {
  return new ProviderError(
    `${named(endpoint)} did not answer within ${timeoutMs} ms: give it more power or use a smaller model`,
  );
}

export function answeredNonsense(endpoint: Endpoint): ProviderError {
  return new ProviderError(`${named(endpoint)} answered something other than vectors: is this its address?`);
}

/** `fetch` throws a TypeError with a cause when a connection fails or breaks; without one it is someone's mistake. */
export function isConnectionError(error: unknown): boolean {
  return error instanceof TypeError && error.cause !== undefined;
}

function named({ provider, url, model }: Endpoint): string {
  return `${provider} model "${model}" at ${url}`;
}
