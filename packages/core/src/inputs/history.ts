import { z } from 'zod';
import { defaults, limits } from '../limits.ts';
import { space, wholeNumber } from './fields.ts';

export const historyInput = z.strictObject({
  memoryId: z.uuid(),
  /** Newest first. */
  descending: z.boolean().default(false),
  limit: wholeNumber(1, limits.historyEvents).default(defaults.historyEvents),
  /** `next` of the page before. */
  cursor: z.string().max(200).optional(),
  space,
});

export const receiptInput = z.strictObject({ recallId: z.uuid(), space });

/** What a caller may send; defaults are still open. */
export type HistoryRequest = z.input<typeof historyInput>;
export type ReceiptRequest = z.input<typeof receiptInput>;

/** What a use case works with: checked, defaults filled in. */
export type HistoryInput = z.output<typeof historyInput>;
export type ReceiptInput = z.output<typeof receiptInput>;
