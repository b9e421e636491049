import { readFile } from 'node:fs/promises';
import type { z } from 'zod';

/**
 * Reads a file of JSON lines.
 *
 * @throws Error naming file and line of what does not fit
 */
export async function readLines<T>(path: string, schema: z.ZodType<T>): Promise<T[]> {
  const text = await readFile(path, 'utf8');
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    try {
      return [schema.parse(JSON.parse(line))];
    } catch (cause) {
      throw new Error(`${path}, line ${index + 1}: ${cause instanceof Error ? cause.message : String(cause)}`, {
        cause,
      });
    }
  });
}
