import type { EmbeddingModel, Log } from '@anima/core';
import { type Provider, ProviderError } from './provider.ts';
import { unitVector } from './unit-vector.ts';

/** Where a model is served. */
export interface Address extends Pick<Provider, 'embed'> {
  readonly url: string;
  /** The name of the setting that holds the URL. */
  readonly setting: string;
}

export interface StandbyOptions {
  readonly model: EmbeddingModel;
  readonly first: Address;
  readonly standby: Address;
  readonly log: Log;
}

/**
 * How long an address may take before the other is asked as well, ms: far more than a short text takes,
 * far less than a call that will never be answered. A batch may be long work.
 */
const patienceMs = (texts: number) => 1_000 + 500 * texts;

/** Between two looks at an address that does not answer, or that has never answered yet, ms. */
const checkEveryMs = 2_000;

/** What both are asked for, to see whether they are the same model. */
const sample = ['The harbour master counted seventeen boats before the storm.'];

/** The same model on other hardware or in another quantisation stays above this cosine, another model far below. */
const sameModelCosine = 0.98;

/**
 * One model at two addresses. The one in use is asked; when it fails or takes too long, the other one is,
 * for the very same call, and stays in use until the first answers again. While the stand-by is in use,
 * the first is looked at beside the calls, so that none of them has to wait for it.
 *
 * Vectors of two models must never mix: a stand-by is dropped as soon as it gives other dimensions, or
 * another vector for the same text. As long as one of the two has not answered yet, their common name
 * has to do.
 *
 * @returns one attempt to embed at either address; it fails when both do
 */
export function withStandby(options: StandbyOptions): Provider['embed'] {
  const pair = new Pair(options);
  return (texts, signal) => pair.embed(texts, signal);
}

class Pair {
  readonly #model: EmbeddingModel;
  readonly #first: Address;
  readonly #standby: Address;
  readonly #log: Log;
  readonly #answeredAt = new Map<Address, number>();
  #inUse: Address;
  /** Whether both are the same model: unknown until both have answered; or why the stand-by is not asked. */
  #verdict: 'unknown' | 'same' | ProviderError = 'unknown';
  #isStandbyMissed = false;
  #isChecking = false;
  #checkedAt = Number.NEGATIVE_INFINITY;

  constructor({ model, first, standby, log }: StandbyOptions) {
    this.#model = model;
    this.#first = first;
    this.#standby = standby;
    this.#log = log;
    this.#inUse = first;
  }

  async embed(texts: readonly string[], signal: AbortSignal): Promise<readonly unknown[]> {
    if (this.#verdict instanceof ProviderError) return this.#first.embed(texts, signal);
    try {
      return await this.#askBoth(texts, signal);
    } finally {
      if (!signal.aborted) void this.#check(signal);
    }
  }

  async #askBoth(texts: readonly string[], signal: AbortSignal): Promise<readonly unknown[]> {
    const startedAt = performance.now();
    const one = this.#inUse;
    const other = one === this.#first ? this.#standby : this.#first;
    const ofOne = this.#ask(one, texts, signal);
    let failure: unknown;
    ofOne.catch((error: unknown) => {
      failure = error;
    });
    if (await answersWithin(ofOne, patienceMs(texts.length))) return ofOne;
    const ofOther = this.#ask(other, texts, signal);
    try {
      // The slower one is left to finish: an aborted call may end the loading of its model.
      const answers = await Promise.any([ofOne, ofOther]);
      // One that answered others meanwhile is busy, or was given a text that it cannot read.
      const isGone = (this.#answeredAt.get(one) ?? Number.NEGATIVE_INFINITY) < startedAt;
      if (isGone) this.#use(other, failure);
      return answers;
    } catch (error) {
      throw error instanceof AggregateError ? bothFailed(error.errors) : error;
    }
  }

  async #ask(address: Address, texts: readonly string[], signal: AbortSignal): Promise<readonly unknown[]> {
    const answers = await address.embed(texts, signal);
    if (address === this.#standby) this.#refuseOtherModel(answers);
    this.#answeredAt.set(address, performance.now());
    return answers;
  }

  #refuseOtherModel(answers: readonly unknown[]): void {
    const { dimensions } = this.#model;
    const wrong = answers.find((answer) => Array.isArray(answer) && answer.length !== dimensions);
    if (Array.isArray(wrong)) this.#drop(`gives vectors of ${wrong.length} dimensions instead of ${dimensions}`);
    // It may have been dropped while it was asked.
    if (this.#verdict instanceof ProviderError) throw this.#verdict;
  }

  /** @param error why the one before is not; undefined when it just took too long */
  #use(address: Address, error: unknown): void {
    if (this.#inUse === address || this.#verdict instanceof ProviderError) return;
    this.#inUse = address;
    // The next look at the first is not due before it had time to come back.
    this.#checkedAt = performance.now();
    const { url } = address;
    if (address === this.#first)
      this.#log.info({ model: this.#model, url }, 'the embedding model answers at its first address again');
    else {
      const message = 'the embedding model does not answer at its first address; its stand-by is in use';
      this.#log.warn({ model: this.#model, url, err: error }, message);
    }
  }

  #drop(what: string): void {
    if (this.#verdict instanceof ProviderError) return;
    this.#verdict = otherModel(this.#standby, this.#model, what);
    this.#inUse = this.#first;
    const message = 'the stand-by of the embedding model is not asked any more';
    this.#log.error({ model: this.#model, err: this.#verdict }, message);
  }

  /** Looks, beside the calls, whether the first answers again and whether both are the same model. */
  async #check(signal: AbortSignal): Promise<void> {
    const isDue = this.#inUse === this.#standby || this.#verdict === 'unknown';
    const startedAt = performance.now();
    if (!isDue || this.#isChecking || startedAt - this.#checkedAt < checkEveryMs) return;
    this.#isChecking = true;
    try {
      const ofFirst = this.#ask(this.#first, sample, signal).then(([answer]) => {
        const vector = unitVector(answer, this.#model);
        if (performance.now() - startedAt <= patienceMs(sample.length)) this.#use(this.#first, undefined);
        return vector;
      });
      const ofStandby = this.#verdict === 'unknown' ? this.#sampleOfStandby(signal) : undefined;
      const [one, other] = await Promise.allSettled([ofFirst, ofStandby]);
      if (one.status === 'fulfilled' && other.status === 'fulfilled' && other.value) {
        this.#compare(one.value, other.value);
      }
    } finally {
      this.#isChecking = false;
      this.#checkedAt = performance.now();
    }
  }

  async #sampleOfStandby(signal: AbortSignal): Promise<Float32Array> {
    try {
      const [answer] = await this.#ask(this.#standby, sample, signal);
      return unitVector(answer, this.#model);
    } catch (error) {
      if (!this.#isStandbyMissed && this.#verdict === 'unknown' && !signal.aborted) {
        this.#isStandbyMissed = true;
        this.#log.warn({ model: this.#model, err: error }, 'the stand-by of the embedding model does not answer');
      }
      throw error;
    }
  }

  #compare(one: Float32Array, other: Float32Array): void {
    const cosine = one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
    if (cosine < sameModelCosine) this.#drop(`gives another vector for the same text (cosine ${cosine.toFixed(2)})`);
    else if (this.#verdict === 'unknown') this.#verdict = 'same';
  }
}

/**
 * Whether an answer comes in time. It does not when the call fails in a way that the other address may mend.
 *
 * @throws what the call threw when it would do so anywhere: because of the text, or because it was aborted
 */
async function answersWithin(call: Promise<unknown>, ms: number): Promise<boolean> {
  const { promise: isLate, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(resolve, ms, false);
  try {
    return await Promise.race([call.then(() => true), isLate]);
  } catch (error) {
    if (mayAnswerElsewhere(error)) return false;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function mayAnswerElsewhere(error: unknown): boolean {
  return error instanceof ProviderError && (error.isTransient || !error.mayBlameText);
}

function bothFailed(errors: readonly unknown[]): unknown {
  // One that fails because of the text, or of the caller, tells more than one that does not answer.
  const decisive = errors.find((error) => !mayAnswerElsewhere(error));
  if (decisive) return decisive;
  const failures = errors.filter((error) => error instanceof ProviderError);
  return new ProviderError(failures.map(({ message }) => message).join('; and '), {
    isTransient: failures.some(({ isTransient }) => isTransient),
    mayBlameText: failures.some(({ mayBlameText }) => mayBlameText),
    retryAfterMs: Math.min(...failures.map(({ retryAfterMs = 0 }) => retryAfterMs)),
    cause: failures[0],
  });
}

function otherModel({ url, setting }: Address, { provider, name }: EmbeddingModel, what: string): ProviderError {
  return new ProviderError(
    `the stand-by of ${provider} model "${name}" at ${url} ${what}: ` +
      `it must serve the very same model; correct ${setting} or what is served there, then restart`,
  );
}
