/** How many memories of each bootstrapped tier. */
export interface TierCounts {
  readonly active: number;
  readonly thread: number;
  readonly stable: number;
}

/** What of `room` goes to thread (70 %, rounded up); the rest is for stable. In integers, so that 70 % of 10 is 7. */
const threadRoom = (room: number) => Math.ceil((7 * room) / 10);

/**
 * How many of each tier a bootstrap takes of what there is.
 *
 * Without `activeLimit`, `limit` is the total: active at most half, the rest 70:30 for thread and
 * stable; room that one tier leaves flows to thread, then stable, then active. With `activeLimit`
 * each tier has a bound of its own: active `activeLimit`, thread ⌈0.7·limit⌉, stable ⌊0.3·limit⌋.
 */
export function bootstrapQuota(available: TierCounts, limit: number, activeLimit?: number): TierCounts {
  if (activeLimit !== undefined) {
    const thread = threadRoom(limit);
    return {
      active: Math.min(available.active, activeLimit),
      thread: Math.min(available.thread, thread),
      stable: Math.min(available.stable, limit - thread),
    };
  }
  let active = Math.min(available.active, Math.floor(limit / 2));
  const rest = limit - active;
  let thread = Math.min(available.thread, threadRoom(rest));
  const stable = Math.min(available.stable, rest - thread);
  thread = Math.min(available.thread, rest - stable);
  active = Math.min(available.active, limit - thread - stable);
  return { active, thread, stable };
}
