/**
 * Resonance φ in integer thousandths (0…5000), so that replaying the log gives the same number to
 * the bit. Answers show it as 0–5.
 */
export const resonance = {
  max: 5_000,
  /** A recall, or content that was added again. */
  access: 100,
  /** The agent said that it used the memory: the one signal measured to improve later recall. */
  citation: 1_000,
  catalyst: 1_000,
  /** What a variant that is merged into a memory gives it; the larger one from {@link nearlyIdentical} on. */
  nearDuplicate: 90,
  nearlyIdenticalDuplicate: 100,
  /** Below it nothing fades. */
  leastFading: 500,
} as const;

/** Cosine from which two texts say the same almost word for word. */
const nearlyIdentical = 0.98;

/** Adds thousandths to φ, up to its cap. */
export function strengthen(phi: number, by: number): number {
  return Math.min(resonance.max, phi + by);
}

/** Thousandths as the 0–5 that answers show. */
export function phiFromThousandths(thousandths: number): number {
  return thousandths / 1_000;
}

/** Takes thousandths from φ, down to nothing. */
export function weaken(phi: number, by: number): number {
  return Math.max(0, phi - by);
}

/** What a memory gains by a variant of this cosine. */
export function resonanceOfMerge(similarity: number): number {
  return similarity >= nearlyIdentical ? resonance.nearlyIdenticalDuplicate : resonance.nearDuplicate;
}

/** φ after it faded by a factor in thousandths, rounded down. */
export function fade(phi: number, factor: number): number {
  return phi > resonance.leastFading ? Math.floor((phi * factor) / 1_000) : phi;
}

const day = 86_400_000;

/** What fades in a month that ends `now` (epoch ms): 5 % of what was not accessed for 30 days. */
export function decay(now: number): { readonly cutoff: number; readonly factor: number } {
  return { cutoff: now - 30 * day, factor: 950 };
}
