import type { TierCounts } from '../bootstrap-quota.ts';
import { type ContextPrompt, renderPrompt } from '../context-prompt.ts';
import { refusal } from '../errors.ts';
import type { BootstrapInput } from '../inputs/memories.ts';
import { defaults } from '../limits.ts';
import type { Moment, PastStore } from '../ports/history.ts';
import type { Bootstrap, MemoryStore } from '../ports.ts';

export interface BootstrapResult extends Bootstrap {
  /** How many memories of each tier the answer holds. */
  readonly distribution: TierCounts & { readonly total: number };
  /** The same memories as text, where `format` asked for it; what it has no room for is in `cut`. */
  readonly prompt?: ContextPrompt;
  /** The moment that was asked about; absent for now. */
  readonly asOf?: Moment;
}

/** The memories that matter, or with `asOf` mattered, for the start of a conversation. Reads only: it changes nothing. */
export async function bootstrap(
  { store }: { readonly store: MemoryStore & PastStore },
  input: BootstrapInput,
): Promise<BootstrapResult> {
  const isPrompt = input.format === 'prompt';
  if (input.tokenBudget !== undefined && !isPrompt) {
    throw refusal('tokenBudget', 'bounds the text of a prompt: ask for it with format "prompt"');
  }
  const space = await store.openSpace(input.space);
  const selection = {
    limit: input.limit,
    activeLimit: input.activeLimit,
    include: { active: input.includeActive, thread: input.includeThread, stable: input.includeStable },
  };
  const moment = input.asOf === undefined ? undefined : await store.findMoment(space, input.asOf);
  const found = moment ? await store.bootstrapThen(space, selection, moment) : await store.bootstrap(space, selection);
  return {
    ...(isPrompt ? asPrompt(found, input.tokenBudget ?? defaults.tokenBudget) : described(found)),
    ...(moment ? { asOf: moment } : {}),
  };
}

function described({ memories, cut }: Bootstrap): Pick<BootstrapResult, 'memories' | 'distribution' | 'cut'> {
  const active = memories.active.length;
  const thread = memories.thread.length;
  const stable = memories.stable.length;
  return { memories, distribution: { active, thread, stable, total: active + thread + stable }, cut };
}

function asPrompt({ memories, cut }: Bootstrap, tokenBudget: number) {
  const { text, tokens, shown } = renderPrompt(memories, tokenBudget);
  const without = (tier: keyof TierCounts) => cut[tier] + memories[tier].length - shown[tier].length;
  const left = { active: without('active'), thread: without('thread'), stable: without('stable') };
  return { ...described({ memories: shown, cut: left }), prompt: { text, tokens } };
}
