import { startProgress } from '@anima/client/node/progress';
import { type Embedder, shardCount } from '@anima/core';
import { type Measured, openMeasured } from '@anima/store/measured';
import { Command } from 'commander';
import { settleStore } from '../ablation/fill-store.ts';
import { median } from '../median.ts';
import { ownPlace, type Place } from '../own-place.ts';
import { seededRandom } from '../random.ts';
import { readCount } from '../read-count.ts';
import { addReportOptions, finish, type ReportOptions } from '../report/finish.ts';
import type { Findings } from '../report/report.ts';
import { versionsOfDatabase } from '../report/versions-of-database.ts';
import { addEngineOptions, type TargetOptions, withTarget } from '../target.ts';
import { type DrainRates, measureDrain } from './drain-rate.ts';
import { describeFold } from './fold-report.ts';
import { type LagAtRate, searchHardestRate } from './hardest-rate.ts';
import { type MixLag, measureMixLag } from './mix-lag.ts';
import { noiseEmbedder } from './noise-embedder.ts';
import { fillSpaces, type Recallable } from './recalls.ts';
import { measureReplay } from './replay-speed.ts';

const seed = 20_261_122;

interface FoldOptions extends Omit<TargetOptions, 'url'>, ReportOptions {
  readonly memories: number;
  readonly recalls: number;
  readonly rounds: number;
  /** Seconds. */
  readonly probe: number;
  readonly probes: number;
  /** Seconds. */
  readonly mix: number;
  readonly users: number;
}

export function foldCommand(): Command {
  return addReportOptions(
    addEngineOptions(
      new Command('fold').description('How fast recalls become states and pairs, and how far that is behind.'),
    ),
  )
    .option('--memories <n>', 'how many can be recalled', readCount, 6_400)
    .option('--recalls <n>', 'how many pile up in a round', readCount, 2_000)
    .option('--rounds <n>', 'how often a backlog is folded, in turns with the bare upsert', readCount, 3)
    .option('--probe <s>', 'how long a rate is tried, seconds', readCount, 8)
    .option('--probes <n>', 'how many rates are tried', readCount, 5)
    .option('--mix <s>', 'how long the mix is done, seconds; 0 leaves it out', readCount, 30)
    .option('--users <n>', 'how many do the mix', readCount, 50)
    .addHelpText(
      'after',
      `
With --engine postgres it makes a database of its own beside the one that is named, and drops it at the end.

Exit code 1 when less than 60 % of the bare upsert is left, or a replay of the log gives other rows.

Example:
  bench fold --engine postgres --database-url postgres://localhost/postgres`,
    )
    .action(run);
}

async function run(options: FoldOptions): Promise<void> {
  await finish(await measure(options), options);
}

async function measure(options: FoldOptions): Promise<Findings> {
  await using stack = new AsyncDisposableStack();
  const place = await ownPlace(stack, options, 'fold');
  const embedder = noiseEmbedder();
  const parts = { place, embedder, ...(await fillAll({ place, embedder }, options)) };
  const drains = await measureDrains(parts, options);
  const { mix, ...rest } = await measureLag(parts, options, median(drains.at(-1)?.folded ?? []));
  const { engine, memories, recalls, rounds, probe, probes, users } = options;
  const { versions, ...lag } = rest;
  return {
    ...{ bench: 'fold', title: `Folding: ${memories} memories, ${recalls} recalls at a time` },
    settings: {
      ...{
        target: engine,
        memories,
        recalls,
        rounds,
        probeSeconds: probe,
        probes,
        mixSeconds: options.mix,
        users,
        seed,
      },
    },
    versions,
    ...describeFold({ drains, mix, ...lag }),
  };
}

interface Parts {
  readonly place: Place;
  readonly embedder: Embedder;
  readonly one: readonly Recallable[];
  readonly many: readonly Recallable[];
}

/** As many memories in one space as in one of each shard. */
async function fillAll({ place, embedder }: Pick<Parts, 'place' | 'embedder'>, { memories }: FoldOptions) {
  const measured = await openMeasured({ ...place, poolMax: 20, worker: true, model: embedder.model });
  try {
    await measured.store.startWorkers(embedder);
    const names = Array.from({ length: shardCount }, (_, index) => `fold-${index}`);
    const one = await fillSpaces(measured, ['fold'], memories);
    const many = await fillSpaces(measured, names, Math.ceil(memories / shardCount));
    await settleStore(measured);
    return { one, many };
  } finally {
    await measured.close();
  }
}

async function measureDrains({ one, many, ...parts }: Parts, { recalls, rounds }: FoldOptions): Promise<DrainRates[]> {
  const bar = startProgress('Folding a backlog', 2 * rounds);
  const drains: DrainRates[] = [];
  let done = 0;
  for (const filled of [one, many]) {
    const random = seededRandom(seed + filled.length);
    const onRound = () => {
      done += 1;
      bar.update(done, `over ${filled.length}`);
    };
    drains.push(await measureDrain({ ...parts, filled, recalls, rounds, random, onRound }));
  }
  bar.stop();
  return drains;
}

async function measureLag(parts: Parts, options: FoldOptions, expected: number) {
  const { place, embedder } = parts;
  const { probe, probes, mix: mixSeconds, users } = options;
  const measured = await openMeasured({ ...place, poolMax: 20, worker: true, model: embedder.model });
  const searched = await search(measured, parts, expected, { probeMs: 1_000 * probe, probes }).finally(() =>
    measured.close(),
  );
  if (mixSeconds === 0) return { ...searched, mix: undefined };
  const load = { memories: 2_000, users, durationMs: 1_000 * mixSeconds, seed };
  const mix: MixLag = await withTarget({ ...options, databaseUrl: place.databaseUrl ?? '' }, (target) =>
    measureMixLag({ target, ...load }),
  );
  return { ...searched, mix };
}

async function search(
  measured: Measured,
  { embedder, many: filled }: Parts,
  expected: number,
  sizes: { readonly probeMs: number; readonly probes: number },
) {
  await measured.store.startWorkers(embedder);
  const bar = startProgress('Looking for the hardest rate', sizes.probes);
  let tried = 0;
  const onProbe = (rate: number) => {
    bar.update(tried, `${Math.round(rate)} recalls/s`);
    tried += 1;
  };
  const random = seededRandom(seed);
  const rates: readonly LagAtRate[] = await searchHardestRate({
    ...{ measured, filled, random, expected, onProbe },
    ...sizes,
  });
  bar.stop();
  return {
    probes: rates,
    replays: await measureReplay(measured),
    versions: await versionsOfDatabase(measured, 'none: noise in place of vectors'),
  };
}
