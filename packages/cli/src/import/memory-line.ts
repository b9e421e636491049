import type { AnimaClient } from '@anima/client';

/** A memory as `addMany` takes it. */
export type NewMemory = Parameters<AnimaClient['memories']['addMany']['mutate']>[0]['memories'][number];

const memoryKeys: ReadonlySet<string> = new Set<keyof NewMemory>([
  'content',
  'category',
  'tags',
  'source',
  'conversationId',
  'isCatalyst',
  'occurredAt',
  'expiresAt',
]);

export interface MemoryLine {
  readonly memory: NewMemory;
  readonly unknownKeys: readonly string[];
}

/**
 * Reads one line of an import file. Only its shape is checked here: the rules of a memory are the
 * server's, which refuses what breaks them. A key that is null counts as not given.
 *
 * @returns the memory, or why there is none
 */
export function readMemoryLine(text: string): MemoryLine | { readonly refused: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { refused: `not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { refused: 'not a JSON object' };
  const given = Object.entries(value).filter(([, field]) => field !== null);
  return {
    memory: Object.fromEntries(given.filter(([key]) => memoryKeys.has(key))) as unknown as NewMemory,
    unknownKeys: given.map(([key]) => key).filter((key) => !memoryKeys.has(key)),
  };
}
