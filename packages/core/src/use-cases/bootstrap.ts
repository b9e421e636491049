import type { TierCounts } from '../bootstrap-quota.ts';
import type { BootstrapInput } from '../inputs/memories.ts';
import type { Moment, PastStore } from '../ports/history.ts';
import type { Bootstrap, MemoryStore } from '../ports.ts';

export interface BootstrapResult extends Bootstrap {
  /** How many memories of each tier the answer holds. */
  readonly distribution: TierCounts & { readonly total: number };
  /** The moment that was asked about; absent for now. */
  readonly asOf?: Moment;
}

/** The memories that matter, or with `asOf` mattered, for the start of a conversation. Reads only: it changes nothing. */
export async function bootstrap(
  { store }: { readonly store: MemoryStore & PastStore },
  input: BootstrapInput,
): Promise<BootstrapResult> {
  const space = await store.openSpace(input.space);
  const selection = {
    limit: input.limit,
    activeLimit: input.activeLimit,
    include: { active: input.includeActive, thread: input.includeThread, stable: input.includeStable },
  };
  const moment = input.asOf === undefined ? undefined : await store.findMoment(space, input.asOf);
  const { memories, cut } = moment
    ? await store.bootstrapThen(space, selection, moment)
    : await store.bootstrap(space, selection);
  const active = memories.active.length;
  const thread = memories.thread.length;
  const stable = memories.stable.length;
  const distribution = { active, thread, stable, total: active + thread + stable };
  return { memories, distribution, cut, ...(moment ? { asOf: moment } : {}) };
}
