import { setTimeout as sleep } from 'node:timers/promises';
import { type Random, seededRandom } from '../random.ts';
import type { Turn } from './dialogue.ts';
import { perform, pickOperation } from './operations.ts';
import type { Recorder } from './recorder.ts';

/** How often one who is not there looks whether it is time to come, ms. */
const absentMs = 100;

/** What a user does between two requests. */
const thinkMs = 1_000;

export interface LoadOptions {
  readonly baseUrl: string;
  readonly space: string;
  /** At a time, at most. */
  readonly users: number;
  /** How many there are after a time, ms; without it, always all of them. */
  readonly usersAt?: (elapsedMs: number) => number;
  readonly durationMs: number;
  readonly seed: number;
  readonly nextTurn: () => Turn;
  readonly nextQuery: (random: Random) => string;
  readonly onSecond?: (elapsedMs: number) => void;
}

/** Lets users do the mix, a request at a time each, and records every request that began in time. */
export async function runLoad(recorder: Recorder, options: LoadOptions): Promise<void> {
  const startedAt = performance.now();
  const elapsed = () => performance.now() - startedAt;
  const ticker = setInterval(() => options.onSecond?.(Math.min(elapsed(), options.durationMs)), 1_000);
  const users = Array.from({ length: options.users }, async (_, index) => {
    const random = seededRandom(options.seed + index);
    const user = { ...options, random, conversationId: `user-${index}` };
    // They do not all come at the same moment.
    await sleep(thinkMs * random());
    while (elapsed() < options.durationMs) {
      if (index >= (options.usersAt?.(elapsed()) ?? options.users)) {
        await sleep(absentMs);
        continue;
      }
      const operation = pickOperation(random);
      const sentAt = performance.now();
      const outcome = await perform(operation, user);
      recorder.record(operation, performance.now() - sentAt, outcome);
      await sleep(thinkMs);
    }
  });
  try {
    await Promise.all(users);
  } finally {
    clearInterval(ticker);
  }
}
