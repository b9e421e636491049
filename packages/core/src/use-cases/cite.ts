import type { CiteInput } from '../inputs/memories.ts';
import type { MemoryStore } from '../ports.ts';
import { requestKey } from './add.ts';

export interface CiteResult {
  /** The memories that this call strengthened; one cited for this recall before is not among them. */
  readonly cited: readonly string[];
}

/** The agent says which results of a recall it used: φ + 1.0, once per recall and memory. */
export async function cite({ store }: { readonly store: MemoryStore }, input: CiteInput): Promise<CiteResult> {
  const { space: spaceName, idempotencyKey, ...body } = input;
  const space = await store.openSpace(spaceName);
  const memoryIds = [...new Set(body.memoryIds)];
  return store.cite(space, body.recallId, memoryIds, requestKey('cite', idempotencyKey, body));
}
