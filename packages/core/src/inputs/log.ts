import { z } from 'zod';
import { eventTypes } from '../events.ts';
import { limits } from '../limits.ts';
import { conversationId, space, wholeNumber } from './fields.ts';

const conditions = {
  /** Any of these. */
  types: z.array(z.enum(eventTypes)).min(1).optional(),
  /** That name this memory. */
  memoryId: z.uuid().optional(),
  /** In this conversation, by the client's own id. */
  conversationId: conversationId.optional(),
  space,
};

export const logInput = z.strictObject({
  ...conditions,
  limit: wholeNumber(1, limits.events).default(50),
  /** `next` of the page before. */
  cursor: z.int().positive().optional(),
});

export const logEventInput = z.strictObject({ position: z.int().positive(), space });

export const tailInput = z.strictObject({
  ...conditions,
  /** From behind this position on; from the end of the log where it is not given. */
  after: z.int().min(0).optional(),
});

/** What a caller may send; defaults are still open. */
export type LogRequest = z.input<typeof logInput>;
export type LogEventRequest = z.input<typeof logEventInput>;
export type TailRequest = z.input<typeof tailInput>;

/** What a use case works with: checked, defaults filled in. */
export type LogInput = z.output<typeof logInput>;
export type LogEventInput = z.output<typeof logEventInput>;
export type TailInput = z.output<typeof tailInput>;
