import { foldMemories, type LogEvent, type MemoryRecord, type MemoryState, type Tier } from '../src/index.ts';

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
    forgotten: (memoryIds: readonly string[]): LogEvent => ({
      ...envelope(memoryIds),
      type: 'memory.forgotten',
      payload: {},
    }),
    tiered: (memoryId: string, tier: Tier): LogEvent => ({
      ...envelope([memoryId]),
      type: 'memory.tiered',
      payload: { tier },
    }),
    marked: (memoryId: string, catalyst: boolean): LogEvent => ({
      ...envelope([memoryId]),
      type: 'memory.marked',
      payload: { catalyst },
    }),
    merged: (survivor: string, merged: string, similarity = 0.99): LogEvent => ({
      ...envelope([survivor, merged]),
      type: 'memory.merged',
      payload: { survivor, merged, similarity },
    }),
    unmerged: (survivor: string, merged: string): LogEvent => ({
      ...envelope([survivor, merged]),
      type: 'memory.unmerged',
      payload: { survivor, merged },
    }),
    decayed: (cutoff: number, factor = 950): LogEvent => ({
      ...envelope([]),
      type: 'space.decayed',
      payload: { cutoff, factor },
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
  const records = new Map<string, MemoryRecord>();
  const changesBefore = foldMemories(records, events);
  return {
    states: statesOf(records),
    changes: changesBefore,
    when(...more: LogEvent[]) {
      const changes = foldMemories(records, more);
      return { states: statesOf(records), changes };
    },
  };
}

export function statesOf(records: ReadonlyMap<string, MemoryRecord>): Map<string, MemoryState> {
  return new Map([...records].map(([id, { state }]) => [id, state]));
}

export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
