import type { NewMemory } from '@anima/core';

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
