import type { Log } from '@anima/core';
import { Ollama } from 'ollama';
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

/** From the models' pages in the Ollama library. What exceeds `maxTokens` Ollama cuts off. */
const knownModels: Readonly<Record<string, { readonly dimensions: number; readonly maxTokens: number }>> = {
  'nomic-embed-text': { dimensions: 768, maxTokens: 2048 },
  'mxbai-embed-large': { dimensions: 1024, maxTokens: 512 },
  'all-minilm': { dimensions: 384, maxTokens: 256 },
};

/** What most sentence models read at least. */
const usualMaxTokens = 512;

/** Conversations have about 4, code and markup about 2.5. */
const charactersPerToken = 2.5;

/** Far above the pauses between two requests, where Ollama's own 5 minutes mean to load the model again. */
const usualKeepAlive = '1h';

export interface OllamaOptions {
  readonly url: string;
  /** Where the same model is served too, for the time that it does not answer at `url`. */
  readonly standbyUrl?: string | undefined;
  readonly model: string;
  /** How long the model stays loaded after a call, as Ollama says it: `30m`, or seconds; below zero for ever. */
  readonly keepAlive?: string | number | undefined;
  readonly timeoutMs?: number;
}

/** @throws ProviderError when the model is not a known one and cannot be asked for its dimensions */
export async function openOllama(options: OllamaOptions, log: Log): Promise<Provider> {
  const first = addressOf(options, options.url, 'OLLAMA_URL');
  const standby = options.standbyUrl ? addressOf(options, options.standbyUrl, 'OLLAMA_STANDBY_URL') : undefined;
  const name = options.model.replace(/:latest$/, '');
  const known = knownModels[name.replace(/:.*$/, '')];
  const addresses = standby ? [first, standby] : [first];
  const dimensions = known?.dimensions ?? (await probeDimensions(options.model, addresses));
  const model = { provider: 'ollama', name, dimensions };
  const maxCharacters = (known?.maxTokens ?? usualMaxTokens) * charactersPerToken;
  return {
    model,
    maxCharacters,
    maxBatch: 32,
    maxBatchCharacters: 32 * maxCharacters,
    concurrency: 4,
    embed: standby ? withStandby({ model, first, standby, log }) : first.embed,
  };
}

function addressOf(
  { model, keepAlive = usualKeepAlive, timeoutMs = callTimeoutMs }: OllamaOptions,
  url: string,
  setting: string,
): Address {
  const endpoint: Endpoint = {
    provider: 'ollama',
    url,
    model,
    advice: {
      unreachable: `start it with "ollama serve" or correct ${setting}`,
      unauthorized: `it needs credentials that Anima does not have; correct ${setting}`,
      notFound: `run "ollama pull ${model}" there or correct OLLAMA_MODEL`,
    },
  };

  async function embed(texts: readonly string[], signal: AbortSignal): Promise<readonly unknown[]> {
    const client = new Ollama({
      host: url,
      // The client takes no signal and writes to the console when an error is not JSON.
      fetch: async (input, init) => {
        const response = await fetch(input, {
          ...init,
          signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
        });
        if (response.ok) return response;
        await response.body?.cancel();
        throw answeredStatus(endpoint, response);
      },
    });
    try {
      return readAnswers(await client.embed({ model, input: [...texts], keep_alive: keepAlive }));
    } catch (error) {
      throw asProviderError(error);
    }
  }

  function readAnswers(response: unknown): readonly unknown[] {
    const isObject = typeof response === 'object' && response !== null;
    if (isObject && 'embeddings' in response && Array.isArray(response.embeddings)) return response.embeddings;
    throw answeredNonsense(endpoint);
  }

  function asProviderError(error: unknown): unknown {
    if (error instanceof ProviderError) return error;
    if (error instanceof SyntaxError) return answeredNonsense(endpoint);
    if (error instanceof DOMException && error.name === 'TimeoutError') return timedOut(endpoint, timeoutMs);
    return isConnectionError(error) ? unreachable(endpoint, error) : error;
  }

  return { url, setting, embed };
}
