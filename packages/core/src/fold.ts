import type { LogEvent } from './events.ts';
import { resonance, strengthen } from './resonance.ts';
import { promote, type Tier } from './tiers.ts';

/**
 * Version of the fold's rules. A checkpoint remembers the one it was folded with; a worker that has
 * another refuses to go on until the projection is rebuilt.
 */
export const rulesVersion = 1;

/** How many conversations a memory's state remembers; the log has all of them. */
export const rememberedConversations = 16;

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
}

/** A promotion, and the event that caused it. */
export interface TierChange {
  readonly memoryId: string;
  readonly position: number;
  readonly from: Tier;
  readonly to: Tier;
  readonly reason: 'access_count';
}

/**
 * The fold: what one event makes of one of the memories it names.
 *
 * @throws Error when the event names a memory that was never added: the log does not add up.
 */
export function foldMemory(state: MemoryState | undefined, event: LogEvent): MemoryState {
  if (event.type === 'memory.added') {
    return {
      tier: 'active',
      accessCount: 0,
      phi: event.payload.catalyst ? resonance.catalyst : 0,
      isCatalyst: event.payload.catalyst,
      lastAccessed: event.recordedAt,
      conversations: event.conversationId === null ? [] : [event.conversationId],
    };
  }
  if (!state) {
    throw new Error(`event ${event.position} of shard ${event.shard} names a memory that was never added`);
  }
  switch (event.type) {
    case 'memory.accessed':
      return becomeCatalyst(access(state, event), event.payload.via === 'duplicate' && event.payload.catalyst);
    case 'memory.cited':
      return { ...state, phi: strengthen(state.phi, resonance.citation) };
    case 'space.configured':
    case 'space.reembedded':
      return state;
  }
}

/**
 * Folds events, in log order, into the states of the memories they name. `states` holds every memory
 * that an event names and that existed before; it is updated in place.
 *
 * @returns the tier changes, each with the very event that caused it, whatever the batch size.
 */
export function foldMemories(states: Map<string, MemoryState>, events: readonly LogEvent[]): TierChange[] {
  const changes: TierChange[] = [];
  for (const event of events) {
    for (const memoryId of event.memoryIds) {
      const before = states.get(memoryId);
      const after = foldMemory(before, event);
      states.set(memoryId, after);
      if (before && before.tier !== after.tier) {
        changes.push({
          memoryId,
          position: event.position,
          from: before.tier,
          to: after.tier,
          reason: 'access_count',
        });
      }
    }
  }
  return changes;
}

function access(state: MemoryState, event: LogEvent): MemoryState {
  const accessCount = state.accessCount + 1;
  return {
    ...state,
    accessCount,
    tier: promote(state.tier, state.accessCount, accessCount),
    phi: strengthen(state.phi, resonance.access),
    lastAccessed: event.recordedAt,
    conversations: rememberConversation(state.conversations, event.conversationId),
  };
}

function becomeCatalyst(state: MemoryState, catalyst: boolean): MemoryState {
  if (!catalyst || state.isCatalyst) return state;
  return { ...state, isCatalyst: true, phi: strengthen(state.phi, resonance.catalyst) };
}

function rememberConversation(known: readonly string[], conversation: string | null): readonly string[] {
  if (conversation === null || known.at(-1) === conversation) return known;
  return [...known.filter((id) => id !== conversation), conversation].slice(-rememberedConversations);
}
