import { AnimaError, type EmbeddingModel, type Log, type WantedModel } from '@anima/core';
import { openBuiltin } from './builtin.ts';
import { type OllamaOptions, openOllama } from './ollama.ts';
import { type OpenAiOptions, openOpenAi } from './openai.ts';
import { type Provider, ProviderError } from './provider.ts';
import { Scheduler } from './scheduler.ts';

export type ProviderOptions =
  | { readonly provider: 'builtin' }
  | ({ readonly provider: 'ollama' } & OllamaOptions)
  | ({ readonly provider: 'openai' } & OpenAiOptions);

/**
 * How a model is reached that a person or a space names.
 *
 * @throws AnimaError `VALIDATION_ERROR` when the settings do not reach it
 */
export type ReachModel = (wanted: WantedModel) => ProviderOptions;

/** A model that can be asked, with a queue of its own. */
export interface OpenModel {
  readonly model: EmbeddingModel;
  readonly maxCharacters: number;
  readonly scheduler: Scheduler;
  close(): Promise<void>;
}

/** After a model could not be opened, until it is tried again, ms. */
const quietMs = 5_000;

/**
 * The models of one process: the one of new spaces, and those that other spaces have, each opened when it
 * is asked for first. Two spaces of one model share its queue.
 */
export class OpenModels {
  readonly #reach: ReachModel;
  readonly #log: Log;
  readonly #models = new Map<string, OpenModel | Promise<OpenModel>>();
  readonly #failing = new Set<string>();
  #isClosed = false;

  constructor(first: Provider, reach: ReachModel, log: Log) {
    this.#reach = reach;
    this.#log = log;
    this.#models.set(modelKey(first.model), openModel(first, log));
  }

  /**
   * A model that spaces have; a promise of it while it is being opened.
   *
   * @throws AnimaError `UNAVAILABLE` (in the promise) when it cannot be opened now
   */
  of(model: EmbeddingModel): OpenModel | Promise<OpenModel> {
    const key = modelKey(model);
    const known = this.#models.get(key);
    if (known) return known;
    const opening = this.#openAgain(model);
    this.#models.set(key, opening);
    opening.then(
      (opened) => {
        this.#models.set(key, opened);
        if (this.#failing.delete(key)) this.#log.info({ model }, 'the embedding model of a space is there now');
        if (this.#isClosed) void opened.close();
      },
      (error: unknown) => {
        setTimeout(() => this.#models.delete(key), quietMs).unref();
        if (!this.#failing.has(key)) this.#log.warn({ model, err: error }, 'the model of a space cannot be opened');
        this.#failing.add(key);
      },
    );
    return opening;
  }

  /**
   * The model that is meant, opened; it has not been asked for anything yet, unless its dimensions had to be.
   *
   * @throws AnimaError `VALIDATION_ERROR` when the settings do not reach it or it has other dimensions,
   * `UNAVAILABLE` when only the model knows its dimensions, and does not answer
   */
  async find(wanted: WantedModel): Promise<OpenModel> {
    const options = this.#reach(wanted);
    const known = [...this.#models.values()].find(
      (open) => !(open instanceof Promise) && isMeant(open.model, wanted, options),
    );
    if (known) return known;
    const provider = await openAs(options, wanted.dimensions, this.#log);
    const underWay = this.#models.get(modelKey(provider.model));
    const other = underWay instanceof Promise ? await underWay.catch(() => undefined) : underWay;
    if (other) {
      await provider.close?.();
      return other;
    }
    const fresh = openModel(provider, this.#log);
    this.#models.set(modelKey(provider.model), fresh);
    return fresh;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const open of this.#models.values()) if (!(open instanceof Promise)) await open.close();
  }

  async #openAgain(model: EmbeddingModel): Promise<OpenModel> {
    try {
      const provider = await openAs(this.#reach(model), model.dimensions, this.#log);
      if (modelKey(provider.model) === modelKey(model)) return openModel(provider, this.#log);
      await provider.close?.();
      throw new ProviderError(
        `the space has vectors of ${modelName(model)}; what is there is ${modelName(provider.model)}`,
      );
    } catch (error) {
      if (!(error instanceof AnimaError) || error.code === 'UNAVAILABLE') throw error;
      throw new ProviderError(`${modelName(model)} cannot be opened: ${error.message}`, { cause: error });
    }
  }
}

/** All that makes two models the same. */
export function modelKey({ provider, name, dimensions }: EmbeddingModel): string {
  return `${provider}\0${name}\0${dimensions}`;
}

function modelName({ provider, name, dimensions }: EmbeddingModel): string {
  return `${provider} model "${name}" with ${dimensions} dimensions`;
}

function openModel(provider: Provider, log: Log): OpenModel {
  const { model, maxCharacters } = provider;
  const scheduler = new Scheduler(provider, log);
  return {
    model,
    maxCharacters,
    scheduler,
    async close() {
      scheduler.close();
      await provider.close?.();
    },
  };
}

export async function openProvider(options: ProviderOptions, log: Log): Promise<Provider> {
  switch (options.provider) {
    case 'builtin':
      return openBuiltin(log);
    case 'ollama':
      return openOllama(options, log);
    case 'openai':
      return openOpenAi(options, log);
  }
}

/** Opens a model whose vectors have these dimensions: as its own, or shortened where it can be asked for that. */
async function openAs(options: ProviderOptions, dimensions: number | undefined, log: Log): Promise<Provider> {
  const provider = await openProvider(options, log);
  if (dimensions === undefined || provider.model.dimensions === dimensions) return provider;
  await provider.close?.();
  const refuse = (message: string) =>
    new AnimaError('VALIDATION_ERROR', `dimensions: ${message}`, { details: [{ field: 'dimensions', message }] });
  if (options.provider !== 'openai') {
    const { name, dimensions: own } = provider.model;
    throw refuse(`model "${name}" has vectors of ${own} dimensions, which cannot become ${dimensions}`);
  }
  return openOpenAi({ ...options, dimensions }, log).catch((error: unknown) => {
    throw error instanceof ProviderError ? refuse(error.message) : error;
  });
}

/** Whether an open model is the one that is meant. Where dimensions can be chosen, they must have been. */
function isMeant(model: EmbeddingModel, { dimensions }: WantedModel, options: ProviderOptions): boolean {
  if (model.provider !== options.provider) return false;
  if (options.provider === 'builtin') return dimensions === undefined || dimensions === model.dimensions;
  if (model.name !== options.model.replace(/:latest$/, '')) return false;
  const wanted = dimensions ?? (options.provider === 'openai' ? options.dimensions : model.dimensions);
  return model.dimensions === wanted;
}
