import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { readLines } from '../read-lines.ts';

/** The set in this repository: paraphrases and near-misses, made by hand. */
export const ownPairs = fileURLToPath(new URL('../../data/near-duplicates.jsonl', import.meta.url));

/** Short enough for every model to read at once, so that one vector stands for it. */
const content = z.string().min(1).max(300);

const labelledPair = z.strictObject({
  a: content,
  b: content,
  /** Whether a person would keep one of the two only. */
  same: z.boolean(),
  /** What makes the two differ in wording, or in meaning. */
  kind: z.string(),
  /** Held out: nobody looked at it while the rule was made. */
  held: z.boolean().default(false),
});

export type LabelledPair = z.output<typeof labelledPair>;

/** @throws Error naming file and line of what does not fit */
export function readPairs(path: string): Promise<LabelledPair[]> {
  return readLines(path, labelledPair);
}
