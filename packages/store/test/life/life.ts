import type { NewMemory, Tier, Visibility } from '@anima/core';

/** One memory, and what its own events say of it. */
export interface Life {
  readonly id: string;
  /** Every wording, the current one last; none when it is erased. */
  contents: string[];
  replacedAt: number[];
  category: string | null;
  tags: readonly string[];
  source: string | null;
  occurredAt: string | null;
  expiresAt: string | null;
  visibility: Visibility;
  mergedInto: string | null;
  similarity: number;
  /** Position of the merge. */
  mergedAt: number;
  readonly createdAt: number;
  updatedAt: number;
  accesses: number;
  phi: number;
  isCatalyst: boolean;
  lastAccessed: number;
  conversations: string[];
  tierSet: Tier;
  tierSetAt: number;
}

/** What a memory shows: its own and its variants'. */
export interface Shown {
  readonly tier: Tier;
  readonly accessCount: number;
  readonly phi: number;
  readonly isCatalyst: boolean;
  readonly lastAccessed: number;
  /** Every conversation of it and its variants. */
  readonly conversations: ReadonlySet<string>;
}

const ranks: readonly Tier[] = ['active', 'thread', 'stable', 'network'];

/** What a memory shows, given what those show that are merged into it. */
export function showLife(life: Life, variants: readonly (Shown & { readonly similarity: number })[]): Shown {
  const accessCount = variants.reduce((sum, one) => sum + one.accessCount, life.accesses);
  const gained = variants.reduce((sum, { similarity }) => sum + (similarity >= 0.98 ? 100 : 90), 0);
  const byVariant = !life.isCatalyst && variants.some((one) => one.isCatalyst);
  const earned = [
    ...(life.tierSetAt < 5 && accessCount >= 5 ? (['thread'] as const) : []),
    ...(life.tierSetAt < 20 && accessCount >= 20 ? (['stable'] as const) : []),
  ];
  return {
    tier: [life.tierSet, ...earned].sort((a, b) => ranks.indexOf(b) - ranks.indexOf(a))[0]!,
    accessCount,
    phi: Math.min(5_000, life.phi + gained + (byVariant ? 1_000 : 0)),
    isCatalyst: life.isCatalyst || byVariant,
    lastAccessed: Math.max(life.lastAccessed, ...variants.map((one) => one.lastAccessed)),
    conversations: new Set([...life.conversations, ...variants.flatMap((one) => [...one.conversations])]),
  };
}

export function newLife(id: string, memory: NewMemory, now: number): Life {
  const { content, category, tags, source, occurredAt, expiresAt, isCatalyst, conversationId } = memory;
  return {
    ...{ id, contents: [content], replacedAt: [], category, tags, source, occurredAt, expiresAt },
    ...{ visibility: 'live', mergedInto: null, similarity: 0, mergedAt: 0, createdAt: now, updatedAt: now },
    ...{ accesses: 0, phi: isCatalyst ? 1_000 : 0, isCatalyst, lastAccessed: now },
    conversations: conversationId === null ? [] : [conversationId],
    ...{ tierSet: 'active', tierSetAt: 0 },
  };
}

/** Being a catalyst is worth φ 1.0, as long as it lasts. */
export function catalyze(life: Life, catalyst: boolean): void {
  if (catalyst !== life.isCatalyst) {
    life.phi = catalyst ? Math.min(5_000, life.phi + 1_000) : Math.max(0, life.phi - 1_000);
  }
  life.isCatalyst = catalyst;
}
