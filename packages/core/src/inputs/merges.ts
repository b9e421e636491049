import { z } from 'zod';
import { limits } from '../limits.ts';
import { space, wholeNumber } from './fields.ts';

export const mergesInput = z.strictObject({
  limit: wholeNumber(1, limits.merges).default(20),
  /** `next` of the page before. */
  cursor: z.int().positive().optional(),
  space,
});

/** What a caller may send; defaults are still open. */
export type MergesRequest = z.input<typeof mergesInput>;

/** What a use case works with: checked, defaults filled in. */
export type MergesInput = z.output<typeof mergesInput>;
