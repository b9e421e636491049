import { noProgress, startProgress } from '@anima/client/node/progress';
import type { Fault, Kind } from '@anima/importers';
import { withServer } from '../connection.ts';
import { CliError, exitCodes } from '../failure.ts';
import { embedRest } from '../import/embed-rest.ts';
import { eachOnce, type ItemsReport, importItems } from '../import/import-items.ts';
import { type PathReading, readPath } from '../import/read-path.ts';
import { bold, dim, dimAside, warnAside } from '../output/colours.ts';
import { importedLine, pendingLines } from '../output/import-summary.ts';
import { printJson } from '../output/print-json.ts';
import { printable } from '../output/printable.ts';

/** How many memories a dry run shows, and how many faults a person is told of. */
const shown = { samples: 3, faults: 20 } as const;

export interface FilesImport {
  readonly path: string;
  /** Undefined: each file is looked at. */
  readonly kind: Kind | undefined;
  readonly space: string;
  readonly url: string | undefined;
  readonly batch: number;
  readonly isQuiet: boolean;
  readonly isDryRun: boolean;
  readonly signal: AbortSignal;
}

/** Imports notes, exports and transcripts. */
export async function importFiles(options: FilesImport): Promise<void> {
  const { path, kind, space, isQuiet, isDryRun } = options;
  // A large export is read for a minute before there is anything to count.
  if (!isQuiet) process.stderr.write(`${dimAside(`Reading ${path} …`)}\n`);
  const reading = await readPath(path, kind);
  if (reading.items.length === 0 && reading.faults.length === 0) throw nothingIn(path);
  const { items, repeated } = eachOnce(reading.items);
  const skipped = { ...reading.skipped, ...(repeated > 0 ? { 'the same text once more': repeated } : {}) };
  const about = { path, space, files: reading.files, memories: items.length, skipped };
  if (isDryRun) {
    const sample = samplesOf(items);
    if (isQuiet) printJson({ ...about, faults: reading.faults, sample, isDryRun });
    else process.stdout.write(renderPreview({ ...about, sample }));
  } else {
    const startedAt = performance.now();
    const report = await send(items, options);
    if (isQuiet) printJson({ ...about, ...report, faults: [...reading.faults, ...report.refused] });
    else process.stdout.write(renderReport({ ...about, ...report }, performance.now() - startedAt));
    if (!report.isComplete) process.exitCode = exitCodes.interrupted;
    else if (report.refused.length > 0) process.exitCode = exitCodes.failed;
    if (!isQuiet) tellFaults(report.refused);
  }
  if (!isQuiet) tellFaults(reading.faults);
  if (reading.faults.length > 0) process.exitCode ||= exitCodes.failed;
}

async function send(items: PathReading['items'], options: FilesImport): Promise<ItemsReport> {
  const { space, url, batch: batchSize, isQuiet, signal } = options;
  return withServer({ url, isQuiet }, async (connection) => {
    let bar = noProgress;
    const report = await importItems(connection.client, items, {
      ...{ space, stateHome: process.env.XDG_STATE_HOME, batchSize, signal },
      onProgress(done, total) {
        if (bar === noProgress && !isQuiet) bar = startProgress('Importing', total);
        bar.update(done, `${done} of ${total} memories`);
      },
    }).finally(() => bar.stop());
    if (!connection.isEmbedded || report.pendingEmbeddings === 0) return report;
    const left = await embedRest(connection, isQuiet, signal);
    return { ...report, pendingEmbeddings: Math.min(left, report.pendingEmbeddings) };
  });
}

/** From the beginning, the middle and the end. */
function samplesOf(items: PathReading['items']) {
  const step = Math.max(1, Math.floor((items.length - 1) / (shown.samples - 1)));
  return items.filter((_, index) => index % step === 0).slice(0, shown.samples);
}

interface About {
  readonly space: string;
  readonly files: number;
  readonly memories: number;
  readonly skipped: Readonly<Record<string, number>>;
}

function renderPreview({ space, files, memories, skipped, sample }: About & { sample: PathReading['items'] }): string {
  const samples = sample.flatMap(({ place, memory: { content, tags, occurredAt } }) => [
    '',
    dim([place, occurredAt ?? '', ...tags].filter((part) => part !== '').join(' · ')),
    ...printable(content)
      .split('\n')
      .slice(0, 4)
      .map((line) => `  ${line}`),
  ]);
  const first = `Would add ${bold(`${memories} memories`)} of ${files} ${files === 1 ? 'file' : 'files'} to "${space}", less what it has.`;
  return `${[first, ...leftOut(skipped), ...samples].join('\n')}\n`;
}

function renderReport(report: About & ItemsReport, elapsedMs: number): string {
  const { space, skipped, importedBefore, added, duplicates, pendingEmbeddings, isComplete } = report;
  const lines = [
    added + duplicates === 0 ? dim(`Nothing new to import into "${space}".`) : importedLine(report, space, elapsedMs),
    ...(importedBefore > 0 ? [`${importedBefore} were imported by an earlier run.`] : []),
    ...leftOut(skipped),
    ...pendingLines(pendingEmbeddings),
    ...(isComplete ? [] : ['Stopped. Run the same command again to go on.']),
  ];
  return `${lines.join('\n')}\n`;
}

function leftOut(skipped: About['skipped']): string[] {
  const reasons = Object.entries(skipped).toSorted(([, a], [, b]) => b - a);
  return reasons.length === 0 ? [] : ['Left out:', ...reasons.map(([reason, count]) => `  ${count} × ${reason}`)];
}

function tellFaults(faults: readonly Fault[]): void {
  for (const { place, reason } of faults.slice(0, shown.faults)) {
    process.stderr.write(`${warnAside(place)}: ${printable(reason)}\n`);
  }
  if (faults.length > shown.faults) process.stderr.write(`${faults.length - shown.faults} more cannot be read\n`);
}

function nothingIn(path: string): CliError {
  return new CliError('VALIDATION_ERROR', `${path} has no notes, exports or transcripts with something to remember`, {
    hint: 'See what is read with: anima import --help',
  });
}
