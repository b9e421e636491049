import OpenAI from 'openai';
import { probeDimensions } from './dimensions.ts';
import { type Provider, ProviderError } from './provider.ts';
import {
  answeredNonsense,
  answeredStatus,
  callTimeoutMs,
  type Endpoint,
  isConnectionError,
  timedOut,
  unreachable,
} from './remote-failure.ts';

/** https://platform.openai.com/docs/guides/embeddings */
const knownDimensions: Readonly<Record<string, number>> = {
  'text-embedding-3-small': 1536,
  'text-embedding-3-large': 3072,
  'text-embedding-ada-002': 1536,
};

/**
 * A text may have 8,192 tokens, a call 300,000; beyond that it is refused whole. A token is at least one
 * byte and a UTF-16 code unit at most three, so these never get there, in any language.
 */
const maxCharacters = 2_700;
const maxBatchCharacters = 100_000;

export interface OpenAiOptions {
  readonly apiKey: string;
  readonly baseUrl?: string | undefined;
  readonly model: string;
  readonly timeoutMs?: number;
}

/** @throws ProviderError when the model is not a known one and cannot be asked for its dimensions */
export async function openOpenAi({
  apiKey,
  baseUrl,
  model,
  timeoutMs = callTimeoutMs,
}: OpenAiOptions): Promise<Provider> {
  const client = new OpenAI({ apiKey, baseURL: baseUrl, timeout: timeoutMs, maxRetries: 0, logLevel: 'off' });
  const endpoint: Endpoint = {
    provider: 'openai',
    url: client.baseURL,
    model,
    advice: {
      unreachable: 'check the network and OPENAI_BASE_URL',
      unauthorized: 'check OPENAI_API_KEY',
      notFound: 'check OPENAI_MODEL and OPENAI_BASE_URL',
    },
  };

  async function embed(texts: readonly string[], signal: AbortSignal): Promise<readonly unknown[]> {
    try {
      return readAnswers(await client.embeddings.create({ model, input: [...texts] }, { signal }));
    } catch (error) {
      throw asProviderError(error);
    }
  }

  /** Answers carry the index of their text and may come in any order. */
  function readAnswers(response: unknown): readonly unknown[] {
    const isObject = typeof response === 'object' && response !== null;
    if (!isObject || !('data' in response) || !Array.isArray(response.data)) throw answeredNonsense(endpoint);
    const items: readonly { readonly index?: unknown; readonly embedding?: unknown }[] = response.data;
    return items.toSorted((a, b) => Number(a.index) - Number(b.index)).map(({ embedding }) => embedding);
  }

  function asProviderError(error: unknown): unknown {
    if (error instanceof ProviderError) return error;
    if (error instanceof OpenAI.APIConnectionTimeoutError) return timedOut(endpoint, timeoutMs);
    if (error instanceof OpenAI.APIConnectionError || isConnectionError(error)) return unreachable(endpoint, error);
    if (error instanceof OpenAI.APIError && error.status !== undefined) {
      return answeredStatus(endpoint, error.status, error.code ?? undefined);
    }
    // The client decodes vectors itself, and trips over answers that have none.
    return error instanceof SyntaxError || error instanceof TypeError ? answeredNonsense(endpoint) : error;
  }

  const dimensions = knownDimensions[model] ?? (await probeDimensions(model, embed));
  return {
    model: { provider: 'openai', name: model, dimensions },
    maxCharacters,
    maxBatch: 128,
    maxBatchCharacters,
    concurrency: 8,
    embed,
  };
}
