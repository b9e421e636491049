import { foldMemories, type LogEvent, type MemoryState, type TierChange } from '../src/index.ts';

interface Circumstances {
  readonly conversationId?: string;
  readonly catalyst?: boolean;
}

/** Writes the log of one shard: every event gets the next position, and is recorded a second after the last. */
export function newLog() {
  let position = 0;
  const envelope = (memoryIds: readonly string[], conversationId: string | null = null) => {
    position += 1;
    return {
      shard: 0,
      position,
      spaceId: 'default',
      id: `event-${position}`,
      schemaVersion: 1 as const,
      conversationId,
      memoryIds,
      recordedAt: position * 1_000,
    };
  };
  return {
    added: (memoryId: string, { conversationId, catalyst = false }: Circumstances = {}): LogEvent => ({
      ...envelope([memoryId], conversationId),
      type: 'memory.added',
      payload: { catalyst },
    }),
    addedAgain: (memoryId: string, { conversationId, catalyst = false }: Circumstances = {}): LogEvent => ({
      ...envelope([memoryId], conversationId),
      type: 'memory.accessed',
      payload: { via: 'duplicate', catalyst, revived: false },
    }),
    recalled: (memoryIds: readonly string[], { conversationId }: Circumstances = {}): LogEvent => ({
      ...envelope(memoryIds, conversationId),
      type: 'memory.accessed',
      payload: { via: 'query', profile: 'hybrid' },
    }),
    cited: (memoryIds: readonly string[]): LogEvent => ({
      ...envelope(memoryIds),
      type: 'memory.cited',
      payload: { recallId: 'recall' },
    }),
    reembedded: (modelId: number): LogEvent => ({
      ...envelope([]),
      type: 'space.reembedded',
      payload: { modelId },
    }),
  };
}

/** Folds `events` and then what comes `when` more happens; `changes` are those of the latter. */
export function given(...events: LogEvent[]) {
  const states = new Map<string, MemoryState>();
  const changesBefore = foldMemories(states, events);
  return {
    states,
    changes: changesBefore,
    when(...more: LogEvent[]): { states: Map<string, MemoryState>; changes: TierChange[] } {
      return { states, changes: foldMemories(states, more) };
    },
  };
}

export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
