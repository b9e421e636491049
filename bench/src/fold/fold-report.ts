import type { BenchBlock, BenchMeasure } from '@anima/core';
import { median } from '../median.ts';
import { percentile } from '../percentile.ts';
import { tableOf } from '../report/blocks.ts';
import type { Findings } from '../report/report.ts';
import type { DrainRates } from './drain-rate.ts';
import type { LagAtRate } from './hardest-rate.ts';
import type { MixLag } from './mix-lag.ts';
import { pairsOfRecall, recalled } from './recalls.ts';
import type { ReplaySpeed } from './replay-speed.ts';

/** What is left of the bare upsert at least, while the same is folded. */
const leastShare = 0.6;

export interface FoldResult {
  readonly drains: readonly DrainRates[];
  readonly probes: readonly LagAtRate[];
  readonly mix: MixLag | undefined;
  readonly replays: readonly ReplaySpeed[];
}

/** The hardest rate at which the lag was bounded. */
function hardest(probes: readonly LagAtRate[]): LagAtRate | undefined {
  return probes.filter(({ isBounded }) => isBounded).toSorted((a, b) => b.rate - a.rate)[0];
}

export function describeFold(
  result: FoldResult,
): Pick<Findings, 'measures' | 'blocks' | 'failures' | 'data' | 'isHeld'> {
  const { drains, probes, mix, replays } = result;
  const measures = [
    ...drains.flatMap(ofDrain),
    ...ofHardest(hardest(probes)),
    ...(mix ? ofLag('under the mix', mix.samples) : []),
    ...replays.map(({ projection, events, ms }) => perSecond(`replayed events, ${projection}`, (1_000 * events) / ms)),
  ];
  const failures = [
    ...(hardest(probes) ? [] : ['the lag grew without bound at every rate that was tried']),
    ...(mix && mix.failed > 0 ? [`${mix.failed} requests of the mix failed`] : []),
    ...replays.flatMap(({ projection, differences }) =>
      differences > 0 ? [`a replay gives ${differences} rows of ${projection} otherwise`] : [],
    ),
  ];
  const blocks = [drainTable(drains), probeTable(probes), lagLines(probes, mix)];
  return { measures, blocks, failures, isHeld: true, data: result };
}

function ofDrain({ spaces, folded, bare }: DrainRates): BenchMeasure[] {
  const over = spaces === 1 ? 'over 1 space' : `over ${spaces} spaces`;
  return [
    perSecond(`accesses folded, ${over}`, recalled * median(folded)),
    perSecond(`pairs folded, ${over}`, pairsOfRecall * median(folded)),
    perSecond(`bare upsert of pairs, ${over}`, pairsOfRecall * median(bare)),
    {
      ...{ name: `share of the bare upsert, ${over}`, value: median(sharesOf({ folded, bare })) },
      ...{ unit: 'ratio', better: 'higher', target: leastShare },
    },
  ];
}

/** Of neighbours in time. */
function sharesOf({ folded, bare }: Pick<DrainRates, 'folded' | 'bare'>): number[] {
  return folded.map((rate, round) => rate / (bare[round] ?? Number.NaN));
}

function ofHardest(probe: LagAtRate | undefined): BenchMeasure[] {
  if (!probe) return [];
  return [
    perSecond('hardest accesses with a bounded lag', recalled * probe.rate),
    ...ofLag('at the hardest rate', probe.samples),
  ];
}

function ofLag(when: string, samples: LagAtRate['samples']): BenchMeasure[] {
  const lags = samples.map(([, , lagMs]) => lagMs);
  const ms = (name: string, value: number): BenchMeasure => ({
    ...{ name: `lag ${name} ${when}`, value },
    ...{ unit: 'ms', better: 'lower' },
  });
  return [ms('p50', percentile(lags, 50)), ms('p95', percentile(lags, 95)), ms('max', percentile(lags, 100))];
}

function perSecond(name: string, value: number): BenchMeasure {
  return { name, value, unit: 'per second', better: 'higher' };
}

function drainTable(drains: readonly DrainRates[]): BenchBlock {
  return tableOf(
    'How fast a backlog is folded, beside the bare upsert of its pairs',
    ['spaces', 'round', 'recalls/s', 'accesses/s', 'pairs/s', 'bare pairs/s', 'share'],
    drains.flatMap(({ spaces, folded, bare }) =>
      folded.map((rate, round) => {
        const floor = bare[round] ?? Number.NaN;
        const counts = [rate, recalled * rate, pairsOfRecall * rate, pairsOfRecall * floor].map(Math.round);
        return [String(spaces), round + 1, ...counts, rate / floor];
      }),
    ),
    'Folding keeps states and tiers beside the pairs, and reads the log.',
  );
}

function probeTable(probes: readonly LagAtRate[]): BenchBlock {
  return tableOf(
    'How hard accesses may come',
    ['lag', 'accesses/s', 'lag p50, ms', 'p95, ms', 'max, ms'],
    probes.map(({ rate, samples, isBounded }) => {
      const lags = samples.map(([, , lagMs]) => lagMs);
      const of = [50, 95, 100].map((percent) => Math.round(percentile(lags, percent)));
      return [isBounded ? 'bounded' : 'grows', Math.round(recalled * rate), ...of];
    }),
  );
}

function lagLines(probes: readonly LagAtRate[], mix: MixLag | undefined): BenchBlock {
  const series = probes.map(({ rate, samples }) => ({ name: `${Math.round(recalled * rate)} accesses/s`, samples }));
  return {
    kind: 'lines',
    title: 'Lag of folding over time',
    x: { label: 'seconds', scale: 'linear' },
    y: { label: 'events', scale: 'linear' },
    series: [...series, ...(mix ? [{ name: 'the mix', samples: mix.samples }] : [])].map(({ name, samples }) => ({
      name,
      points: samples.map(([at, events]): [number, number] => [at / 1_000, events]),
    })),
  };
}
