import type { Filters, LogEvent, MemoryChanges, NewMemory, SpaceSettingsChanges, Tier } from '@anima/core';

/** What a client or a worker asks for; a key makes it happen once. */
export type Request = { readonly key?: string | undefined } & (
  | { readonly kind: 'add'; readonly memories: readonly NewMemory[] }
  | {
      readonly kind: 'query';
      readonly text: string;
      readonly conversationId: string | null;
      readonly record: boolean;
      readonly filters: Filters;
    }
  | { readonly kind: 'cite'; readonly recallId: string; readonly ids: readonly string[] }
  | { readonly kind: 'update'; readonly id: string; readonly changes: MemoryChanges }
  | { readonly kind: 'forget' | 'restore' | 'erase'; readonly ids: readonly string[] }
  | { readonly kind: 'setTier'; readonly ids: readonly string[]; readonly tier: Tier; readonly reason?: string }
  | { readonly kind: 'mark'; readonly ids: readonly string[]; readonly catalyst: boolean }
  | { readonly kind: 'merge'; readonly pair: readonly [string, string]; readonly similarity: number }
  | { readonly kind: 'unmerge'; readonly id: string }
  | { readonly kind: 'decay'; readonly cutoff: number; readonly factor: number }
  | { readonly kind: 'expire' }
  | { readonly kind: 'configure'; readonly changes: SpaceSettingsChanges }
);

/** What came of a request: lists that have no order are sorted, and where no order was promised, sets. */
export type Answer = { readonly value: unknown } | { readonly code: string };

/** An event of the log, with the client's own name of its conversation. */
export type Seen = LogEvent & { readonly conversation: string | null };

/** The log does not hold what the model says it must. */
export class Unexplained extends Error {}

/** What the model refuses. */
export class Refusal extends Error {
  readonly code: string;

  constructor(code: 'CONFLICT' | 'NOT_FOUND' | 'VALIDATION_ERROR') {
    super(code);
    this.code = code;
  }
}
