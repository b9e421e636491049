import { z } from 'zod';
import { AnimaError } from './errors.ts';
import { rankingProfiles, spaceSettingsChanges } from './space-settings.ts';
import { tiers } from './tiers.ts';

/**
 * The facts of the log. A payload holds ids, numbers and flags only: no text, no tag, no content
 * hash, so that erasing what a person said never rewrites history.
 */
const envelope = {
  shard: z.int().min(0),
  /** Place in the shard's log; positions are in commit order and have no gaps. */
  position: z.int().positive(),
  spaceId: z.string(),
  id: z.string(),
  schemaVersion: z.literal(1),
  /** The interned conversation, never the client's own string. */
  conversationId: z.string().nullable(),
  memoryIds: z.array(z.string()).readonly(),
  /** The database's clock, epoch milliseconds, never falling within a shard: the only clock a rule may use. */
  recordedAt: z.number(),
};

function fact<Type extends string, Payload extends z.ZodRawShape>(type: Type, payload: Payload) {
  return z.object({ ...envelope, type: z.literal(type), payload: z.strictObject(payload) });
}

const eventSchema = z.discriminatedUnion('type', [
  fact('memory.added', { catalyst: z.boolean() }),
  z.object({
    ...envelope,
    type: z.literal('memory.accessed'),
    payload: z.discriminatedUnion('via', [
      z.strictObject({ via: z.literal('query'), profile: z.enum(rankingProfiles) }),
      z.strictObject({ via: z.literal('duplicate'), catalyst: z.boolean(), revived: z.boolean() }),
    ]),
  }),
  fact('memory.cited', { recallId: z.string() }),
  /** Replaced in part; `version` is that of its content from then on. */
  fact('memory.updated', { version: z.int().positive() }),
  fact('memory.forgotten', {}),
  fact('memory.restored', {}),
  fact('memory.expired', {}),
  fact('memory.erased', {}),
  /** A tier set by hand. */
  fact('memory.tiered', { tier: z.enum(tiers) }),
  fact('memory.marked', { catalyst: z.boolean() }),
  /** The later-added is a variant of the survivor; both are named in `memoryIds`, the survivor first. */
  fact('memory.merged', { survivor: z.string(), merged: z.string(), similarity: z.number() }),
  fact('memory.unmerged', { survivor: z.string(), merged: z.string() }),
  fact('space.configured', { changes: spaceSettingsChanges }),
  /** The model that its vectors are of from now on, by the number that the database knows it by. */
  fact('space.reembedded', { modelId: z.int().positive() }),
  /** φ of what was last accessed before `cutoff` (epoch ms) fades; `factor` in thousandths. */
  fact('space.decayed', { cutoff: z.number(), factor: z.int().min(0).max(1_000) }),
]);

export type LogEvent = z.infer<typeof eventSchema>;

/** Every kind of fact that the log may hold. */
export const eventTypes: readonly LogEvent['type'][] = eventSchema.options.map(({ shape }) => shape.type.value);

/**
 * Reads one event of the log. An event that cannot be decoded must halt its shard: skipping it would
 * lose a fact, so this throws and nobody catches it to go on.
 */
export function decodeEvent(row: unknown): LogEvent {
  const decoded = eventSchema.safeParse(row);
  if (decoded.success) return decoded.data;
  const { shard, position, type } = row as { shard?: number; position?: number; type?: string };
  throw new AnimaError(
    'INTERNAL',
    `event ${position} of shard ${shard} (${type}) cannot be decoded; folding of this shard stops here`,
    { cause: decoded.error },
  );
}
