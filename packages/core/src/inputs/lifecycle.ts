import { z } from 'zod';
import { defaults, limits } from '../limits.ts';
import { listOrders } from '../ports/lifecycle.ts';
import { tiers } from '../tiers.ts';
import { bounded, idempotencyKey, memoryIds, share, space, tags, time, wholeNumber } from './fields.ts';

/** What a caller may ask for: the erased are nobody's any more. */
const visibility = z.enum(['live', 'hidden', 'merged', 'expired']);

const conditions = z.strictObject({
  /** All of these words, in any form of them; a phrase in quotation marks, and a word after a minus must not be there. */
  words: bounded(limits.queryLength).optional(),
  /** Those that wait for their vector. */
  isPending: z.literal(true).optional(),
  tiers: z.array(z.enum(tiers)).min(1).optional(),
  category: bounded(limits.categoryLength).optional(),
  /** All of these. */
  tags: tags.optional(),
  source: bounded(limits.sourceLength).optional(),
  isCatalyst: z.boolean().optional(),
  /** When it happened; where that is unknown, when it was added. */
  from: time.optional(),
  to: time.optional(),
  visibility: visibility.optional(),
});

export const getInput = z.strictObject({
  memoryId: z.uuid(),
  /** Another wording than the current one. */
  version: z.int().min(1, { error: 'must be at least 1' }).optional(),
  space,
});

export const listInput = conditions.extend({
  visibility: visibility.default('live'),
  order: z.enum(listOrders).default('created'),
  descending: z.boolean().default(true),
  limit: wholeNumber(1, limits.listed).default(defaults.listed),
  /** `next` of the page before. */
  cursor: z.string().max(200).optional(),
  space,
});

export const updateInput = z
  .strictObject({
    memoryId: z.uuid(),
    /** Other content is a new version; the old one stays readable. */
    content: bounded(limits.contentLength).optional(),
    /** null clears, here and below. */
    category: bounded(limits.categoryLength).nullable().optional(),
    tags: tags.optional(),
    source: bounded(limits.sourceLength).nullable().optional(),
    occurredAt: time.nullable().optional(),
    expiresAt: time.nullable().optional(),
    space,
    idempotencyKey,
  })
  .refine(
    ({ memoryId: _, space: _space, idempotencyKey: _key, ...changes }) =>
      Object.values(changes).some((value) => value !== undefined),
    { error: 'must name something to change: content, category, tags, source, occurredAt or expiresAt' },
  );

const bulk = z.strictObject({
  memoryIds: memoryIds(limits.changed).optional(),
  /** Instead of ids: all that meet these conditions, of which there must be one. A retry does what is left. */
  where: conditions
    .refine((given) => Object.values(given).some((value) => value !== undefined), {
      error: 'must name at least one condition',
    })
    .optional(),
  /** Says what it would do, and does nothing. */
  dryRun: z.boolean().default(false),
  space,
  idempotencyKey,
});

const oneSelection = {
  check: ({ memoryIds, where }: Pick<z.output<typeof bulk>, 'memoryIds' | 'where'>) =>
    (memoryIds === undefined) !== (where === undefined),
  params: { path: ['memoryIds'], error: 'either memoryIds or where must be given, and not both' },
};

/** What a change of several memories names: these, or all that meet conditions. */
export const changeInput = bulk.refine(oneSelection.check, oneSelection.params);

export const setTierInput = bulk
  .extend({
    tier: z.enum(tiers),
    /** Kept with the memory, not in the log. */
    reason: bounded(limits.reasonLength).optional(),
  })
  .refine(oneSelection.check, oneSelection.params);

export const markInput = bulk
  .extend({ catalyst: z.boolean().default(true) })
  .refine(oneSelection.check, oneSelection.params);

export const unmergeInput = z.strictObject({ memoryId: z.uuid(), space, idempotencyKey });

export const consolidateInput = z.strictObject({
  /** Cosine from which two memories may be the same; the space's own where it is not given. */
  threshold: share.optional(),
  /** Says what it would merge, and merges nothing. */
  dryRun: z.boolean().default(false),
  space,
});

/** What a caller may send; defaults are still open. */
export type GetRequest = z.input<typeof getInput>;
export type ListRequest = z.input<typeof listInput>;
export type UpdateRequest = z.input<typeof updateInput>;
export type ChangeRequest = z.input<typeof changeInput>;
export type SetTierRequest = z.input<typeof setTierInput>;
export type MarkRequest = z.input<typeof markInput>;
export type ConsolidateRequest = z.input<typeof consolidateInput>;
export type UnmergeRequest = z.input<typeof unmergeInput>;

/** What a use case works with: checked, defaults filled in. */
export type GetInput = z.output<typeof getInput>;
export type ListInput = z.output<typeof listInput>;
export type UpdateInput = z.output<typeof updateInput>;
export type ChangeInput = z.output<typeof changeInput>;
export type SetTierInput = z.output<typeof setTierInput>;
export type MarkInput = z.output<typeof markInput>;
export type ConsolidateInput = z.output<typeof consolidateInput>;
export type UnmergeInput = z.output<typeof unmergeInput>;
