import type { ConsolidationStep, DuplicatePair } from '@anima/client';
import { type Progress, startProgress } from '@anima/client/node/progress';
import { Argument, Command } from 'commander';
import { withServer } from '../connection.ts';
import { bold, dim, good } from '../output/colours.ts';
import { printJson } from '../output/print-json.ts';
import { printable } from '../output/printable.ts';
import { addServerOptions, readNumber, type ServerOptions } from './server-options.ts';

interface ConsolidateOptions extends ServerOptions {
  readonly dryRun?: true;
  readonly threshold?: number;
}

export function consolidateCommand(): Command {
  return addServerOptions(
    new Command('consolidate')
      .description('Merge the memories of a space that say the same; every merge can be undone.')
      .addArgument(new Argument('[space]', 'the space').default('default'))
      .option('--dry-run', 'say what would be merged and why, and merge nothing')
      .option('--threshold <cosine>', 'similarity from which two memories may be the same, 0 to 1', readNumber),
  )
    .addHelpText(
      'after',
      `
New memories are compared in the background anyway; this looks through all of them.

Examples:
  anima consolidate --dry-run
  anima consolidate notes --threshold 0.9
  anima unmerge 0199d6c4-5f1e-7c35-9d1c-7f6a2b8e4d10`,
    )
    .action(run);
}

type Report = Extract<ConsolidationStep, { type: 'report' }>;

async function run(space: string, { url, json, threshold, ...options }: ConsolidateOptions): Promise<void> {
  const dryRun = options.dryRun === true;
  const isQuiet = json === true;
  const { pairs, report } = await withServer({ url, isQuiet }, async ({ client }) =>
    follow(
      await client.spaces.consolidate.mutate({ space, dryRun, ...(threshold === undefined ? {} : { threshold }) }),
      isQuiet,
    ),
  );
  const { type: _, ...counts } = report;
  if (isQuiet) return printJson({ space, dryRun, ...counts, pairs });
  const lines = pairs.map(describe);
  const same = pairs.filter(({ difference }) => difference === null).length;
  const done = dryRun
    ? `${same} of ${counts.examined} would be merged`
    : `${counts.merged} of ${counts.examined} were merged`;
  process.stdout.write(
    `${[...lines, `${bold(done)}; ${counts.different} pairs are near each other and differ.`].join('\n')}\n`,
  );
}

async function follow(steps: AsyncIterable<ConsolidationStep>, isQuiet: boolean) {
  const pairs: DuplicatePair[] = [];
  let report: Report = { type: 'report', examined: 0, merged: 0, different: 0 };
  let bar: Progress | undefined;
  try {
    for await (const step of steps) {
      if (step.type === 'pair') pairs.push(step.pair);
      else if (step.type === 'report') report = step;
      else if (!isQuiet) {
        bar ??= startProgress('Comparing', step.total);
        bar.update(step.examined, `${step.examined} of ${step.total} memories`);
      }
    }
  } finally {
    bar?.stop();
  }
  return { pairs, report };
}

function describe({ survivor, merged, similarity, difference, isMerged }: DuplicatePair): string {
  const verdict = difference === null ? good(isMerged ? 'merged' : 'the same') : dim(`left alone: other ${difference}`);
  const line = (mark: string, { memoryId, content }: DuplicatePair['merged']) =>
    `  ${mark} ${printable(content)} ${dim(memoryId)}`;
  return [`${similarity.toFixed(3)}  ${verdict}`, line('=', survivor), line('←', merged), ''].join('\n');
}
