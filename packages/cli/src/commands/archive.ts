import type { ArchiveReport, ArchiveStep, LogSizes } from '@anima/client';
import { type Progress, startProgress } from '@anima/client/node/progress';
import { Command } from 'commander';
import { withServer } from '../connection.ts';
import { CliError } from '../failure.ts';
import { bold, dim } from '../output/colours.ts';
import { printJson } from '../output/print-json.ts';
import { addServerOptions, type ServerOptions } from './server-options.ts';

interface ArchiveOptions extends ServerOptions {
  readonly dryRun?: true;
}

export function archiveCommand(): Command {
  return addServerOptions(
    new Command('archive')
      .description('Move old events of the log from the database to files, as the server does every hour.')
      .option('--dry-run', 'only say what would be moved'),
  )
    .addHelpText(
      'after',
      `
The server says where to and how old (LOG_ARCHIVE_URL, LOG_KEEP_DAYS); whatever is moved was verified first. What was
broken off goes on from there.

Examples:
  anima archive --dry-run
  anima archive --json`,
    )
    .action(run);
}

async function run({ url, json, ...options }: ArchiveOptions): Promise<void> {
  const dryRun = options.dryRun === true;
  const isQuiet = json === true;
  const { report, sizes } = await withServer({ url, isQuiet }, async ({ client }) => ({
    report: await follow(await client.archive.run.mutate({ dryRun }), isQuiet),
    sizes: await client.archive.sizes.query(),
  }));
  if (isQuiet) printJson({ ...report, log: sizes });
  else process.stdout.write(`${render(report, sizes)}\n`);
}

const stages: Readonly<Record<Extract<ArchiveStep, { type: 'progress' }>['progress']['stage'], string>> = {
  verifying: 'Verifying',
  writing: 'Writing files',
  waiting: 'Waiting until nobody reads them',
  releasing: 'Clearing the database',
  forgetting: 'Dropping what is past its time',
};

/** One bar for each stage. */
async function follow(steps: AsyncIterable<ArchiveStep>, isQuiet: boolean): Promise<ArchiveReport> {
  let bar: { readonly stage: string; readonly progress: Progress } | undefined;
  try {
    for await (const step of steps) {
      if (step.type === 'report') return step.report;
      if (isQuiet) continue;
      const { stage, done, total } = step.progress;
      if (bar?.stage !== stage) {
        bar?.progress.stop();
        bar = { stage, progress: startProgress(stages[stage], total) };
      }
      bar.progress.update(done, `${done} of ${total} ${stage === 'waiting' ? 's' : 'events'}`);
    }
  } finally {
    bar?.progress.stop();
  }
  throw new CliError(
    'UNAVAILABLE',
    'the server broke off: what it has done stays, and the next run goes on from there',
  );
}

function render({ dryRun, events, files, forgotten, held }: ArchiveReport, { table, archive }: LogSizes): string {
  const would = dryRun ? 'Would move' : 'Moved';
  const waits = Object.entries(held).filter(([, shards]) => shards > 0);
  return [
    `${bold(would)} ${events} events to ${files} files${forgotten > 0 ? `; ${dryRun ? 'would drop' : 'dropped'} ${forgotten}` : ''}.`,
    ...waits.map(([reason, shards]) => dim(`  held by ${reason} in ${shards} shards`)),
    dim(`  database: ${table.events} events, ${megabytes(table.bytes)}`),
    dim(
      `  ${archive.place ?? 'no archive'}: ${archive.events} events in ${archive.files} files, ${megabytes(archive.bytes)}`,
    ),
  ].join('\n');
}

const megabytes = (bytes: number) => `${(bytes / 1_000_000).toFixed(1)} MB`;
