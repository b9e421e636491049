/** A memory's tier; the index is how it is stored. `network` is set by hand only. */
export const tiers = ['active', 'thread', 'stable', 'network'] as const;

export type Tier = (typeof tiers)[number];

/** Access counts at which a memory is promoted into a tier. */
export const promotionThresholds = { thread: 5, stable: 20 } as const;

/**
 * The tier after an access moved the count from `before` to `after`. A tier is left only when a
 * threshold is crossed anew, so one that was set by hand stays until then.
 */
export function promote(tier: Tier, before: number, after: number): Tier {
  const crossed = (threshold: number) => before < threshold && after >= threshold;
  if (crossed(promotionThresholds.stable)) return 'stable';
  if (crossed(promotionThresholds.thread)) return 'thread';
  return tier;
}
