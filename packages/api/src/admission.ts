import { AsyncLocalStorage } from 'node:async_hooks';
import { AnimaError, type Embedder, type ModelFinder } from '@anima/core';

/** So many requests under way are not too many, however slow the machine is; fewer while most are turned away anyway. */
const least = { usually: 50, inFlood: 4 };
const most = 1_000;
/** What is added to the room at a time, when nearly all of it was needed and nothing took too long. */
const step = { usually: 10, inFlood: 1 };
/** The part of the aim that counts in a flood: who is not turned away should then be served at once. */
const aimInFlood = 1 / 6;
/** How often it is looked at how long things take, ms. */
const everyMs = 100;
/** So many turned away since the last look, and more than were answered, are a flood: it is not waited for the next one. */
const suddenly = 20;

/** One for all: where it is needed, it is needed by thousands, and to note where each came from costs more than to refuse. */
const overloaded = new AnimaError('OVERLOADED', 'more is asked than can be answered in time: ask again in a moment');

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
  /**
   * Waits for what is not this server's to hurry. Until it is there, or is given up by the signal, the request of whom it
   * is takes no time, and no room while about as many wait as lately did: a model that is slow is no reason to turn
   * anybody away. More at once are a flood of which nothing was seen yet.
   */
  outside<T>(wait: () => Promise<T>, givenUp?: AbortSignal): Promise<T>;
}

/** A request; `since` when, less what it waited outside. */
interface UnderWay {
  since: number;
  isDone: boolean;
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
  if (aimMs === 0) return { check: () => undefined, run: (work) => work(), outside: (wait) => wait() };
  const asked = new AsyncLocalStorage<UnderWay>();
  const underWay = new Set<UnderWay>();
  let room = least.usually;
  let outside = 0;
  /** What all of them waited together since the last look, ms. */
  let waitedOutside = 0;
  /** So many wait outside without taking room. */
  let usuallyOutside = 0;
  let highest = 0;
  let taken: number[] = [];
  let [answered, refused] = [0, 0];
  let lookedAt = now();

  const look = () => {
    const time = now();
    const passed = time - lookedAt;
    if (passed < everyMs) return;
    const isFlood = refused > answered;
    const aim = isFlood ? aimMs * aimInFlood : aimMs;
    const added = isFlood ? step.inFlood : step.usually;
    const inTime = (answered / passed) * aim;
    // Those that are not done yet count as soon as they take too long: where nothing is answered, nothing else would tell.
    for (const { since } of underWay) if (time - since > aim) taken.push(time - since);
    const longest = taken.toSorted((a, b) => a - b)[Math.floor(0.9 * taken.length)] ?? 0;
    if (longest > aim) room = Math.min(inTime, Math.min(room, highest) * 0.9);
    // Room that nobody needs is no proof that there is more, and neither is that nothing was answered.
    else if (answered > 0) room = Math.min(most, Math.max(inTime, highest >= 0.8 * room ? room + added : room));
    room = Math.max(isFlood ? least.inFlood : least.usually, room);
    // Little's law again: the mean number outside. Twice that, so that it may grow.
    usuallyOutside = (2 * waitedOutside) / passed;
    waitedOutside = 0;
    taken = [];
    answered = 0;
    refused = 0;
    highest = underWay.size;
    lookedAt = time;
  };
  const check = () => {
    look();
    if (underWay.size + Math.max(0, outside - usuallyOutside) < room) return;
    refused += 1;
    if (refused >= suddenly && refused > answered) room = Math.min(room, least.inFlood);
    throw overloaded;
  };
  const enter = (request: UnderWay) => {
    underWay.add(request);
    highest = Math.max(highest, underWay.size);
  };
  return {
    check,
    async run(work) {
      check();
      const request = { since: now(), isDone: false };
      enter(request);
      try {
        return await asked.run(request, work);
      } finally {
        request.isDone = true;
        underWay.delete(request);
        taken.push(now() - request.since);
        answered += 1;
        look();
      }
    },
    async outside(wait, givenUp) {
      const request = asked.getStore();
      // Nobody's, or of one that waits outside for something else already.
      if (!request || !underWay.delete(request)) return wait();
      const leftAt = now();
      outside += 1;
      let isBack = false;
      const comeBack = () => {
        if (isBack) return;
        isBack = true;
        outside -= 1;
        waitedOutside += now() - leftAt;
        request.since += now() - leftAt;
        if (!request.isDone) enter(request);
      };
      givenUp?.addEventListener('abort', comeBack, { once: true });
      try {
        return await wait();
      } finally {
        givenUp?.removeEventListener('abort', comeBack);
        comeBack();
      }
    },
  };
}

/** An embedder whose answers requests wait for outside. */
export function waitingOutside({ outside }: Admission, embedder: Embedder & ModelFinder): Embedder & ModelFinder {
  return {
    get model() {
      return embedder.model;
    },
    embedQuery: (space, text, signal) => outside(() => embedder.embedQuery(space, text, signal), signal),
    embedContents: (space, texts, signal) => outside(() => embedder.embedContents(space, texts, signal), signal),
    forget: (space) => embedder.forget(space),
    findModel: (wanted) => embedder.findModel(wanted),
  };
}
