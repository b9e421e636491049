import { setTimeout as sleep } from 'node:timers/promises';
import type { Measured } from '@anima/store/measured';
import type { Random } from '../random.ts';
import { type Recallable, recallFrom } from './recalls.ts';

const sampleMs = 100;

/** Recalls leave in steps of so long. */
const stepMs = 25;

/** What the lag may grow by in the last third of a probe, of what came in that time. */
const tolerableGrowth = 0.1;

/** How the lag was while recalls came at one rate. */
export interface LagAtRate {
  /** Recalls a second. */
  readonly rate: number;
  readonly isBounded: boolean;
  /** [since the beginning in ms, events that were not folded, age of the oldest in ms]. */
  readonly samples: readonly (readonly [atMs: number, events: number, lagMs: number])[];
}

interface SearchOptions {
  readonly measured: Measured;
  readonly filled: readonly Recallable[];
  readonly random: Random;
  readonly probeMs: number;
  readonly probes: number;
  /** About where it is: what is folded in a second when nothing else is done. */
  readonly expected: number;
  readonly onProbe: (rate: number) => void;
}

/** Halves the range in which the lag begins to grow without bound. @returns every probe, in order */
export async function searchHardestRate(options: SearchOptions): Promise<readonly LagAtRate[]> {
  const tried: LagAtRate[] = [];
  let low = 0;
  let high = options.expected * 1.5;
  for (let probe = 0; probe < options.probes; probe += 1) {
    const rate = (low + high) / 2;
    options.onProbe(rate);
    const result = await lagAtRate(rate, options);
    tried.push(result);
    if (result.isBounded) low = rate;
    else high = rate;
    await drained(options.measured);
  }
  return tried;
}

async function lagAtRate(rate: number, { measured, filled, random, probeMs }: SearchOptions): Promise<LagAtRate> {
  const { store } = measured;
  const samples: [number, number, number][] = [];
  const startedAt = performance.now();
  const elapsed = () => performance.now() - startedAt;
  let sent = 0;
  let answered = 0;
  const failures: unknown[] = [];
  const sending = (async () => {
    while (elapsed() < probeMs) {
      const due = Math.floor((rate * elapsed()) / 1_000);
      for (; sent < due; sent += 1) {
        const from = filled[sent % filled.length];
        if (!from) throw new Error('there is no space');
        store.recordRecall(from.space, recallFrom(from, random)).then(
          () => (answered += 1),
          (error: unknown) => failures.push(error),
        );
      }
      await sleep(stepMs);
    }
  })();
  while (elapsed() < probeMs) {
    const { folds } = await store.gauges();
    samples.push([elapsed(), folds.lagEvents, folds.lagMs]);
    await sleep(sampleMs);
  }
  await sending;
  const keptUp = failures.length === 0 && answered >= 0.9 * sent;
  return { rate, isBounded: keptUp && isBounded(samples, rate, probeMs), samples };
}

/** Whether the lag of the last third is about that of the one before. */
export function isBounded(samples: LagAtRate['samples'], rate: number, probeMs: number): boolean {
  const third = probeMs / 3;
  const meanBetween = (from: number, to: number) => {
    const lags = samples.flatMap(([at, events]) => (at >= from && at < to ? [events] : []));
    return lags.reduce((sum, lag) => sum + lag, 0) / Math.max(1, lags.length);
  };
  const growth = meanBetween(2 * third, probeMs) - meanBetween(third, 2 * third);
  return growth < (tolerableGrowth * rate * third) / 1_000;
}

async function drained({ store }: Measured): Promise<void> {
  while ((await store.gauges()).folds.lagEvents > 0) await sleep(sampleMs);
}
