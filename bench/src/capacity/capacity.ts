import { startProgress } from '@anima/client/node/progress';
import type { Floors } from '@anima/store/floors';
import { median } from '../median.ts';
import { type Random, seededRandom } from '../random.ts';
import { settle } from '../settle.ts';
import type { Target } from '../target.ts';
import { driveCalls, driveHttp } from './closed-loop.ts';
import { openAgent, send } from './http-request.ts';
import type { Lab } from './lab.ts';
import { driveAtRate } from './open-loop.ts';
import { type Floor, floorNames, floorOf, growing, recorded, requestsOf, type Served } from './subjects.ts';
import { together, type Window } from './window.ts';

export interface CapacityPlan {
  /** In the order in which they take turns: what is compared, next to each other. */
  readonly subjects: readonly (Served | Floor)[];
  readonly connections: readonly number[];
  /** Seconds of a window. */
  readonly window: number;
  /** How often everything is measured, in turns. */
  readonly rounds: number;
  readonly seed: number;
}

/** One window of one subject. */
interface Round {
  readonly window: Window;
  /** Seconds until what it left behind was folded. */
  readonly drain: number;
}

/** What a subject did at a number of connections. */
export interface Capacity {
  readonly subject: Served | Floor;
  readonly connections: number;
  readonly rounds: readonly Round[];
}

/**
 * Seconds of each subject at each number of connections that are not counted: plans, caches and compilers warm up, those
 * of appends for longer. Never more than what is measured.
 */
const warmUp = { reading: 3, growing: 10 };

/** Measures operations and floors in turns, a window each, again and again. */
export async function measureCapacity(
  { target, floors, nextContent }: Lab,
  { subjects, ...plan }: CapacityPlan,
): Promise<Capacity[]> {
  const requests = requestsOf(seededRandom(plan.seed), nextContent);
  const driven = subjects.map((subject) => ({
    subject,
    drive: (connections: number, seconds: number) =>
      isServed(subject)
        ? driveHttp(target.url, requests[subject], connections, seconds)
        : driveCalls(callOf(floors, subject), connections, seconds),
    settles: isServed(subject) && recorded.has(subject),
  }));
  for (const { subject, drive } of driven) {
    const seconds = Math.min(growing.has(subject) ? warmUp.growing : warmUp.reading, plan.rounds * plan.window);
    for (const connections of plan.connections) await drive(connections, seconds);
  }
  await settleAll(target);

  const cases = plan.connections.flatMap((connections) => driven.map((one) => ({ ...one, connections })));
  const measured = cases.map(({ subject, connections }) => ({ subject, connections, rounds: [] as Round[] }));
  const bar = startProgress('Measuring', plan.rounds * cases.length);
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const [index, { subject, connections, drive, settles }] of cases.entries()) {
      const window = await drive(connections, plan.window);
      const drain = settles ? await settleAll(target) : 0;
      measured[index]?.rounds.push({ window, drain });
      bar.update(round * cases.length + index + 1, `${nameOf(subject)}, ${connections} at a time`);
    }
  }
  bar.stop();
  return measured;
}

/** @returns seconds until everything was folded; then what is not embedded is waited for, too */
async function settleAll({ client }: Target): Promise<number> {
  const milliseconds = await settle(client, 'folds', 'Folding');
  await settle(client, 'embeddings', 'Embedding');
  return milliseconds / 1_000;
}

function callOf(floors: Floors, floor: Floor): () => Promise<unknown> {
  return () => floors[floor]();
}

export function nameOf(subject: Served | Floor): string {
  return isServed(subject) ? subject : floorNames[subject];
}

function isServed(subject: Served | Floor): subject is Served {
  return subject in floorOf;
}

/** Answers a second, for each round. With `drained`, what they left behind must be folded in that time, too. */
export function ratesOf({ rounds }: Capacity, drained: boolean): number[] {
  return rounds.map(({ window, drain }) => window.latencies.count / (window.seconds + (drained ? drain : 0)));
}

export function rateOf(capacity: Capacity, drained: boolean): number {
  return median(ratesOf(capacity, drained));
}

export function find(capacities: readonly Capacity[], subject: Served | Floor, connections: number): Capacity {
  const found = capacities.find((one) => one.subject === subject && one.connections === connections);
  if (!found) throw new Error(`${subject} was not measured at ${connections}`);
  return found;
}

/** Measures an operation at a constant rate, its latencies from when each request was meant to be sent. */
export async function measureAtRate(
  { target, nextContent }: Lab,
  operation: Served,
  { perSecond, seconds, seed }: { readonly perSecond: number; readonly seconds: number; readonly seed: number },
): Promise<Window> {
  const random: Random = seededRandom(seed);
  const next = requestsOf(random, nextContent)[operation];
  const agent = openAgent();
  try {
    const window = await driveAtRate(
      async () => {
        const status = await send(agent, target.url, next());
        return status < 300 ? undefined : `status ${status}`;
      },
      perSecond,
      seconds,
    );
    await settleAll(target);
    return window;
  } finally {
    agent.destroy();
  }
}

export function latenciesOf({ rounds }: Capacity): Window {
  return together(rounds.map(({ window }) => window));
}
