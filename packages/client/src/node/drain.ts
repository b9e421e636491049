import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 250;

export interface DrainOptions {
  /** Called with each reading. */
  readonly onReading?: (left: number) => void;
  /** Ends the wait early. */
  readonly signal?: AbortSignal;
  /** How long the gauge may stand still before the wait is given up, ms. */
  readonly patienceMs?: number;
}

/**
 * Waits until a gauge of the server, such as its pending embeddings, reads 0.
 *
 * @returns the last reading: more than 0 when the wait was ended early or the gauge stood still
 */
export async function drain(read: () => Promise<number>, options: DrainOptions = {}): Promise<number> {
  const { onReading, signal, patienceMs = 60_000 } = options;
  let lowest = Number.POSITIVE_INFINITY;
  let lowestAt = performance.now();
  for (;;) {
    const left = await read();
    onReading?.(left);
    if (left < lowest) {
      lowest = left;
      lowestAt = performance.now();
    }
    if (left === 0 || signal?.aborted || performance.now() - lowestAt > patienceMs) return left;
    await sleep(pollMs);
  }
}
