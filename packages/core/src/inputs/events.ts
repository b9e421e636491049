import { z } from 'zod';
import { eventTypes } from '../events.ts';
import { defaults, limits } from '../limits.ts';
import { conversationId, space, wholeNumber } from './fields.ts';

const filters = {
  types: z.array(z.enum(eventTypes)).min(1).optional(),
  memoryId: z.uuid().optional(),
  conversationId: conversationId.optional(),
  space,
};

export const eventsInput = z.strictObject({
  ...filters,
  /** Newest first. */
  descending: z.boolean().default(true),
  limit: wholeNumber(1, limits.events).default(defaults.events),
  /** `next` of the page before. */
  cursor: z.int().min(0, { error: 'must be at least 0' }).optional(),
});

export const tailInput = z.strictObject({
  ...filters,
  /** From behind this position on; what comes from now on where it is not given. */
  after: z.int().min(0, { error: 'must be at least 0' }).optional(),
});

/** What a caller may send; defaults are still open. */
export type EventsRequest = z.input<typeof eventsInput>;
export type TailRequest = z.input<typeof tailInput>;

/** What a use case works with: checked, defaults filled in. */
export type EventsInput = z.output<typeof eventsInput>;
export type TailInput = z.output<typeof tailInput>;
