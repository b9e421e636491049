import { randomUUID } from 'node:crypto';
import {
  AnimaError,
  type CacheStats,
  type Embedder,
  type Log,
  type ModelFinder,
  type QueryVectors,
  type Space,
  type Span,
  type Tracer,
  untraced,
} from '@anima/core';
import { chunk, sentencesOf } from './chunking.ts';
import { type OpenModel, OpenModels, openProvider, type ProviderOptions, type ReachModel } from './open-models.ts';
import type { Provider } from './provider.ts';
import type { Lane } from './scheduler.ts';
import { SecondLevel } from './second-level.ts';
import { meanDirection } from './unit-vector.ts';
import { VectorCache } from './vector-cache.ts';

export interface CacheOptions {
  /** Vectors of all models together, at least 1. */
  readonly max: number;
  readonly ttlMs: number;
}

export type EmbedderOptions = ProviderOptions & {
  readonly cache: CacheOptions;
  readonly log: Log;
  /** How other models are reached; without it there is none. */
  readonly reachModel?: ReachModel;
  readonly tracer?: Pick<Tracer, 'step'> | undefined;
};

export interface CachedEmbedder extends Embedder, ModelFinder {
  /** Look-ups are counted by chunk; what the second level knows is a hit. */
  cacheStats(): CacheStats;
  /** From now on queries are looked up there before the model is asked, and kept there for the next process. */
  useSecondLevel(vectors: QueryVectors): void;
  /** Fails what waits or is under way, and ends the threads. */
  close(): Promise<void>;
}

/**
 * Opens a model. The builtin one loads in the background, and a remote one whose dimensions are known is
 * not contacted: so a server starts whether its model answers or not. Models of spaces that have another
 * one are opened once they are asked for.
 *
 * @throws AnimaError `UNAVAILABLE` when the model is unknown to Anima and cannot be asked for its dimensions
 */
export async function openEmbedder({
  cache,
  log,
  reachModel,
  tracer,
  ...options
}: EmbedderOptions): Promise<CachedEmbedder> {
  return createEmbedder(await openProvider(options, log), cache, log, reachModel, tracer);
}

export function createEmbedder(
  provider: Provider,
  cacheOptions: CacheOptions,
  log: Log,
  reachModel: ReachModel = refuseOthers,
  tracer: Pick<Tracer, 'step'> = untraced,
): CachedEmbedder {
  const models = new OpenModels(provider, reachModel, log);
  const cache = new VectorCache(cacheOptions);

  /** At once where the space's model is open. */
  function withModel<T>(
    { model }: Space,
    signal: AbortSignal | undefined,
    work: (opened: OpenModel, span: Span | undefined) => Promise<T>,
  ): Promise<T> {
    return tracer.step('embed', (span) => {
      span?.set('anima.embedding.provider', model.provider);
      span?.set('anima.embedding.model', model.name);
      const known = models.of(model);
      return known instanceof Promise
        ? unlessAborted(known, signal).then((opened) => work(opened, span))
        : work(known, span);
    });
  }

  async function embedAll(
    { scheduler }: OpenModel,
    span: Span | undefined,
    space: Space,
    texts: readonly string[],
    lane: Lane,
    signal?: AbortSignal,
  ) {
    signal?.throwIfAborted();
    const lookups = texts.map((text) => cache.lookup(space, text, lane, scheduler));
    try {
      return await unlessAborted(Promise.all(lookups.map(({ vector }) => vector)), signal);
    } finally {
      span?.set('anima.embedding.texts', lookups.length);
      span?.set('anima.embedding.cached', lookups.filter(({ isHit }) => isHit()).length);
      for (const lookup of lookups) lookup.release();
    }
  }

  return {
    model: provider.model,
    embedQuery: (space, text, signal) =>
      withModel(space, signal, async (opened, span) => {
        const vectors = await embedAll(opened, span, space, chunk(text, opened.maxCharacters), 'query', signal);
        const [only] = vectors;
        return only && vectors.length === 1 ? only : meanDirection(vectors, opened.model);
      }),
    embedContents: (space, texts, signal) =>
      withModel(space, signal, async (opened, span) => {
        const chunks = texts.map((text) => pieces(space, text, opened.maxCharacters));
        const vectors = await embedAll(opened, span, space, chunks.flat(), signal ? 'content' : 'background', signal);
        return chunks.map(({ length }) => vectors.splice(0, length));
      }),
    async findModel(wanted) {
      const { model, scheduler } = await models.find(wanted);
      await scheduler.submit(`probe ${randomUUID()}`, 'content').vector;
      return model;
    },
    forget: (space) => cache.forget(space),
    cacheStats: () => cache.stats(),
    useSecondLevel: (vectors) => cache.useSecondLevel(new SecondLevel(vectors, log)),
    close: () => models.close(),
  };
}

function pieces({ settings }: Space, text: string, maxCharacters: number): readonly string[] {
  const chunks = chunk(text, maxCharacters);
  return settings.sentenceVectors ? [...new Set([...chunks, ...sentencesOf(text, maxCharacters)])] : chunks;
}

function refuseOthers(): never {
  throw new AnimaError('VALIDATION_ERROR', 'provider: there is no model but the one of new spaces');
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
