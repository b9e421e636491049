import { AnimaError, type EmbeddingModel } from '@anima/core';

/** A sentence model behind one call, and what such a call may carry. Lengths are in UTF-16 code units. */
export interface Provider {
  readonly model: EmbeddingModel;
  /** The longest text that the model reads whole. */
  readonly maxCharacters: number;
  /** Texts in one call. */
  readonly maxBatch: number;
  /** Characters in one call of several texts. */
  readonly maxBatchCharacters: number;
  /** Calls at once. */
  readonly concurrency: number;
  /**
   * One attempt. What the model answered for each text, in order and unchecked.
   *
   * @throws ProviderError
   */
  embed(texts: readonly string[], signal: AbortSignal): Promise<readonly unknown[]>;
  /** Ends its threads, where it has any; a call under way fails. */
  close?(): Promise<void>;
}

/** A provider that did not give a usable vector. Its message says who, what and what to do, never the text. */
export class ProviderError extends AnimaError {
  /** The same call may succeed in a moment. */
  readonly isTransient: boolean;
  /** One text may have failed the whole call: the others deserve a call without it. */
  readonly mayBlameText: boolean;
  /** How long the provider asked to be left alone, ms. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    options: {
      readonly isTransient?: boolean;
      readonly mayBlameText?: boolean;
      readonly retryAfterMs?: number | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super('UNAVAILABLE', message, { cause: options.cause });
    this.isTransient = options.isTransient ?? false;
    this.mayBlameText = options.mayBlameText ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}
