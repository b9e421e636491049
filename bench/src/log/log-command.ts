import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProgress } from '@anima/client/node/progress';
import { dropDatabase, keepDatabase } from '@anima/store/database';
import { LongLog, type Sizes } from '@anima/store/long-log';
import { Command, Option } from 'commander';
import { median } from '../median.ts';
import { readAmount, readCount, sizesInsteadOf } from '../read-count.ts';
import { tableOf } from '../report/blocks.ts';
import { addReportOptions, finish, type ReportOptions } from '../report/finish.ts';
import type { Findings } from '../report/report.ts';

/** Of what stays from run to run, with the size behind it. */
const keptName = 'anima_bench_log';
const defaultSizes: readonly number[] = [1_000_000, 10_000_000];
const callers = 50;

interface LogOptions extends ReportOptions {
  readonly databaseUrl?: string;
  readonly sizes: readonly number[];
  readonly recalls: number;
  readonly rounds: number;
  readonly within: number;
  readonly full?: true;
  readonly fillOnly?: true;
  readonly drop?: true;
}

export function logCommand(): Command {
  const command = new Command('log').description('A log of years: appending, folding and rebuilding as it grows.');
  return addReportOptions(command)
    .addOption(new Option('--database-url <url>', 'a server on which it may make databases').env('DATABASE_URL'))
    .option(
      '--sizes <n...>',
      'archived events, each more than the one before',
      sizesInsteadOf(defaultSizes),
      defaultSizes,
    )
    .option('--recalls <n>', 'how many are appended in a round', readCount, 5_000)
    .option('--rounds <n>', 'rounds, in which the sizes take turns', readCount, 3)
    .option('--within <minutes>', 'how long the making of logs may take; the next run goes on', readAmount, 60)
    .option('--full', 'replay the first size from its first event on as well')
    .option('--fill-only', 'measure nothing')
    .option('--drop', 'leave nothing for the next run')
    .addHelpText(
      'after',
      `
What was made stays, in databases ${keptName}_SIZE beside the one that is named and in folders of these names among
temporary files. A size that is not reached in time is left out, and the report says so.

Example:
  bench log --sizes 1000000 10000000 --within 10 --database-url postgres://localhost/postgres`,
    )
    .action(run);
}

interface AtSize {
  readonly size: number;
  readonly log: LongLog;
  readonly times: Readonly<Record<Work, number[]>>;
}

const works = ['append', 'fold', 'rebuild', 'page'] as const;
type Work = (typeof works)[number];

async function run({ databaseUrl, ...options }: LogOptions): Promise<void> {
  if (!databaseUrl) throw new Error('log needs --database-url or DATABASE_URL');
  const { sizes, within, rounds, recalls, full, fillOnly, drop } = options;
  await using stack = new AsyncDisposableStack();
  const until = Date.now() + within * 60_000;
  const ready: AtSize[] = [];
  const skipped: string[] = [];
  for (const size of sizes) {
    const name = `${keptName}_${size}`;
    const folder = join(tmpdir(), name);
    if (drop)
      stack.defer(() => dropDatabase(databaseUrl, name).then(() => rm(folder, { recursive: true, force: true })));
    const log = await LongLog.open(await keepDatabase(databaseUrl, name, '256MB'), folder);
    stack.defer(() => log.close());
    const bar = startProgress(`Making a log of ${size}`, size);
    await log.fill(size, until, (done) => bar.update(done, `${done} of ${size} events`));
    bar.stop();
    const archived = await log.archived();
    if (archived >= size) ready.push({ size, log, times: { append: [], fold: [], rebuild: [], page: [] } });
    else skipped.push(`${size} events: ${archived} are made, the next run goes on`);
  }
  for (const words of skipped) process.stderr.write(`Left out: ${words}\n`);
  if (fillOnly) return;
  const fullMs = full ? await ready[0]?.log.rebuild(true) : undefined;
  const bar = startProgress('Measuring', rounds * ready.length);
  // The first round warms up.
  for (let round = 0; round <= rounds; round += 1) {
    for (const { log, times } of round % 2 === 0 ? ready : ready.toReversed()) {
      const took: Record<Work, number> = {
        append: await log.append(recalls, callers),
        fold: await log.fold(),
        page: await log.page(),
        rebuild: round === 0 ? 0 : await log.rebuild(),
      };
      if (round > 0) for (const work of works) times[work].push(took[work]);
    }
    bar.update(round * ready.length);
  }
  bar.stop();
  await finish(await describe(ready, skipped, { rounds, recalls, fullMs }), options);
}

interface Ran {
  readonly rounds: number;
  readonly recalls: number;
  readonly fullMs: number | undefined;
}

async function describe(ready: readonly AtSize[], skipped: readonly string[], ran: Ran): Promise<Findings> {
  const { rounds, recalls, fullMs } = ran;
  const [least] = ready;
  const sizes: Sizes[] = [];
  for (const { log } of ready) sizes.push(await log.sizes());
  const ratio = ({ times }: AtSize, work: Work) => median(times[work]) / median(least?.times[work] ?? []);
  const perSecond = (one: AtSize, work: Work) => (recalls / median(one.times[work])) * 1_000;
  return {
    ...{ bench: 'log', title: `A log of ${ready.at(-1)?.size ?? 0} events beside one of ${least?.size ?? 0}` },
    settings: { rounds, recalls, callers },
    measures: ready.slice(1).flatMap((one) =>
      works.map((work) => ({
        ...{ name: `${work} at ${one.size}, times that at ${least?.size}`, value: ratio(one, work) },
        ...{ unit: 'ratio' as const, better: 'lower' as const },
      })),
    ),
    blocks: [
      tableOf(
        'As the log grows',
        [
          'events',
          'appends/s',
          'folds/s',
          'rebuild from the snapshot, ms',
          'a page of what is archived, ms',
          'table, MiB',
          'archive, MiB',
        ],
        ready.map((one, index) => [
          ...[one.size, perSecond(one, 'append'), perSecond(one, 'fold')],
          ...[median(one.times.rebuild), median(one.times.page)],
          ...[(sizes[index]?.tableBytes ?? 0) / 2 ** 20, (sizes[index]?.archiveBytes ?? 0) / 2 ** 20],
        ]),
      ),
      ...(fullMs === undefined
        ? []
        : [tableOf('From the first event on', ['events', 's'], [[least?.size ?? 0, fullMs / 1_000]])]),
      ...(skipped.length > 0
        ? [
            tableOf(
              'Left out',
              ['size'],
              skipped.map((words) => [words]),
            ),
          ]
        : []),
    ],
    data: { times: ready.map(({ size, times }) => ({ size, times })), sizes, fullMs },
  };
}
