import { z } from 'zod';
import { defaults, limits } from '../limits.ts';
import { bounded, space, wholeNumber } from './fields.ts';

export const listSpacesInput = z.strictObject({
  /** Those whose name contains this. */
  search: bounded(limits.spaceLength).optional(),
  limit: wholeNumber(1, limits.spaces).default(defaults.spaces),
  /** `next` of the page before. */
  cursor: bounded(limits.spaceLength).optional(),
});

export const overviewInput = z.strictObject({ space });

export const activityInput = z.strictObject({
  limit: wholeNumber(1, limits.activity).default(defaults.activity),
  space,
});

/** What a caller may send; defaults are still open. */
export type ListSpacesRequest = z.input<typeof listSpacesInput>;
export type OverviewRequest = z.input<typeof overviewInput>;
export type ActivityRequest = z.input<typeof activityInput>;

/** What a use case works with: checked, defaults filled in. */
export type ListSpacesInput = z.output<typeof listSpacesInput>;
export type OverviewInput = z.output<typeof overviewInput>;
export type ActivityInput = z.output<typeof activityInput>;
