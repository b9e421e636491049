import { z } from 'zod';
import { defaults, limits } from '../limits.ts';
import { rankingProfiles } from '../space-settings.ts';
import { tiers } from '../tiers.ts';
import {
  asOf,
  bounded,
  conversationId,
  idempotencyKey,
  memoryIds,
  share,
  space,
  tags,
  time,
  tokenBudget,
  wholeNumber,
} from './fields.ts';

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
  /** From then on it is not found any more. */
  expiresAt: time.optional(),
});

export const addInput = newMemory.extend({ space, idempotencyKey });

export const addManyInput = z.strictObject({
  memories: z
    .array(newMemory)
    .min(1, { error: 'must hold at least 1 memory' })
    .max(limits.batch, { error: `must hold at most ${limits.batch} memories` }),
  space,
  idempotencyKey,
});

export const queryInput = z.strictObject({
  query: bounded(limits.queryLength),
  limit: wholeNumber(1, limits.queryResults).default(defaults.queryResults),
  /** Cosine, 0–1, that a candidate sharing no word with the query needs. */
  similarityThreshold: share.optional(),
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
  /** How many memories associated with the results to name beside them; none where it is not given. */
  expand: wholeNumber(0, limits.expand).optional(),
  /** `false` leaves no trace: nothing is strengthened, nothing can be cited. True unless `asOf` is given. */
  record: z.boolean().optional(),
  /** Memories as they were then; leaves no trace. */
  asOf: asOf.optional(),
  space,
  idempotencyKey,
});

const bootstrapFormats = ['memories', 'prompt'] as const;

export const bootstrapInput = z.strictObject({
  conversationId: conversationId.optional(),
  limit: wholeNumber(1, limits.bootstrapMemories).default(defaults.bootstrapMemories),
  activeLimit: wholeNumber(0, limits.bootstrapActive).optional(),
  includeActive: z.boolean().default(true),
  includeThread: z.boolean().default(true),
  includeStable: z.boolean().default(true),
  /** `prompt`: also as text for a system prompt, and then no memory that has no room in it. */
  format: z.enum(bootstrapFormats).default('memories'),
  /** Of that text; 2,000 where it is not given. */
  tokenBudget: tokenBudget.optional(),
  /** Memories as they were then. */
  asOf: asOf.optional(),
  space,
});

export const citeInput = z.strictObject({
  recallId: z.uuid(),
  memoryIds: memoryIds(limits.queryResults),
  space,
  idempotencyKey,
});

/** What a caller may send; defaults are still open. */
export type AddRequest = z.input<typeof addInput>;
export type AddManyRequest = z.input<typeof addManyInput>;
export type QueryRequest = z.input<typeof queryInput>;
export type BootstrapRequest = z.input<typeof bootstrapInput>;
export type CiteRequest = z.input<typeof citeInput>;

/** What a use case works with: checked, defaults filled in. */
export type AddInput = z.output<typeof addInput>;
export type AddManyInput = z.output<typeof addManyInput>;
export type QueryInput = z.output<typeof queryInput>;
export type BootstrapInput = z.output<typeof bootstrapInput>;
export type CiteInput = z.output<typeof citeInput>;
