import { z } from 'zod';
import { AnimaError, validationError } from './errors.ts';
import { bounded, tags, text, time } from './inputs/fields.ts';
import { limits } from './limits.ts';
import { visibilities } from './memory-state.ts';
import { spaceSettings } from './space-settings.ts';

/**
 * A space as a file of JSON lines: a header, conversations, memories, their replaced versions, the events of the
 * log in order, and a trailer with the digest of all lines before it. Events are named by their ids, never by their
 * positions, which are another log's elsewhere. Vectors are not in it: they are the model's, which may be another.
 */
export const spaceFile = { format: 'anima-space', version: 1 } as const;

/** Any UUID, as the database writes it: ids of conversations are digests, which have no version. */
const id = z.guid().regex(/^[0-9a-f-]+$/, { error: 'must be in lower case' });
const count = z.int().min(0);
const hex = (digits: number) => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`), { error: 'must be hexadecimal' });
/** To the millisecond and in UTC, as the log has it, so that its text sorts as it does. */
const moment = z.iso
  .datetime({ precision: 3, error: 'must be an ISO 8601 time in UTC with milliseconds' })
  .refine((value) => value > '0001', { message: 'must be in the years 1–9999' });

const header = z.strictObject({
  kind: z.literal('header'),
  format: z.literal(spaceFile.format),
  version: z.literal(spaceFile.version),
  space: bounded(limits.spaceLength),
  exportedAt: time,
  /** Of the log that it comes from. */
  position: count,
  settings: spaceSettings,
  /** Under which names of conversations become their ids. */
  conversationSalt: hex(32),
});

const conversation = z.strictObject({
  kind: z.literal('conversation'),
  id,
  name: bounded(limits.conversationIdLength),
});

const memory = z.strictObject({
  kind: z.literal('memory'),
  id,
  version: z.int().positive(),
  /** Empty where the memory is erased. */
  content: text.max(limits.contentLength),
  /** Whether the content, added again, is this memory: not where it expired or is erased. */
  claimsContent: z.boolean(),
  category: bounded(limits.categoryLength).nullable(),
  tags,
  source: bounded(limits.sourceLength).nullable(),
  conversationId: id.nullable(),
  occurredAt: time.nullable(),
  expiresAt: time.nullable(),
  visibility: z.enum(visibilities),
  mergedInto: id.nullable(),
  createdAt: moment,
  updatedAt: moment,
});

const version = z.strictObject({
  kind: z.literal('version'),
  memoryId: id,
  version: z.int().positive(),
  content: bounded(limits.contentLength),
  replacedAt: moment,
});

const event = z.strictObject({
  kind: z.literal('event'),
  id,
  type: z.string(),
  schemaVersion: z.literal(1),
  conversationId: id.nullable(),
  memoryIds: z.array(id).readonly(),
  /** Checked as the log checks it when it is read: see `decodeEvent`. */
  payload: z.record(z.string(), z.unknown()),
  occurredAt: time.nullable(),
  recordedAt: moment,
  /** Its memory stands in the conversation here. */
  turn: z.literal(true).optional(),
  /** Why somebody set the tier. */
  reason: bounded(limits.reasonLength).optional(),
});

const trailer = z.strictObject({
  kind: z.literal('trailer'),
  /** Lines before this one, the header among them. */
  lines: count,
  counts: z.strictObject({ conversations: count, memories: count, versions: count, events: count }),
  /** SHA-256 of them, each ended by one line feed. */
  sha256: hex(64),
});

const line = z.discriminatedUnion('kind', [header, conversation, memory, version, event, trailer]);

export type SpaceFileLine = z.output<typeof line>;
export type SpaceFileHeader = z.output<typeof header>;
export type SpaceFileMemory = z.output<typeof memory>;
export type SpaceFileVersion = z.output<typeof version>;
export type SpaceFileEvent = z.output<typeof event>;
export type SpaceFileConversation = z.output<typeof conversation>;

/**
 * Reads one line of a space file.
 *
 * @throws AnimaError `VALIDATION_ERROR` naming the line by its number, and the field
 */
export function readSpaceFileLine(text: string, number: number): SpaceFileLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw faultyLine(number, 'is not JSON');
  }
  const parsed = line.safeParse(value);
  if (parsed.success) return parsed.data;
  const { message, details = [] } = validationError(parsed.error);
  throw new AnimaError('VALIDATION_ERROR', `line ${number}: ${message}`, {
    details: details.map((detail) => ({ ...detail, field: `line ${number}.${detail.field}` })),
  });
}

/** The refusal of a line that breaks a rule. */
export function faultyLine(number: number, message: string): AnimaError {
  return new AnimaError('VALIDATION_ERROR', `line ${number}: ${message}`, {
    details: [{ field: `line ${number}`, message }],
  });
}
