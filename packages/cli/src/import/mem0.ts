import { z } from 'zod';
import type { NewMemory } from './memory-line.ts';

/**
 * What mem0 hands out: `get_all` of its library gives `{results: […]}`, pages of its platform too, older ones give
 * the list itself. https://docs.mem0.ai/api-reference/memory/get-memory
 */
const item = z.looseObject({
  memory: z.string().nullish(),
  user_id: z.string().nullish(),
  run_id: z.string().nullish(),
  created_at: z.string().nullish(),
  expiration_date: z.string().nullish(),
  categories: z.array(z.string()).nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
});
const list = z.array(z.unknown());
const page = z.union([
  list,
  z.object({ results: list }).transform(({ results }) => results),
  z.object({ memories: list }).transform(({ memories }) => memories),
]);

/** These are mem0's own affair. */
const dropped: ReadonlySet<string> = new Set(['id', 'hash', 'updated_at', 'score', ...Object.keys(item.shape)]);

/** The memories of a file, or undefined when it holds something else. */
export function mem0Items(value: unknown): readonly unknown[] | undefined {
  const read = page.safeParse(value);
  if (read.success && read.data.every((one) => isMem0Item(one))) return read.data;
  return isMem0Item(value) ? [value] : undefined;
}

export function isMem0Item(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'memory' in value && !('content' in value);
}

/** One memory of mem0 as a line of an import file, and whose it is. What has no place here stays as an unknown key. */
export function fromMem0(value: unknown): { readonly line: unknown; readonly user: string | undefined } {
  const read = item.safeParse(value);
  if (!read.success) return { line: value, user: undefined };
  const { memory, user_id, run_id, created_at, expiration_date, categories, metadata } = read.data;
  const { category, ...otherMetadata } = metadata ?? {};
  const known: { [Key in keyof NewMemory]?: NewMemory[Key] | null } = {
    content: memory ?? '',
    category: typeof category === 'string' ? category : null,
    tags: categories ?? null,
    source: 'mem0',
    conversationId: run_id ?? null,
    occurredAt: created_at ? withOffset(created_at) : null,
    expiresAt: expiration_date ? withOffset(expiration_date) : null,
  };
  const others = Object.entries(read.data).filter(([key]) => !dropped.has(key));
  const ofMetadata = Object.entries(otherMetadata).map(([key, data]) => [`metadata.${key}`, data]);
  return { line: { ...known, ...Object.fromEntries([...others, ...ofMetadata]) }, user: user_id ?? undefined };
}

/** Its times are UTC where they do not say otherwise; a day begins at midnight. */
function withOffset(time: string): string {
  const [, day, clock = '00:00:00', offset = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d(?:\.\d+)?))?(Z|[+-]\d\d:\d\d)?$/.exec(time) ?? [];
  return day === undefined ? time : `${day}T${clock}${offset}`;
}
