import { z } from 'zod';
import { defaults, limits } from './limits.ts';
import { rankingProfiles, spaceSettingsChanges } from './space-settings.ts';
import { tiers } from './tiers.ts';

/** Text that Postgres can store and hash the same everywhere: no NUL, no half of a surrogate pair. */
const text = z
  .string()
  .refine((value) => value.isWellFormed(), { message: 'must be well-formed Unicode (it has a lone surrogate)' })
  .refine((value) => !value.includes('\0'), { message: 'must not contain NUL characters' });

const bounded = (max: number) =>
  text
    .min(1, { error: 'must not be empty (at least 1 character)' })
    .max(max, { error: `must be at most ${max} characters` });

/** A time that Postgres can store: it knows no year 0, and no offset past 15:59. */
const isStorableTime = (time: string) => /^(?!0000).*(Z|[+-](0\d|1[0-5]):\d\d)$/.test(time);
const time = z.iso
  .datetime({ offset: true, error: 'must be an ISO 8601 time with an offset' })
  .refine(isStorableTime, { message: 'must be in the years 1–9999, with an offset of at most 15:59' });

const spaceName = bounded(limits.spaceLength);
const conversationId = bounded(limits.conversationIdLength);
const tags = z
  .array(bounded(limits.tagLength))
  .max(limits.tags, { error: `must be at most ${limits.tags} tags` })
  .readonly();
const idempotencyKey = bounded(limits.idempotencyKeyLength);
const space = spaceName.default(defaults.space);
const ids = z.array(z.uuid());

const newMemory = z.strictObject({
  content: bounded(limits.contentLength),
  category: bounded(limits.categoryLength).optional(),
  tags: tags.default([]),
  source: bounded(limits.sourceLength).optional(),
  /** Marks a breakthrough: φ starts at 1.0. */
  isCatalyst: z.boolean().default(false),
  conversationId: conversationId.optional(),
  /** When it happened, ISO 8601 with an offset; its date can then be asked for. */
  occurredAt: time.optional(),
});

export const addInput = newMemory.extend({ space, idempotencyKey: idempotencyKey.optional() });

export const addManyInput = z.strictObject({
  memories: z
    .array(newMemory)
    .min(1, { error: 'must hold at least 1 memory' })
    .max(limits.batch, { error: `must hold at most ${limits.batch} memories` }),
  space,
  idempotencyKey: idempotencyKey.optional(),
});

export const queryInput = z.strictObject({
  query: bounded(limits.queryLength),
  limit: z
    .int()
    .min(1, { error: 'must be at least 1' })
    .max(limits.queryResults, { error: `must be at most ${limits.queryResults}` })
    .default(defaults.queryResults),
  /** Cosine, 0–1, that a candidate sharing no word with the query needs. */
  similarityThreshold: z
    .number()
    .min(0, { error: 'must be at least 0' })
    .max(1, { error: 'must be at most 1' })
    .optional(),
  tiers: z.array(z.enum(tiers)).min(1).optional(),
  category: bounded(limits.categoryLength).optional(),
  /** Only memories that carry all of these. */
  tags: tags.optional(),
  /** With it, results recalled together become associated. */
  conversationId: conversationId.optional(),
  /** Only what happened from then on; where that is unknown, what was added from then on. */
  from: time.optional(),
  /** Only what happened, or was added, until then. */
  to: time.optional(),
  ranking: z.enum(rankingProfiles).optional(),
  /** `false` leaves no trace: nothing is strengthened, nothing can be cited. */
  record: z.boolean().default(true),
  space,
  idempotencyKey: idempotencyKey.optional(),
});

export const bootstrapInput = z.strictObject({
  conversationId: conversationId.optional(),
  limit: z
    .int()
    .min(1, { error: 'must be at least 1' })
    .max(limits.bootstrapMemories, { error: `must be at most ${limits.bootstrapMemories}` })
    .default(defaults.bootstrapMemories),
  activeLimit: z
    .int()
    .min(0, { error: 'must be at least 0' })
    .max(limits.bootstrapActive, { error: `must be at most ${limits.bootstrapActive}` })
    .optional(),
  includeActive: z.boolean().default(true),
  includeThread: z.boolean().default(true),
  includeStable: z.boolean().default(true),
  space,
});

export const citeInput = z.strictObject({
  recallId: z.uuid(),
  memoryIds: ids
    .min(1, { error: 'must name at least 1 memory' })
    .max(limits.queryResults, { error: `must name at most ${limits.queryResults} memories` }),
  space,
  idempotencyKey: idempotencyKey.optional(),
});

export const spaceInput = z.strictObject({ space });

export const configureInput = z.strictObject({
  settings: spaceSettingsChanges,
  space,
  idempotencyKey: idempotencyKey.optional(),
});

/** What a caller may send; defaults are still open. */
export type AddRequest = z.input<typeof addInput>;
export type AddManyRequest = z.input<typeof addManyInput>;
export type QueryRequest = z.input<typeof queryInput>;
export type BootstrapRequest = z.input<typeof bootstrapInput>;
export type CiteRequest = z.input<typeof citeInput>;
export type ConfigureRequest = z.input<typeof configureInput>;

/** What a use case works with: checked, defaults filled in. */
export type AddInput = z.output<typeof addInput>;
export type AddManyInput = z.output<typeof addManyInput>;
export type QueryInput = z.output<typeof queryInput>;
export type BootstrapInput = z.output<typeof bootstrapInput>;
export type CiteInput = z.output<typeof citeInput>;
export type SpaceInput = z.output<typeof spaceInput>;
export type ConfigureInput = z.output<typeof configureInput>;
