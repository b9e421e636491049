import { resonance, resonanceOfMerge, strengthen } from './resonance.ts';
import { promote, type Tier } from './tiers.ts';

/** How many conversations a memory's state remembers; the log has all of them. */
export const rememberedConversations = 16;

/** Whether a memory is found: only live ones are. */
export const visibilities = ['live', 'hidden', 'merged', 'erased', 'expired'] as const;
export type Visibility = (typeof visibilities)[number];

/** What the log says about one memory. */
export interface MemoryState {
  readonly tier: Tier;
  readonly accessCount: number;
  /** Thousandths. */
  readonly phi: number;
  readonly isCatalyst: boolean;
  /** Epoch milliseconds. */
  readonly lastAccessed: number;
  /** Distinct conversations it was added or recalled in, most recent last. */
  readonly conversations: readonly string[];
  readonly visibility: Visibility;
}

/** What its own events say of a memory, apart from what was merged into it. */
export interface OwnState extends Omit<MemoryState, 'tier'> {
  /** The tier it began with or that was set by hand. */
  readonly tierSet: Tier;
  /** Its access count then: thresholds beyond it promote. */
  readonly tierSetAt: number;
}

/** That a memory is a variant of another. */
export interface MergeLink {
  readonly survivor: string;
  readonly similarity: number;
  /** Of the event that merged it. */
  readonly position: number;
}

/**
 * The state of a memory that others were merged into: what its own events say and, in the order of their
 * merging, what each variant adds: accesses, conversations, being a catalyst, and a little φ. It depends on
 * nothing else, so that taking a variant out leaves what it would be without it.
 */
export function withVariants(
  own: OwnState,
  variants: readonly { readonly state: MemoryState; readonly similarity: number }[],
): MemoryState {
  const { tierSet, tierSetAt, visibility } = own;
  let { accessCount, phi, isCatalyst, lastAccessed, conversations } = own;
  for (const { state, similarity } of variants) {
    accessCount += state.accessCount;
    phi = strengthen(phi, resonanceOfMerge(similarity));
    if (state.isCatalyst && !isCatalyst) phi = strengthen(phi, resonance.catalyst);
    isCatalyst ||= state.isCatalyst;
    conversations =
      state.lastAccessed > lastAccessed
        ? rememberConversations(conversations, state.conversations)
        : rememberConversations(state.conversations, conversations);
    lastAccessed = Math.max(lastAccessed, state.lastAccessed);
  }
  const tier = promote(tierSet, tierSetAt, accessCount);
  return { tier, visibility, accessCount, phi, isCatalyst, lastAccessed, conversations };
}

/** Conversations that are known, and later ones. */
export function rememberConversations(known: readonly string[], later: readonly string[]): readonly string[] {
  if (later.length === 0 || (later.length === 1 && known.at(-1) === later[0])) return known;
  return [...known.filter((id) => !later.includes(id)), ...later].slice(-rememberedConversations);
}
