import { Command } from 'commander';
import { type Capacity, measureCapacity } from '../capacity/capacity.ts';
import { failuresOf, ratiosToFloor } from '../capacity/capacity-report.ts';
import { type Lab, withLab } from '../capacity/lab.ts';
import { floorNames, floorOf, type Served, servedInParts } from '../capacity/subjects.ts';
import { median } from '../median.ts';
import { readCount, readSeconds } from '../read-count.ts';
import { tableOf } from '../report/blocks.ts';
import { addReportOptions, finish, type ReportOptions } from '../report/finish.ts';
import type { Findings } from '../report/report.ts';
import { versionsOf } from '../report/versions.ts';
import { addEngineOptions, type TargetOptions } from '../target.ts';
import { baselineKey, ownBaseline, type Ratios, readBaseline, updateBaseline } from './baseline.ts';
import { type Estimate, estimate, isBlindTo, type Judgement, judge } from './judge.ts';

const seed = 20_261_124;

const connections = [1, 16] as const;

/** A slowdown that has to be seen: while noise would hide it, more is measured. */
const seenSlowdown = 0.3;
const mostBatches = 3;

interface CheckOptions extends TargetOptions, ReportOptions {
  readonly memories: number;
  readonly rounds: number;
  /** Seconds. */
  readonly window: number;
  readonly baseline: string;
  readonly update?: true;
}

export function checkCommand(): Command {
  const command = new Command('check').description(
    'Whether Anima became slower: what its operations are of the bare statements, against the baseline.',
  );
  return addReportOptions(addEngineOptions(command))
    .option('--memories <n>', 'how many the space holds', readCount, 3_000)
    .option('--rounds <n>', 'how often everything is measured, in turns', readCount, 12)
    .option('--window <s>', 'how long each is measured in a row, seconds', readSeconds, 0.5)
    .option('--baseline <file>', 'the ratios of before', ownBaseline)
    .option('--update', 'make this run part of the baseline, of which the last seven count')
    .addHelpText(
      'after',
      `
Exit code 1 when an operation is slower than the baseline by more than the noise of this run and of the runs of the
baseline. Ratios of one run are compared, never times. With --engine postgres it makes two databases of its own beside
the one that is named, and drops them at the end.

Examples:
  bench check --engine postgres --database-url postgres://localhost/postgres
  bench check --update`,
    )
    .action(run);
}

async function run(options: CheckOptions): Promise<void> {
  if (options.rounds < 2) throw new Error('--rounds must be at least 2: of one, nobody knows the noise');
  const key = baselineKey(options.engine, options.memories);
  const before = await readBaseline(options.baseline, key);
  const measured = await withLab({ ...options, seed, env: plantedEnv() }, (lab) => measure(lab, options, before));
  await finish(describe(measured, key, before, options), options);
  if (options.update) await updateBaseline(options.baseline, key, estimatesOf(measured.ratios));
}

/** For the test of this command itself: a server that is slower than the build it is made from. */
function plantedEnv(): NodeJS.ProcessEnv {
  if (process.env.BENCH_PLANTED_SLOWDOWN === undefined) return {};
  return { NODE_OPTIONS: `--import=${new URL('./planted-delay.ts', import.meta.url).href}` };
}

interface Measured {
  readonly ratios: ReadonlyMap<string, readonly number[]>;
  readonly failures: readonly string[];
  readonly versions: NonNullable<Findings['versions']>;
}

/** Measures in turns, and again where the noise would hide what has to be seen; a part of the baseline is as it is. */
async function measure(
  lab: Lab,
  { rounds, window, update }: CheckOptions,
  before: Ratios | undefined,
): Promise<Measured> {
  const ratios = new Map<string, number[]>();
  const failures: string[] = [];
  for (const served of servedInParts) {
    const subjects = served.flatMap((operation) => [operation, floorOf[operation]]);
    for (let batch = 0; batch < mostBatches; batch += 1) {
      const capacities = await measureCapacity(lab, { subjects, connections, window, rounds, seed: seed + batch });
      for (const [name, added] of namedRatios(capacities, served))
        ratios.set(name, [...(ratios.get(name) ?? []), ...added]);
      failures.push(...failuresOf(capacities, []));
      if (before === undefined || update || isClear(ratios, before)) break;
    }
  }
  return { ratios, failures, versions: await versionsOf(lab.target.client) };
}

function namedRatios(capacities: readonly Capacity[], served: readonly Served[]) {
  return served.flatMap((operation) =>
    connections.map((count) => {
      const name = `${operation} of ${floorNames[floorOf[operation]]}, ${count} at a time`;
      return [name, ratiosToFloor(capacities, operation, count, false)] as const;
    }),
  );
}

/** Whether each that the baseline has can be judged, and is slower, or would be seen to be if it were. */
function isClear(ratios: Measured['ratios'], before: Ratios): boolean {
  const judged = judgeAll(ratios, before);
  return [...ratios.keys()].every((name) => {
    const one = judged.get(name);
    if (!one) return before[name] === undefined;
    return one.verdict === 'slower' || !isBlindTo(seenSlowdown, one);
  });
}

/** Those that the baseline has. */
function judgeAll(ratios: Measured['ratios'], before: Ratios | undefined): Map<string, Judgement> {
  const judged = new Map<string, Judgement>();
  for (const [name, values] of ratios) {
    const baseline = before?.[name];
    if (baseline && values.length > 1) judged.set(name, judge(baseline, estimate(values)));
  }
  return judged;
}

function estimatesOf(ratios: Measured['ratios']): Map<string, Estimate> {
  const measured = [...ratios].filter(([, values]) => values.length > 0);
  return new Map(measured.map(([name, values]) => [name, estimate(values)]));
}

function describe(measured: Measured, key: string, before: Ratios | undefined, options: CheckOptions): Findings {
  const { ratios, versions } = measured;
  const judged = judgeAll(ratios, before);
  const slower = [...judged].filter(([, { verdict }]) => verdict === 'slower');
  const blind = [...judged].filter(([, judgement]) => isBlindTo(seenSlowdown, judgement)).map(([name]) => name);
  const nothing = `There is no baseline of "${key}" yet: --update makes this run one.`;
  return {
    bench: 'check',
    title: 'Whether Anima became slower',
    settings: {
      ...{
        target: options.engine,
        memories: options.memories,
        rounds: options.rounds,
        windowSeconds: options.window,
        baseline: key,
        seed,
      },
      plantedSlowdown: process.env.BENCH_PLANTED_SLOWDOWN ?? null,
    },
    versions,
    measures: [...ratios].map(([name, values]) => ({
      ...{ name: name.slice(0, 100), value: median(values), unit: 'ratio', better: 'higher' },
    })),
    failures: [
      ...measured.failures,
      ...slower.map(
        ([name, { factor, noise }]) =>
          `${name}: slower by ${percent(1 / factor)}, where ${percent(noise)} would be noise`,
      ),
    ],
    // What noise would hide is not passed: it is not known.
    isHeld: before !== undefined && blind.length === 0,
    blocks: [
      tableOf(
        'Ratios to the bare statements',
        ['what', 'baseline', 'now', 'change', 'noise', 'verdict'],
        [...ratios].map(([name, values]) => {
          const one = judged.get(name);
          if (!one) return [name, null, values.length > 0 ? median(values) : null, null, null, 'new'];
          const change = `${one.factor < 1 ? '−' : '+'}${percent(Math.max(one.factor, 1 / one.factor))}`;
          return [name, one.before, one.now, change, `± ${percent(one.noise)}`, one.verdict];
        }),
        before ? noteOf(blind) : nothing,
      ),
    ],
    data: { ratios: Object.fromEntries(ratios) },
  };
}

function noteOf(blind: readonly string[]): string {
  const noise = 'Noise: three standard deviations, of this run’s median and between the baseline’s runs.';
  if (blind.length === 0) return noise;
  return `${noise} It would hide a slowdown of 30 % of: ${blind.join('; ')}. Measure where less else goes on.`.slice(
    0,
    500,
  );
}

/** A factor above 1 as what it adds. */
function percent(factor: number): string {
  return `${(100 * (factor - 1)).toFixed(1)} %`;
}
