import type { CacheStats, Embedder, Log, QueryVectors, Space } from '@anima/core';
import { openBuiltin } from './builtin.ts';
import { chunk, sentencesOf } from './chunking.ts';
import { type OllamaOptions, openOllama } from './ollama.ts';
import { type OpenAiOptions, openOpenAi } from './openai.ts';
import type { Provider } from './provider.ts';
import { type Lane, Scheduler } from './scheduler.ts';
import { SecondLevel } from './second-level.ts';
import { meanDirection } from './unit-vector.ts';
import { VectorCache } from './vector-cache.ts';

export type ProviderOptions =
  | { readonly provider: 'builtin' }
  | ({ readonly provider: 'ollama' } & OllamaOptions)
  | ({ readonly provider: 'openai' } & OpenAiOptions);

export interface CacheOptions {
  /** Vectors, at least 1. */
  readonly max: number;
  readonly ttlMs: number;
}

export type EmbedderOptions = ProviderOptions & { readonly cache: CacheOptions; readonly log: Log };

export interface CachedEmbedder extends Embedder {
  /** Look-ups are counted by chunk; what the second level knows is a hit. */
  cacheStats(): CacheStats;
  /** From now on queries are looked up there before the model is asked, and kept there for the next process. */
  useSecondLevel(vectors: QueryVectors): void;
  /** Fails what waits or is under way, and ends the threads. */
  close(): Promise<void>;
}

/**
 * Opens a model. The builtin one loads in the background, and a remote one whose dimensions are known is
 * not contacted: so a server starts whether its model answers or not.
 *
 * @throws AnimaError `UNAVAILABLE` when the model is unknown to Anima and cannot be asked for its dimensions
 */
export async function openEmbedder({ cache, log, ...options }: EmbedderOptions): Promise<CachedEmbedder> {
  return createEmbedder(await openProvider(options, log), cache, log);
}

async function openProvider(options: ProviderOptions, log: Log): Promise<Provider> {
  switch (options.provider) {
    case 'builtin':
      return openBuiltin(log);
    case 'ollama':
      return openOllama(options, log);
    case 'openai':
      return openOpenAi(options, log);
  }
}

export function createEmbedder(provider: Provider, cacheOptions: CacheOptions, log: Log): CachedEmbedder {
  const { model, maxCharacters } = provider;
  const scheduler = new Scheduler(provider, log);
  const cache = new VectorCache({ model, ...cacheOptions, submit: (text, lane) => scheduler.submit(text, lane) });

  function pieces({ settings }: Space, text: string): readonly string[] {
    const chunks = chunk(text, maxCharacters);
    return settings.sentenceVectors ? [...new Set([...chunks, ...sentencesOf(text, maxCharacters)])] : chunks;
  }

  async function embedAll(space: Space, texts: readonly string[], lane: Lane, signal?: AbortSignal) {
    signal?.throwIfAborted();
    const lookups = texts.map((text) => cache.lookup(space, text, lane));
    try {
      return await unlessAborted(Promise.all(lookups.map(({ vector }) => vector)), signal);
    } finally {
      for (const lookup of lookups) lookup.release();
    }
  }

  return {
    model,
    async embedQuery(space, text, signal) {
      const vectors = await embedAll(space, chunk(text, maxCharacters), 'query', signal);
      const [only] = vectors;
      return only && vectors.length === 1 ? only : meanDirection(vectors, model);
    },
    async embedContents(space, texts, signal) {
      const chunks = texts.map((text) => pieces(space, text));
      const vectors = await embedAll(space, chunks.flat(), signal ? 'content' : 'background', signal);
      return chunks.map(({ length }) => vectors.splice(0, length));
    },
    forget: (space) => cache.forget(space),
    cacheStats: () => cache.stats(),
    useSecondLevel: (vectors) => cache.useSecondLevel(new SecondLevel(vectors, model.dimensions, log)),
    async close() {
      scheduler.close();
      await provider.close?.();
    },
  };
}

/** Waits for work until the signal fires; then rejects with its reason and leaves the work alone. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
