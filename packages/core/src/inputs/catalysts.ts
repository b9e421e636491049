import { z } from 'zod';
import { defaults, limits } from '../limits.ts';
import { space, time, wholeNumber } from './fields.ts';

export const catalystsInput = z.strictObject({
  limit: wholeNumber(1, limits.catalysts).default(defaults.catalysts),
  space,
});

export const potentialCatalystsInput = catalystsInput.extend({
  /** Only accesses recorded from then on count; ISO 8601 with an offset. */
  since: time.optional(),
});

/** What a caller may send; defaults are still open. */
export type CatalystsRequest = z.input<typeof catalystsInput>;
export type PotentialCatalystsRequest = z.input<typeof potentialCatalystsInput>;

/** What a use case works with: checked, defaults filled in. */
export type CatalystsInput = z.output<typeof catalystsInput>;
export type PotentialCatalystsInput = z.output<typeof potentialCatalystsInput>;
