/** Patience is counted in these, ms: a stall of this process, in which the answer may have come, is but one. */
const tickMs = 5;

/**
 * Waits for something that is of use only soon, and leaves it alone when it takes longer.
 *
 * @param patienceMs how long, ms; counted in steps of 5
 * @throws Error when it did not come in time, and what the work throws
 */
export async function withinPatience<T>(work: Promise<T>, patienceMs: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  let ticks = 0;
  const timer = setInterval(() => {
    ticks += 1;
    if (ticks * tickMs >= patienceMs) reject(new Error(`no answer within ${patienceMs} ms`));
  }, tickMs);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearInterval(timer);
  }
}
