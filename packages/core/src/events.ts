import { z } from 'zod';
import { AnimaError } from './errors.ts';
import { rankingProfiles, spaceSettingsChanges } from './space-settings.ts';

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

const eventSchema = z.discriminatedUnion('type', [
  z.object({
    ...envelope,
    type: z.literal('memory.added'),
    payload: z.strictObject({ catalyst: z.boolean() }),
  }),
  z.object({
    ...envelope,
    type: z.literal('memory.accessed'),
    payload: z.discriminatedUnion('via', [
      z.strictObject({ via: z.literal('query'), profile: z.enum(rankingProfiles) }),
      z.strictObject({ via: z.literal('duplicate'), catalyst: z.boolean(), revived: z.boolean() }),
    ]),
  }),
  z.object({
    ...envelope,
    type: z.literal('memory.cited'),
    payload: z.strictObject({ recallId: z.string() }),
  }),
  z.object({
    ...envelope,
    type: z.literal('space.configured'),
    payload: z.strictObject({ changes: spaceSettingsChanges }),
  }),
  z.object({
    ...envelope,
    type: z.literal('space.reembedded'),
    /** The model that its vectors are of from now on, by the number that the database knows it by. */
    payload: z.strictObject({ modelId: z.int().positive() }),
  }),
]);

export type LogEvent = z.infer<typeof eventSchema>;

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
