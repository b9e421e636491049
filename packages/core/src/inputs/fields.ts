import { z } from 'zod';
import { defaults, limits } from '../limits.ts';

/** What fields of requests have in common. */

/** Text that Postgres can store and hash the same everywhere: no NUL, no half of a surrogate pair. */
export const text = z
  .string()
  .refine((value) => value.isWellFormed(), { message: 'must be well-formed Unicode (it has a lone surrogate)' })
  .refine((value) => !value.includes('\0'), { message: 'must not contain NUL characters' });

export const bounded = (max: number) =>
  text
    .min(1, { error: 'must not be empty (at least 1 character)' })
    .max(max, { error: `must be at most ${max} characters` });

export const wholeNumber = (least: number, most: number) =>
  z
    .int()
    .min(least, { error: `must be at least ${least}` })
    .max(most, { error: `must be at most ${most}` });

/** A number from 0 to 1: a cosine, a strength, a weight. */
export const share = z.number().min(0, { error: 'must be at least 0' }).max(1, { error: 'must be at most 1' });

/** A time that Postgres can store and JavaScript can read: in the years 1–9999 of UTC too, no offset past 15:59. */
const isStorableTime = (time: string) =>
  /^(?!0000|0001-01-01.*\+(?!00:00)|9999-12-31.*-(?!00:00)..:).*(Z|[+-](0\d|1[0-5]):\d\d)$/.test(time);
export const time = z.iso
  .datetime({ offset: true, error: 'must be an ISO 8601 time with an offset' })
  .refine(isStorableTime, { message: 'must be in the years 1–9999 of UTC, with an offset of at most 15:59' });

/** A place in a space's past: a position in its log, or a time. */
export const asOf = z.union([z.int().min(0), time], {
  error: 'must be a position in the log (a whole number from 0) or an ISO 8601 time with an offset',
});

export const conversationId = bounded(limits.conversationIdLength);
export const tags = z
  .array(bounded(limits.tagLength))
  .max(limits.tags, { error: `must be at most ${limits.tags} tags` })
  .readonly();
export const idempotencyKey = bounded(limits.idempotencyKeyLength).optional();
export const space = bounded(limits.spaceLength).default(defaults.space);

/** How much text an answer may hold, in estimated tokens. */
export const tokenBudget = wholeNumber(limits.leastTokenBudget, limits.tokenBudget);

/** Ids of memories that one request names. */
export const memoryIds = (most: number) =>
  z
    .array(z.uuid())
    .min(1, { error: 'must name at least 1 memory' })
    .max(most, { error: `must name at most ${most} memories` });
