import { startProgress } from '@anima/client/node/progress';
import { measurePast, type PastResult } from '@anima/store/past';
import Table from 'cli-table3';
import { Command } from 'commander';
import { machine } from '../machine.ts';
import { seededRandom } from '../random.ts';
import { readCount } from '../read-count.ts';
import { writeResult } from '../result-file.ts';
import { addEngineOptions, type TargetOptions } from '../target.ts';

const seed = 20_261_122;

interface PastCommandOptions extends TargetOptions {
  readonly memories: number;
  readonly events: number;
  readonly json?: string;
}

export function pastCommand(): Command {
  return addEngineOptions(
    new Command('past').description('What it costs to ask about the past, against asking about now.'),
  )
    .option('--memories <n>', 'how many the space holds', readCount, 10_000)
    .option('--events <n>', 'recalls after they were added', readCount, 110_000)
    .option('--json <file>', 'where the result goes (default: bench/results/past-ENGINE-TIME.json)')
    .addHelpText(
      'after',
      `
With --engine postgres it makes a database of its own beside the one that is named, and drops it at the end.

Example:
  bench past --engine postgres --database-url postgres://localhost/postgres`,
    )
    .action(run);
}

async function run({ engine, databaseUrl, memories, events, json }: PastCommandOptions): Promise<void> {
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
  process.stdout.write(`${render(measured)}\n`);
  const settings = { target: engine, memories, events, seed };
  const result = { bench: 'past', at: new Date().toISOString(), settings, machine: machine(), ...measured };
  await writeResult(result, json);
}

function render({ costs, history, snapshots }: PastResult): string {
  const style = { head: [], border: [], compact: true };
  const [now] = costs;
  const asked = new Table({
    head: ['asked', 'query, ms', 'times now’s', 'bootstrap, ms', 'times now’s'],
    style,
    colAligns: ['left', 'right', 'right', 'right', 'right'],
  });
  const times = (ms: number, ofNow: number | undefined) => (ofNow ? (ms / ofNow).toFixed(1) : '–');
  for (const { name, query, bootstrap } of costs) {
    const of = [query.toFixed(1), times(query, now?.query), bootstrap.toFixed(1), times(bootstrap, now?.bootstrap)];
    asked.push([name, ...of]);
  }
  const pages = new Table({
    head: ['page of 50 events', 'events', 'ms'],
    style,
    colAligns: ['left', 'right', 'right'],
  });
  for (const { name, named, ms } of history) pages.push([name, named, ms.toFixed(1)]);
  const { taken, medianMs, bytes, logBytes } = snapshots;
  const mebibytes = (size: number) => `${(size / 2 ** 20).toFixed(0)} MiB`;
  const copies = `${taken} copies of states, ${medianMs.toFixed(0)} ms each, ${mebibytes(bytes)} beside a log of ${mebibytes(logBytes)}`;
  return [asked.toString(), pages.toString(), copies].join('\n');
}
