import { AnimaError } from '@anima/core';

/** So many requests under way are never too many, however slow the machine is. */
const least = 50;
const most = 1_000;
/** Before anything is known of the machine. */
const atFirst = 100;
/** What is added to the room at a time, when nearly all of it was needed and nothing took too long. */
const step = 10;
/** How often it is looked at how long things take, ms. */
const everyMs = 100;

/** Whether one more request may be under way. */
export interface Admission {
  /** @throws AnimaError `OVERLOADED` when there is no room: asked before a request is read, which costs too */
  check(): void;
  /**
   * Runs work when there is room, and turns it away when there is none.
   *
   * @throws AnimaError `OVERLOADED`
   */
  run<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * Keeps latency from growing without end: beyond what a server can do, every request that is let in makes all others
 * wait. So how many may be under way follows what they take. By Little's law, as many as are answered in the time of the
 * aim wait that long each: that is the room once more than one in ten takes longer, and the least room while all is well,
 * so that what piles up in a short stall is let in. Beyond that, it grows by trying (AIMD, as TCP does). What is turned
 * away costs next to nothing, and comes back.
 *
 * @param aimMs what nine in ten should take; 0 lets everything in
 */
export function createAdmission(aimMs: number, now: () => number = () => performance.now()): Admission {
  if (aimMs === 0) return { check: () => undefined, run: (work) => work() };
  let room = atFirst;
  let highest = 0;
  let taken: number[] = [];
  let answered = 0;
  let lookedAt = now();
  /** When each of those under way began, the oldest first. */
  const underWay = new Map<symbol, number>();

  const look = () => {
    const time = now();
    const passed = time - lookedAt;
    if (passed < everyMs) return;
    const inTime = (answered / passed) * aimMs;
    // Those that are not done yet count as soon as they take too long: where nothing is answered, nothing else would tell.
    for (const since of underWay.values()) {
      if (time - since <= aimMs) break;
      taken.push(time - since);
    }
    const longest = taken.toSorted((a, b) => a - b)[Math.floor(0.9 * taken.length)] ?? 0;
    if (longest > aimMs) room = Math.max(least, Math.min(inTime, Math.min(room, highest) * 0.9));
    // Room that nobody needs is no proof that there is more, and neither is that nothing was answered.
    else if (answered > 0) room = Math.min(most, Math.max(inTime, highest >= 0.8 * room ? room + step : room));
    taken = [];
    answered = 0;
    highest = underWay.size;
    lookedAt = time;
  };
  const check = () => {
    look();
    if (underWay.size < room) return;
    throw new AnimaError('OVERLOADED', 'more is asked than can be answered in time: ask again in a moment');
  };
  return {
    check,
    async run(work) {
      check();
      const request = Symbol();
      const since = now();
      underWay.set(request, since);
      highest = Math.max(highest, underWay.size);
      try {
        return await work();
      } finally {
        underWay.delete(request);
        taken.push(now() - since);
        answered += 1;
        look();
      }
    },
  };
}
