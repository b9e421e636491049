import { z } from 'zod';
import { limits } from '../limits.ts';
import { bounded, idempotencyKey, space } from './fields.ts';

const digest = z.string().regex(/^[0-9a-f]{64}$/, { error: 'must be a SHA-256 in hexadecimal' });

/** Into which space: one that is named, always. */
const target = bounded(limits.spaceLength);

export const exportInput = z.strictObject({ space });

export const stageImportInput = z.strictObject({
  space: target,
  /** Of the file's lines before its trailer, as the trailer has it. */
  digest,
  /** How many lines of the file stand before these. */
  after: z.int().min(0, { error: 'must be at least 0' }),
  /** The next lines of the file, trailer and all. None: only to hear how far the import is. */
  lines: z
    .array(
      z.string().max(limits.spaceFileLineLength, { error: `must be at most ${limits.spaceFileLineLength} characters` }),
    )
    .max(limits.stagedLines, { error: `must be at most ${limits.stagedLines} lines` })
    .readonly(),
  idempotencyKey,
});

export const applyImportInput = z.strictObject({ space: target, digest });

/** What a caller may send; defaults are still open. */
export type ExportRequest = z.input<typeof exportInput>;
export type StageImportRequest = z.input<typeof stageImportInput>;
export type ApplyImportRequest = z.input<typeof applyImportInput>;

/** What a use case works with: checked, defaults filled in. */
export type ExportInput = z.output<typeof exportInput>;
export type StageImportInput = z.output<typeof stageImportInput>;
export type ApplyImportInput = z.output<typeof applyImportInput>;
