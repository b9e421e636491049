import type { TierCounts } from '../bootstrap-quota.ts';
import type { BootstrapInput } from '../inputs/memories.ts';
import type { Bootstrap, MemoryStore } from '../ports.ts';

export interface BootstrapResult extends Bootstrap {
  /** How many memories of each tier the answer holds. */
  readonly distribution: TierCounts & { readonly total: number };
}

/** The memories that matter for the start of a conversation. Reads only: it changes nothing. */
export async function bootstrap(
  { store }: { readonly store: MemoryStore },
  input: BootstrapInput,
): Promise<BootstrapResult> {
  const space = await store.openSpace(input.space);
  const { memories, cut } = await store.bootstrap(space, {
    limit: input.limit,
    activeLimit: input.activeLimit,
    include: { active: input.includeActive, thread: input.includeThread, stable: input.includeStable },
  });
  const active = memories.active.length;
  const thread = memories.thread.length;
  const stable = memories.stable.length;
  return { memories, distribution: { active, thread, stable, total: active + thread + stable }, cut };
}
