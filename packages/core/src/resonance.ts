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
} as const;

/** Adds thousandths to φ, up to its cap. */
export function strengthen(phi: number, by: number): number {
  return Math.min(resonance.max, phi + by);
}

/** Thousandths as the 0–5 that answers show. */
export function phiFromThousandths(thousandths: number): number {
  return thousandths / 1_000;
}
