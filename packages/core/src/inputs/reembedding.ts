import { z } from 'zod';
import { limits } from '../limits.ts';
import { bounded, idempotencyKey, space, wholeNumber } from './fields.ts';

export const reembedInput = z.strictObject({
  provider: z.enum(['builtin', 'ollama', 'openai']),
  /** Unset: the one that the server's settings name for this provider. */
  model: bounded(limits.modelNameLength).optional(),
  /** Unset: the model's own. */
  dimensions: wholeNumber(1, limits.modelDimensions).optional(),
  /** At most; unset: as fast as requests leave room. */
  textsPerSecond: wholeNumber(1, limits.textsPerSecond).optional(),
  space,
});

/** It carries a key as every mutation does; giving up twice is giving up once anyway. */
export const cancelReembedInput = z.strictObject({ space, idempotencyKey });

export type ReembedRequest = z.input<typeof reembedInput>;
export type ReembedInput = z.output<typeof reembedInput>;
export type CancelReembedInput = z.output<typeof cancelReembedInput>;
