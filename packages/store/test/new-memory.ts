import type { NewMemory, Recall } from '@anima/core';

/** A memory as a store is given it: bare but for what the test says. */
export function newMemory(content: string, more: Partial<NewMemory> = {}): NewMemory {
  return {
    content,
    category: null,
    tags: [],
    source: null,
    isCatalyst: false,
    conversationId: null,
    occurredAt: null,
    expiresAt: null,
    ...more,
  };
}

/** A recall that returned these memories, for no reason. */
export function newRecall(memoryIds: readonly string[], conversationId: string | null = null): Recall {
  const terms = { similarity: 0, lexical: 0, conversation: 0, neighbourTurn: 0, resonance: 0 };
  const breakdown = { similarity: null, lexical: 0, phi: 0, structuralWeight: 0, score: 0, terms };
  const hits = memoryIds.map((memoryId) => ({ memoryId, version: 1, breakdown }));
  return { hits, conversationId, profile: 'hybrid', statePosition: 0 };
}
