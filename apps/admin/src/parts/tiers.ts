/** From the lowest to the highest; the last is set by hand only. */
export const tiers = ['active', 'thread', 'stable', 'network'] as const;
export type Tier = (typeof tiers)[number];
