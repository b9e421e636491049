import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { Latencies } from '../latencies.ts';
import type { Window } from './window.ts';

/** Requests under way from which the rate is more than can be answered: what is measured then is the queue. */
const mostUnderWay = 2_000;

/**
 * Sends at a constant rate, whether the requests before were answered or not, and counts each latency from when the
 * request was meant to be sent: one that had to wait for a slow server, or for this process, waited.
 *
 * @param send resolves when the answer was read, with what was wrong with it or undefined
 */
export async function driveAtRate(
  send: () => Promise<string | undefined>,
  perSecond: number,
  seconds: number,
): Promise<Window> {
  const latencies = new Latencies();
  const errors = new Map<string, number>();
  const count = (kind: string) => errors.set(kind, (errors.get(kind) ?? 0) + 1);
  const underWay = new Set<Promise<void>>();
  const startedAt = performance.now();
  const sendDue = async (dueAt: number) => {
    try {
      const problem = await send();
      if (problem === undefined) latencies.record(performance.now() - dueAt);
      else count(problem);
    } catch (error) {
      count(error instanceof Error ? error.message : String(error));
    }
  };
  const total = Math.floor(perSecond * seconds);
  for (let index = 0; index < total; index += 1) {
    const dueAt = startedAt + (1_000 * index) / perSecond;
    // A timer may be early by a part of a millisecond.
    for (let wait = dueAt - performance.now(); wait > 0; wait = dueAt - performance.now()) await sleep(wait);
    // Also when it is late: answers that nobody reads would look slow.
    await nextTurn();
    if (underWay.size >= mostUnderWay) {
      count('not sent: too many were under way');
      continue;
    }
    const sent: Promise<void> = sendDue(dueAt).finally(() => underWay.delete(sent));
    underWay.add(sent);
  }
  await Promise.all(underWay);
  return { latencies, errors, seconds };
}
