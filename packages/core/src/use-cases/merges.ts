import type { MergesInput } from '../inputs/merges.ts';
import type { Merge, MergeStore } from '../ports/merges.ts';
import type { MemoryStore } from '../ports.ts';

export interface MergesResult {
  /** The newest first. */
  readonly merges: readonly Merge[];
  /** The `cursor` of the next page; null on the last. */
  readonly next: number | null;
}

/** Which memories of a space were taken in by others, with what both say. */
export async function listMerges(
  store: MemoryStore & MergeStore,
  { space: name, cursor, limit }: MergesInput,
): Promise<MergesResult> {
  const found = await store.readMerges(await store.openSpace(name), { before: cursor, limit });
  const merges = found.slice(0, limit);
  return { merges, next: found.length > limit ? (merges.at(-1)?.position ?? null) : null };
}
