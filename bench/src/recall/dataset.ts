import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { readLines } from '../read-lines.ts';

const memory = z.object({
  content: z.string(),
  source: z.string(),
  category: z.string().optional(),
  tags: z.array(z.string()).optional(),
  conversationId: z.string().optional(),
  isCatalyst: z.boolean().optional(),
  occurredAt: z.string().optional(),
});

const question = z.object({
  question: z.string(),
  /** Sources of the memories that hold the answer. */
  evidence: z.array(z.string()),
  category: z.int(),
});

type LabelledMemory = z.infer<typeof memory>;
export type Question = z.infer<typeof question>;

/** One conversation and what is asked about it. */
export interface Conversation {
  readonly name: string;
  readonly memories: readonly LabelledMemory[];
  /** Those with evidence; without any there is nothing to find. */
  readonly questions: readonly Question[];
}

/**
 * Reads the pairs `NAME.memories.jsonl`, `NAME.questions.jsonl` of a folder.
 *
 * @throws Error naming file and line of what does not fit
 */
export async function readConversations(directory: string): Promise<Conversation[]> {
  const suffix = '.memories.jsonl';
  const files = (await readdir(directory)).filter((file) => file.endsWith(suffix)).toSorted();
  if (files.length === 0) throw new Error(`${directory} has no *${suffix}`);
  return Promise.all(
    files.map(async (file) => {
      const name = basename(file, suffix);
      const memories = await readLines(join(directory, file), memory);
      const questions = await readLines(join(directory, `${name}.questions.jsonl`), question);
      return { name, memories, questions: questions.filter(({ evidence }) => evidence.length > 0) };
    }),
  );
}
