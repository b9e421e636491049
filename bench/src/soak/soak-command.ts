import { Command } from 'commander';
import { dialogue, repeatedQueries } from '../mix/dialogue.ts';
import { fill } from '../mix/fill.ts';
import { describeLoad } from '../mix/load-report.ts';
import { measureLoad } from '../mix/measure-load.ts';
import { inWords, promised } from '../mix/operations.ts';
import { pick, type Random, seededRandom } from '../random.ts';
import { readAmount, readCount } from '../read-count.ts';
import { addReportOptions, finish, type ReportOptions } from '../report/finish.ts';
import type { Findings } from '../report/report.ts';
import { versionsOf } from '../report/versions.ts';
import { settle } from '../settle.ts';
import { addTargetOptions, type Target, type TargetOptions, withTarget } from '../target.ts';
import { readWhile } from './readings.ts';
import { describeSoak } from './soak-report.ts';

const seed = 20_261_122;

/** Small enough to be full before the warm-up ends: a cache that fills is no leak. */
const cacheMax = 200;

interface SoakOptions extends TargetOptions, ReportOptions {
  readonly minutes: number;
  readonly users: number;
  readonly memories: number;
  /** Seconds. */
  readonly every: number;
}

export function soakCommand(): Command {
  return addReportOptions(
    addTargetOptions(
      new Command('soak').description('A steady load, and what the server takes over time: nothing may leak.'),
    ),
  )
    .option('--minutes <n>', 'how long it is, minutes', readAmount, 30)
    .option('--users <n>', 'how many at a time, each with a second of thought', readCount, 20)
    .option('--memories <n>', 'how many the space holds before', readCount, 1_000)
    .option('--every <s>', 'between two looks at the server, seconds', readAmount, 2)
    .addHelpText(
      'after',
      `
A server of its own has a cache of ${cacheMax} texts, so that it is full early.

Exit code 1 when memory, handles or open files rise by more than noise and more than a tenth, the lag grows, a
request fails, or a p95 is above its target: ${inWords(promised)}.

Examples:
  bench soak --minutes 60
  bench soak --minutes 480 --url http://127.0.0.1:7100`,
    )
    .action(run);
}

async function run(options: SoakOptions): Promise<void> {
  const settings = { EMBEDDING_CACHE_MAX: String(cacheMax) };
  await finish(await withTarget(options, (target) => measure(target, options), settings), options);
}

async function measure(target: Target, { minutes, users, memories, every }: SoakOptions): Promise<Findings> {
  const space = `soak-${Date.now().toString(36)}`;
  const turns = dialogue(seededRandom(seed));
  const nextTurn = () => turns.next().value;
  await fill(target, space, memories, nextTurn);
  const nextQuery = (random: Random) => pick(random, repeatedQueries);
  let isOver = false;
  const load = { baseUrl: target.url, space, users, durationMs: 60_000 * minutes, seed, nextTurn, nextQuery };
  const [measured, readings] = await Promise.all([
    measureLoad('Soaking', load, 0).finally(() => {
      isOver = true;
    }),
    readWhile(target, 1_000 * every, () => isOver),
  ]);
  await settle(target.client, 'folds', 'Folding');
  const asked = describeLoad(`${users} users`, measured, { p95Ms: promised, errorShare: 0 });
  const soaked = describeSoak(readings);
  return {
    ...{ bench: 'soak', title: `${minutes} minutes of a steady load, ${users} users` },
    settings: { target: target.description, minutes, users, memories, everySeconds: every, cacheMax, seed },
    versions: await versionsOf(target.client),
    measures: [...soaked.measures, ...asked.measures],
    failures: [...(soaked.failures ?? []), ...asked.failures],
    blocks: [...soaked.blocks, ...asked.blocks],
    isHeld: true,
    data: { readings, ...measured },
  };
}
