import type { RebuildReport, RebuildStep } from '@anima/client';
import { type Progress, startProgress } from '@anima/client/node/progress';
import Table from 'cli-table3';
import { Command } from 'commander';
import { withServer } from '../connection.ts';
import { exitCodes } from '../failure.ts';
import { bad, dim, good } from '../output/colours.ts';
import { printJson } from '../output/print-json.ts';
import { addServerOptions, type ServerOptions } from './server-options.ts';

/** How many differences a report shows; `--json` has all that the server lists. */
const shownDifferences = 10;

interface RebuildOptions extends ServerOptions {
  readonly verify?: true;
  readonly full?: true;
}

export function rebuildCommand(): Command {
  return addServerOptions(
    new Command('rebuild')
      .description('Make the projections (state, associations) anew from the log, while the server runs.')
      .option('--verify', 'only compare them with a replay of the log; exit code 1 when they differ')
      .option('--full', 'from the first event on, also what was archived: its files are read instead of its snapshot'),
  )
    .addHelpText(
      'after',
      `
Examples:
  anima rebuild --verify
  anima rebuild --json`,
    )
    .action(run);
}

async function run(options: RebuildOptions): Promise<void> {
  const isQuiet = options.json === true;
  const verify = options.verify === true;
  const full = options.full === true;
  const reports = await withServer({ url: options.url, isQuiet }, async ({ client }) =>
    follow(await client.projections.rebuild.mutate({ verify, full }), isQuiet),
  );
  if (isQuiet) printJson({ verify, reports });
  else process.stdout.write(`${render(reports)}\n`);
  if (verify && reports.some(({ differenceCount }) => differenceCount > 0)) process.exitCode = exitCodes.failed;
}

/** Shows how far the replay is, one bar after the other, and gathers the reports. */
async function follow(steps: AsyncIterable<RebuildStep>, isQuiet: boolean): Promise<RebuildReport[]> {
  const reports: RebuildReport[] = [];
  const bars = new Map<string, Progress>();
  try {
    for await (const step of steps) {
      if (step.type === 'report') {
        bars.get(step.report.projection)?.stop();
        reports.push(step.report);
      } else if (!isQuiet) {
        const { projection, replayed, total } = step.progress;
        const bar = bars.get(projection) ?? startProgress(`Replaying ${projection}`, total);
        bars.set(projection, bar);
        bar.update(replayed, `${replayed} of ${total} events`);
      }
    }
  } finally {
    for (const bar of bars.values()) bar.stop();
  }
  return reports;
}

function render(reports: readonly RebuildReport[]): string {
  const table = new Table({
    head: ['projection', 'events', 'rows', 'differences', ''].map(dim),
    style: { head: [], border: [] },
  });
  for (const { projection, events, rows, differenceCount, applied } of reports) {
    table.push([
      projection,
      events,
      rows,
      differenceCount === 0 ? good('0') : bad(`${differenceCount}`),
      applied ? 'rebuilt' : 'compared only',
    ]);
  }
  const differences = reports.flatMap((report) => report.differences);
  const shown = differences.slice(0, shownDifferences).map(({ kind, table: name, key }) => `${kind}: ${name} ${key}`);
  const rest = reports.reduce((sum, { differenceCount }) => sum + differenceCount, 0) - shown.length;
  return [table.toString(), ...shown, ...(rest > 0 ? [`… and ${rest} more`] : [])].join('\n');
}
