import { z } from 'zod';
import { roles } from '../access.ts';
import { limits } from '../limits.ts';
import { bounded, idempotencyKey, time } from './fields.ts';

export const createKeyInput = z.strictObject({
  /** What it is for, in the words of whoever makes it. */
  name: bounded(limits.keyNameLength),
  role: z.enum(roles),
  /** The only spaces that it opens; all without. */
  spaces: z
    .array(bounded(limits.spaceLength))
    .min(1, { error: 'must name at least 1 space' })
    .max(limits.keySpaces, { error: `must name at most ${limits.keySpaces} spaces` })
    .optional(),
  /** From then on it opens nothing. */
  expiresAt: time.optional(),
  idempotencyKey,
});

export const revokeKeyInput = z.strictObject({
  keyId: z.string().regex(/^[0-9a-f]{12}$/, { error: 'must be the 12 characters that follow anima_ in the key' }),
  idempotencyKey,
});

export type CreateKeyRequest = z.input<typeof createKeyInput>;
export type RevokeKeyRequest = z.input<typeof revokeKeyInput>;

export type CreateKeyInput = z.output<typeof createKeyInput>;
export type RevokeKeyInput = z.output<typeof revokeKeyInput>;
