import { z } from 'zod';
import { defaults, limits } from '../limits.ts';
import { share, space, wholeNumber } from './fields.ts';

export const networkInput = z.strictObject({
  /** Only associations that are at least this strong, 0–1. */
  minStrength: share.optional(),
  maxNodes: wholeNumber(2, limits.networkNodes).default(defaults.networkNodes),
  space,
});

/** What a caller may send; defaults are still open. */
export type NetworkRequest = z.input<typeof networkInput>;

/** What a use case works with: checked, defaults filled in. */
export type NetworkInput = z.output<typeof networkInput>;
