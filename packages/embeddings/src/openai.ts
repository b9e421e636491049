import type { Log } from '@anima/core';
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
import { type Address, withStandby } from './standby.ts';

/** https://platform.openai.com/docs/guides/embeddings: which models there are, and which can shorten their vectors. */
const knownModels: Readonly<Record<string, { readonly dimensions: number; readonly canShorten: boolean }>> = {
  'text-embedding-3-small': { dimensions: 1536, canShorten: true },
  'text-embedding-3-large': { dimensions: 3072, canShorten: true },
  'text-embedding-ada-002': { dimensions: 1536, canShorten: false },
};

/**
 * A text may have 8,192 tokens, a call 300,000; beyond that it is refused whole. A token is at least one
 * byte and a UTF-16 code unit at most three, so these never get there, in any language.
 */
const maxCharacters = 2_700;
const maxBatchCharacters = 100_000;

export interface OpenAiOptions {
  readonly apiKey: string;
  /** Of a service that speaks OpenAI's protocol; OpenAI's own by default. */
  readonly baseUrl?: string | undefined;
  /** Where the same model is served too, for the time that it does not answer at `baseUrl`. */
  readonly standbyBaseUrl?: string | undefined;
  /** `apiKey` by default. */
  readonly standbyApiKey?: string | undefined;
  readonly model: string;
  /** What the service is asked to shorten its vectors to; the model's own by default. */
  readonly dimensions?: number | undefined;
  readonly timeoutMs?: number;
}

/**
 * @throws ProviderError when the model is not a known one and cannot be asked for its dimensions, and when
 * a known one cannot have those that are wanted
 */
export async function openOpenAi(options: OpenAiOptions, log: Log): Promise<Provider> {
  const { apiKey, baseUrl, standbyBaseUrl, standbyApiKey = apiKey } = options;
  const first = addressOf(options, { apiKey, baseUrl, settings: ['OPENAI_BASE_URL', 'OPENAI_API_KEY'] });
  const standby = standbyBaseUrl
    ? addressOf(options, {
        apiKey: standbyApiKey,
        baseUrl: standbyBaseUrl,
        settings: ['OPENAI_STANDBY_BASE_URL', 'OPENAI_STANDBY_API_KEY'],
      })
    : undefined;
  const addresses = standby ? [first, standby] : [first];
  const dimensions = wantedDimensions(options) ?? (await probeDimensions(options.model, addresses));
  const model = { provider: 'openai', name: options.model, dimensions };
  return {
    model,
    maxCharacters,
    maxBatch: 128,
    maxBatchCharacters,
    concurrency: 8,
    embed: standby ? withStandby({ model, first, standby, log }) : first.embed,
  };
}

/** Undefined when only the model can tell. */
function wantedDimensions({ model, dimensions }: OpenAiOptions): number | undefined {
  const known = knownModels[model];
  if (!known || dimensions === undefined || dimensions === known.dimensions) return dimensions ?? known?.dimensions;
  if (known.canShorten && dimensions < known.dimensions) return dimensions;
  throw new ProviderError(
    `openai model "${model}" has vectors of ${known.dimensions} dimensions, which cannot become ${dimensions}: ` +
      `${known.canShorten ? 'lower' : 'unset'} OPENAI_DIMENSIONS or use another OPENAI_MODEL`,
  );
}

interface Service extends Pick<OpenAiOptions, 'apiKey' | 'baseUrl'> {
  /** The names of those for its URL and its key. */
  readonly settings: readonly [url: string, key: string];
}

function addressOf(
  { model, dimensions, timeoutMs = callTimeoutMs }: OpenAiOptions,
  { apiKey, baseUrl, settings: [urlSetting, keySetting] }: Service,
): Address {
  const client = new OpenAI({ apiKey, baseURL: baseUrl, timeout: timeoutMs, maxRetries: 0, logLevel: 'off' });
  // A service that does not know the field may refuse it: it is sent only where it is wanted.
  const shortened = dimensions === undefined || dimensions === knownModels[model]?.dimensions ? {} : { dimensions };
  const endpoint: Endpoint = {
    provider: 'openai',
    url: client.baseURL,
    model,
    advice: {
      unreachable: `check the network and ${urlSetting}`,
      unauthorized: `check ${keySetting}`,
      notFound: `check OPENAI_MODEL and ${urlSetting}`,
    },
  };

  async function embed(texts: readonly string[], signal: AbortSignal): Promise<readonly unknown[]> {
    try {
      return readAnswers(await client.embeddings.create({ model, input: [...texts], ...shortened }, { signal }));
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
      return answeredStatus(endpoint, { status: error.status, headers: error.headers, code: error.code });
    }
    // The client decodes vectors itself, and trips over answers that have none.
    return error instanceof SyntaxError || error instanceof TypeError ? answeredNonsense(endpoint) : error;
  }

  return { url: client.baseURL, setting: urlSetting, embed };
}
