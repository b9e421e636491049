import { AnimaError } from '@anima/core';

/** So many requests under way are never too many: a hundred users are served, however slow the machine is. */
const least = 100;
const most = 1_000;
/** How often it is looked at whether what is under way takes too long, ms. */
const everyMs = 100;
const fewestSamples = 10;

/** Whether one more request may be under way. */
export interface Admission {
  /**
   * Runs work when there is room, and turns it away when there is none.
   *
   * @throws AnimaError `OVERLOADED`
   */
  run<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * Keeps latency from growing without end: beyond what a server can do, every request that is let in makes all others
 * wait. So how many may be under way follows what they take (AIMD, as TCP does): more while most take less than the
 * aim, a tenth less each time they take longer. What is turned away costs next to nothing, and its caller comes back.
 *
 * @param aimMs what nine in ten should take; 0 lets everything in
 */
export function createAdmission(aimMs: number, now: () => number = () => performance.now()): Admission {
  if (aimMs === 0) return { run: (work) => work() };
  let room = most / 2;
  let underWay = 0;
  let highest = 0;
  let taken: number[] = [];
  let lookedAt = now();

  const look = () => {
    const longest = taken.toSorted((a, b) => a - b)[Math.floor(0.9 * taken.length)] ?? 0;
    if (longest > aimMs) room = Math.max(least, Math.min(room, highest) * 0.9);
    // Room that nobody needs is no proof that there is more.
    else if (highest >= 0.8 * room) room = Math.min(most, room + least / 10);
    taken = [];
    highest = underWay;
    lookedAt = now();
  };
  return {
    async run(work) {
      if (underWay >= room) {
        throw new AnimaError('OVERLOADED', 'more is asked than can be answered in time: ask again in a moment');
      }
      underWay += 1;
      highest = Math.max(highest, underWay);
      const startedAt = now();
      try {
        return await work();
      } finally {
        underWay -= 1;
        taken.push(now() - startedAt);
        if (taken.length >= fewestSamples && now() - lookedAt >= everyMs) look();
      }
    },
  };
}
