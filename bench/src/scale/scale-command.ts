import { startProgress } from '@anima/client/node/progress';
import { type Compared, measureScale, type ScaleResult } from '@anima/store/scale';
import Table from 'cli-table3';
import { Command, Option } from 'commander';
import { machine } from '../machine.ts';
import { seededRandom } from '../random.ts';
import { readCount } from '../read-count.ts';
import { writeResult } from '../result-file.ts';

const seed = 20_261_122;

/** What has to hold, each a ratio of one run. */
const floors = { structuralRecall: 0.99, structuralSpeedUp: 5, filterRecall: 0.97, wordsSpeedUp: 5, wordsLoss: 0.02 };

interface ScaleCommandOptions {
  readonly databaseUrl?: string;
  readonly memories: number;
  readonly json?: string;
}

export function scaleCommand(): Command {
  return new Command('scale')
    .description('A large space on PostgreSQL: what a search finds and takes against searching everything.')
    .addOption(new Option('--database-url <url>', 'a server on which it may make a database').env('DATABASE_URL'))
    .option('--memories <n>', 'how many the space holds', readCount, 100_000)
    .option('--json <file>', 'where the result goes (default: bench/results/scale-N-TIME.json)')
    .addHelpText(
      'after',
      `
It makes a database of its own beside the one that is named, and drops it at the end. 100,000 memories take
some six minutes and 2 GB.

Exit code 1 when a floor is missed: structural recall ${floors.structuralRecall} in a fifth of the time, filters
${floors.filterRecall} and full results, rare words first ${floors.wordsSpeedUp} times the throughput for at most ${floors.wordsLoss} of recall.

Example:
  bench scale --memories 50000 --database-url postgres://localhost/postgres`,
    )
    .action(run);
}

async function run({ databaseUrl, memories, json }: ScaleCommandOptions): Promise<void> {
  if (!databaseUrl) throw new Error('scale needs --database-url or DATABASE_URL');
  let shown: { readonly label: string; readonly bar: ReturnType<typeof startProgress> } | undefined;
  const measured = await measureScale({
    ...{ databaseUrl, memories, random: seededRandom(seed) },
    onProgress: (label, done, total) => {
      if (shown?.label !== label) {
        shown?.bar.stop();
        shown = { label, bar: startProgress(label, total) };
      }
      shown.bar.update(done, `${done} of ${total}`);
    },
  });
  shown?.bar.stop();
  const failures = missed(measured);
  process.stdout.write(`${[render(measured), ...failures.map((failure) => `FAIL ${failure}`)].join('\n')}\n`);
  const settings = { target: String(memories), memories, seed };
  const result = { bench: 'scale', at: new Date().toISOString(), settings, machine: machine(), ...measured, failures };
  await writeResult(result, json);
  if (failures.length > 0) process.exitCode = 1;
}

function missed({ structural, filters, words }: ScaleResult): string[] {
  const speedUp = structural.referenceMs / structural.ms;
  const gain = words.bounded.perSecond / words.unbounded.perSecond;
  const loss = words.unbounded.recallAt10 - words.bounded.recallAt10;
  return [
    structural.recall < floors.structuralRecall ? `structural recall is below ${floors.structuralRecall}` : '',
    speedUp < floors.structuralSpeedUp ? `structural is less than ${floors.structuralSpeedUp} times as fast` : '',
    ...filters.map(({ name, recall }) =>
      recall < floors.filterRecall ? `${name}: recall is below ${floors.filterRecall}` : '',
    ),
    ...filters.map(({ name, results }) => (results < 20 ? `${name}: fewer than 20 results` : '')),
    gain < floors.wordsSpeedUp ? `rare words first are less than ${floors.wordsSpeedUp} times the throughput` : '',
    loss > floors.wordsLoss ? `rare words first lose more than ${floors.wordsLoss} of recall` : '',
  ].filter((failure) => failure !== '');
}

function render({ structural, filters, words }: ScaleResult): string {
  const searches = new Table({
    head: ['search', 'vectors by', 'ms', 'exhaustive ms', 'times as fast', 'recall@20', 'results'],
    style: { head: [], border: [], compact: true },
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right', 'right'],
  });
  const row = ({ name, ms, referenceMs, recall, results }: Compared, arm: string) => [
    ...[name, arm, ms.toFixed(1), referenceMs.toFixed(1), (referenceMs / ms).toFixed(1)],
    ...[recall.toFixed(3), results.toFixed(1)],
  ];
  searches.push(row(structural, 'hnsw'), ...filters.map((filter) => row(filter, filter.arm)));
  const lexical = new Table({
    head: ['words of a query', 'queries/s, 16 callers', 'recall@10 of what was asked for'],
    style: { head: [], border: [], compact: true },
    colAligns: ['left', 'right', 'right'],
  });
  for (const [name, { perSecond, recallAt10 }] of [
    ['rare ones first, to a bound', words.bounded],
    ['all', words.unbounded],
  ] as const) {
    lexical.push([name, perSecond.toFixed(1), recallAt10.toFixed(3)]);
  }
  return `${searches.toString()}\n${lexical.toString()}`;
}
