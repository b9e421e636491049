import { AnimaError, type Log } from '@anima/core';
import { type Provider, ProviderError } from './provider.ts';
import { withRetries } from './retry.ts';
import { unitVector } from './unit-vector.ts';

/**
 * Who goes first: queries, whose answer depends on it; then contents that an `add` waits for; then those
 * that nobody waits for.
 */
const lanes = ['query', 'content', 'background'] as const;
export type Lane = (typeof lanes)[number];

/** One text on its way to the model. */
export interface Ticket {
  readonly vector: Promise<Float32Array>;
  /** Moves a waiting text to this lane if it waits in a later one. */
  hurry(lane: Lane): void;
  /** Takes back a text whose call has not begun; its promise rejects. False when it is too late for that. */
  withdraw(): boolean;
}

interface Waiting {
  readonly text: string;
  readonly resolve: (vector: Float32Array) => void;
  readonly reject: (reason: unknown) => void;
  /** Set after a call failed that may have been another text's fault. */
  mustGoAlone: boolean;
}

/**
 * Brings texts to the provider in batches: whatever waits in a lane leaves together as soon as a call is
 * free. Where the provider takes several calls at once, one of them is kept for queries.
 */
export class Scheduler {
  readonly #provider: Provider;
  readonly #log: Log;
  readonly #waiting: Readonly<Record<Lane, Set<Waiting>>> = {
    query: new Set(),
    content: new Set(),
    background: new Set(),
  };
  readonly #calls: Record<Lane, number> = { query: 0, content: 0, background: 0 };
  readonly #closing = new AbortController();
  #isDispatching = false;
  #isFailing = false;

  constructor(provider: Provider, log: Log) {
    this.#provider = provider;
    this.#log = log;
  }

  submit(text: string, lane: Lane): Ticket {
    const { promise, resolve, reject } = Promise.withResolvers<Float32Array>();
    const waiting: Waiting = { text, resolve, reject, mustGoAlone: false };
    if (this.#closing.signal.aborted) reject(this.#closing.signal.reason);
    else this.#enqueue(waiting, lane);
    return {
      vector: promise,
      hurry: (to) => {
        const later = lanes.slice(lanes.indexOf(to) + 1);
        if (later.some((from) => this.#waiting[from].delete(waiting))) this.#enqueue(waiting, to);
      },
      withdraw: () => {
        const isWithdrawn = lanes.some((from) => this.#waiting[from].delete(waiting));
        if (isWithdrawn) reject(new DOMException('withdrawn before its call began', 'AbortError'));
        return isWithdrawn;
      },
    };
  }

  /** Rejects what waits and what is under way. */
  close(): void {
    this.#closing.abort(new AnimaError('UNAVAILABLE', 'the embedder is closed'));
    for (const lane of Object.values(this.#waiting)) {
      for (const { reject } of lane) reject(this.#closing.signal.reason);
      lane.clear();
    }
  }

  #enqueue(waiting: Waiting, lane: Lane): void {
    this.#waiting[lane].add(waiting);
    if (this.#isDispatching) return;
    this.#isDispatching = true;
    // Texts that are submitted together share a call.
    queueMicrotask(() => {
      this.#isDispatching = false;
      this.#dispatch();
    });
  }

  #dispatch(): void {
    for (let lane = this.#nextLane(); lane !== undefined; lane = this.#nextLane()) {
      void this.#call(this.#takeBatch(lane), lane);
    }
  }

  #nextLane(): Lane | undefined {
    const { concurrency } = this.#provider;
    const ofContents = this.#calls.content + this.#calls.background;
    if (this.#calls.query + ofContents >= concurrency) return undefined;
    const mayTakeContents = ofContents < Math.max(1, concurrency - 1);
    return lanes.find((lane) => this.#waiting[lane].size > 0 && (lane === 'query' || mayTakeContents));
  }

  #takeBatch(lane: Lane): Waiting[] {
    const { maxBatch, maxBatchCharacters } = this.#provider;
    const batch: Waiting[] = [];
    let characters = 0;
    for (const waiting of this.#waiting[lane]) {
      characters += waiting.text.length;
      const fits = batch.length < maxBatch && characters <= maxBatchCharacters && !waiting.mustGoAlone;
      if (batch.length > 0 && !fits) break;
      batch.push(waiting);
      this.#waiting[lane].delete(waiting);
      if (waiting.mustGoAlone) break;
    }
    return batch;
  }

  async #call(batch: readonly Waiting[], lane: Lane): Promise<void> {
    this.#calls[lane] += 1;
    try {
      const answers = await this.#ask(batch.map(({ text }) => text));
      for (const [index, waiting] of batch.entries()) this.#settle(waiting, answers[index]);
    } catch (error) {
      this.#fail(batch, lane, error);
    } finally {
      this.#calls[lane] -= 1;
      this.#dispatch();
    }
  }

  async #ask(texts: readonly string[]): Promise<readonly unknown[]> {
    const { model } = this.#provider;
    const { signal } = this.#closing;
    const answers = await withRetries(() => this.#provider.embed(texts, signal), signal);
    if (answers.length === texts.length) return answers;
    throw new ProviderError(
      `${model.provider} model "${model.name}" gave ${answers.length} vectors for ${texts.length} texts`,
      { mayBlameText: true },
    );
  }

  #settle({ resolve, reject }: Waiting, answer: unknown): void {
    try {
      resolve(unitVector(answer, this.#provider.model));
      this.#reportAnswer();
    } catch (error) {
      this.#reportFailure(error);
      reject(error);
    }
  }

  #fail(batch: readonly Waiting[], lane: Lane, error: unknown): void {
    const mayBlameText = error instanceof ProviderError && error.mayBlameText;
    if (batch.length > 1 && mayBlameText && !this.#closing.signal.aborted) {
      for (const waiting of batch) {
        waiting.mustGoAlone = true;
        this.#enqueue(waiting, lane);
      }
      return;
    }
    this.#reportFailure(error);
    for (const { reject } of batch) reject(error);
  }

  #reportAnswer(): void {
    if (!this.#isFailing) return;
    this.#isFailing = false;
    this.#log.info({ model: this.#provider.model }, 'the embedding model answers again');
  }

  /** Says it once for each outage. */
  #reportFailure(error: unknown): void {
    if (this.#isFailing || this.#closing.signal.aborted) return;
    this.#isFailing = true;
    this.#log.warn({ model: this.#provider.model, err: error }, 'the embedding model fails');
  }
}
