/** A memory's tier, lowest first; the index is how it is stored. `network` is set by hand only. */
export const tiers = ['active', 'thread', 'stable', 'network'] as const;

export type Tier = (typeof tiers)[number];

/** Access counts at which a memory is promoted into a tier. */
export const promotionThresholds = { thread: 5, stable: 20 } as const;

/**
 * The tier after an access moved the count from `before` to `after`. Only crossing a threshold promotes,
 * and only upwards: a tier that was set by hand stays until the threshold of a higher one is crossed anew.
 */
export function promote(tier: Tier, before: number, after: number): Tier {
  const earned = (['stable', 'thread'] as const).find(
    (target) => before < promotionThresholds[target] && after >= promotionThresholds[target],
  );
  return earned !== undefined && tiers.indexOf(earned) > tiers.indexOf(tier) ? earned : tier;
}
