import { Command } from 'commander';
import { shares } from '../mix/operations.ts';
import { readAmount, readCount } from '../read-count.ts';
import { tableOf } from '../report/blocks.ts';
import { addReportOptions, finish, type ReportOptions } from '../report/finish.ts';
import { formatNumber } from '../report/numbers.ts';
import type { Findings } from '../report/report.ts';
import { measured } from './measured.ts';
import { type Machine, type Plan, plan, type Wanted } from './plan.ts';

interface PlanOptions extends ReportOptions, Omit<Wanted, 'shares' | 'requestsPerSecond'>, Machine {
  readonly requests: number;
}

export function planCommand(): Command {
  const command = new Command('plan').description(
    'What so many spaces, memories and requests need, reckoned from what was measured on one machine.',
  );
  return addReportOptions(command)
    .option('--spaces <n>', 'spaces', readCount, 1_000_000)
    .option('--memories <n>', 'memories in all of them', readCount, 1_000_000_000)
    .option(
      '--requests <n>',
      'requests a second: a fifth adds, three fifths query, a fifth bootstrap',
      readCount,
      50_000,
    )
    .option('--log-days <n>', 'how long events stay in the log of the database', readAmount, 30)
    .option('--receipt-days <n>', 'how long receipts of recalls are kept', readAmount, 30)
    .option('--cores <n>', 'of a machine', readCount, 64)
    .option('--memory-gb <n>', 'of a machine', readCount, 512)
    .option('--disk-tb <n>', 'of a machine', readAmount, 15)
    .option('--used <share>', 'of a machine’s processors, memory and disk', readAmount, 0.6)
    .option('--copies <n>', 'a database and its stand-bys', readCount, 2)
    .addHelpText(
      'after',
      `
Nothing is run: the constants are those of docs/capacity.md, which says how each is measured again.

Example:
  bench plan --memories 10000000 --requests 500 --cores 16 --memory-gb 64 --json`,
    )
    .action(run);
}

async function run({ requests, ...options }: PlanOptions): Promise<void> {
  const wanted: Wanted = { ...options, requestsPerSecond: requests, shares };
  await finish(describe(plan(wanted, options, measured), wanted, options), options);
}

function describe(planned: Plan, wanted: Wanted, machine: Machine): Findings {
  const { spaces, memories, requestsPerSecond, logDays, receiptDays } = wanted;
  const { cores, memoryGb, diskTb, used, copies } = machine;
  const row = (what: string, value: number, unit: string) => [what, `${formatNumber(value)} ${unit}`.trim()];
  return {
    ...{
      bench: 'plan',
      title: `${formatNumber(memories)} memories, ${formatNumber(requestsPerSecond)} requests a second`,
    },
    settings: { spaces, memories, requestsPerSecond, logDays, receiptDays, cores, memoryGb, diskTb, used, copies },
    measures: [
      { name: 'machines that answer, fold and embed', value: planned.apiNodes, unit: 'count', better: 'lower' },
      { name: 'machines of the database', value: planned.databaseNodes * copies, unit: 'count', better: 'lower' },
    ],
    blocks: [
      tableOf(
        'What it needs',
        ['what', 'how much'],
        [
          row('memories of a space, on average', memories / spaces, ''),
          row('processors that answer, fold and embed', planned.apiCores, 'cores'),
          row('machines for that', planned.apiNodes, ''),
          row('processors of the database', planned.databaseCores, 'cores'),
          row('indexes in memory', planned.hotGb, 'GB'),
          row('disk', planned.diskTb, 'TB'),
          row(`of that, the log of ${logDays} days`, planned.logTb, 'TB'),
          row(`of that, receipts of ${receiptDays} days`, planned.receiptsTb, 'TB'),
          row(
            'machines of the database, without stand-bys',
            planned.databaseNodes,
            `for its ${planned.databaseNodesFor}`,
          ),
          row('events appended', planned.eventsPerSecond, 'a second'),
          row('accesses folded', planned.accessesPerSecond, 'a second'),
          row('jobs in the queue, at most', planned.jobsPerSecond, 'a second'),
          row('written ahead, and to each stand-by', planned.walMbPerSecond, 'MB/s'),
        ],
      ),
      tableOf(
        'Where it would break first',
        ['what', 'ends at', 'of what is wanted', 'what would be done'],
        planned.limits.map(({ name, at, of, headroom, remedy }) => {
          return [name, `${formatNumber(at)} ${of}`, `${formatNumber(headroom)} ×`, remedy];
        }),
      ),
    ],
    data: { planned, measured },
  };
}
