import { startProgress } from '@anima/client/node/progress';
import { measurePast, type PastResult } from '@anima/store/past';
import { Command } from 'commander';
import { seededRandom } from '../random.ts';
import { readCount } from '../read-count.ts';
import { tableOf } from '../report/blocks.ts';
import { addReportOptions, finish, type ReportOptions } from '../report/finish.ts';
import type { Findings } from '../report/report.ts';
import { addEngineOptions, type TargetOptions } from '../target.ts';

const seed = 20_261_122;

interface PastCommandOptions extends TargetOptions, ReportOptions {
  readonly memories: number;
  readonly events: number;
}

export function pastCommand(): Command {
  const command = new Command('past').description('What it costs to ask about the past, against asking about now.');
  return addReportOptions(addEngineOptions(command))
    .option('--memories <n>', 'how many the space holds', readCount, 10_000)
    .option('--events <n>', 'recalls after they were added', readCount, 110_000)
    .addHelpText(
      'after',
      `
With --engine postgres it makes a database of its own beside the one that is named, and drops it at the end.

Example:
  bench past --engine postgres --database-url postgres://localhost/postgres`,
    )
    .action(run);
}

async function run(options: PastCommandOptions): Promise<void> {
  const { engine, databaseUrl, memories, events } = options;
  if (engine === 'postgres' && !databaseUrl) throw new Error('--engine postgres needs --database-url or DATABASE_URL');
  let shown: { readonly label: string; readonly bar: ReturnType<typeof startProgress> } | undefined;
  const measured = await measurePast({
    databaseUrl: engine === 'postgres' ? databaseUrl : undefined,
    ...{ memories, events, random: seededRandom(seed) },
    onProgress: (label, done, total) => {
      if (shown?.label !== label) {
        shown?.bar.stop();
        shown = { label, bar: startProgress(label, total) };
      }
      shown.bar.update(done, `${done} of ${total}`);
    },
  });
  shown?.bar.stop();
  await finish(describe(measured, { target: engine, memories, events, seed }), options);
}

function describe(measured: PastResult, settings: Findings['settings']): Findings {
  const { costs, history, snapshots } = measured;
  const [now] = costs;
  const times = (ms: number, ofNow: number | undefined) => (ofNow ? ms / ofNow : null);
  return {
    ...{ bench: 'past', title: 'Asking about the past, against asking about now', settings },
    measures: costs.slice(1).flatMap(({ name, query, bootstrap }) => [
      { name: `query ${name}, of now’s`, value: query / (now?.query ?? 1), unit: 'ratio', better: 'lower' },
      { name: `bootstrap ${name}, of now’s`, value: bootstrap / (now?.bootstrap ?? 1), unit: 'ratio', better: 'lower' },
    ]),
    blocks: [
      tableOf(
        'Asked',
        ['asked', 'query, ms', 'times now’s', 'bootstrap, ms', 'times now’s'],
        costs.map(({ name, query, bootstrap }) => [
          ...[name, query, times(query, now?.query), bootstrap, times(bootstrap, now?.bootstrap)],
        ]),
      ),
      tableOf(
        'A page of 50 events of one memory',
        ['page', 'events', 'ms'],
        history.map(({ name, named, ms }) => [name, named, ms]),
      ),
      tableOf(
        'Copies of states',
        ['copies', 'ms each', 'MiB', 'MiB of the log'],
        [[snapshots.taken, snapshots.medianMs, snapshots.bytes / 2 ** 20, snapshots.logBytes / 2 ** 20]],
      ),
    ],
    data: measured,
  };
}
