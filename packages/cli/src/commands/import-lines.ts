import { noProgress, startProgress } from '@anima/client/node/progress';
import { type Connection, withServer } from '../connection.ts';
import { exitCodes } from '../failure.ts';
import { embedRest } from '../import/embed-rest.ts';
import type { Lined } from '../import/formats.ts';
import { type ImportReport, importFile, sizeOfFile } from '../import/import-file.ts';
import { Ledger } from '../import/ledger.ts';
import { type Preview, preview, type Source, withSources } from '../import/sources.ts';
import { bold, dim } from '../output/colours.ts';
import { importedLine, pendingLines } from '../output/import-summary.ts';
import { printJson } from '../output/print-json.ts';
import { printable } from '../output/printable.ts';

export interface LinesImport {
  readonly path: string;
  readonly format: Lined;
  readonly space: string;
  readonly spacePerUser: boolean;
  readonly url: string | undefined;
  readonly batch: number;
  readonly isQuiet: boolean;
  readonly isDryRun: boolean;
  readonly signal: AbortSignal;
}

/** Imports lines of memories, or what another memory has written as such. */
export async function importLines(options: LinesImport): Promise<void> {
  const { path, format, space, spacePerUser: perUser, isQuiet, isDryRun } = options;
  await withSources({ path, format, space, perUser }, async (sources) => {
    if (isDryRun) show(await Promise.all(sources.map(preview)), perUser, isQuiet, renderPreview);
    else await importSources(sources, options);
  });
}

async function importSources(sources: readonly Source[], options: LinesImport): Promise<void> {
  const { isQuiet, signal, url, spacePerUser } = options;
  let startedAt = 0;
  const reports = await withServer({ url, isQuiet }, async (connection) => {
    startedAt = performance.now();
    const done: ImportReport[] = [];
    for (const source of sources) done.push(await runImport(connection, source, options));
    const pending = done.reduce((sum, { pendingEmbeddings }) => sum + pendingEmbeddings, 0);
    if (!connection.isEmbedded || pending === 0) return done;
    const left = await embedRest(connection, isQuiet, signal);
    return done.map((report) => ({ ...report, pendingEmbeddings: Math.min(left, report.pendingEmbeddings) }));
  });
  if (!isQuiet) {
    for (const [index, report] of reports.entries()) {
      for (const note of renderNotes(report, sources[index]?.unit ?? 'line')) process.stderr.write(`${note}\n`);
    }
  }
  const elapsedMs = performance.now() - startedAt;
  show(reports, spacePerUser, isQuiet, (report) => renderSummary(report, elapsedMs));
  if (reports.some(({ isComplete }) => !isComplete)) process.exitCode = exitCodes.interrupted;
  else if (reports.some(({ refused }) => refused > 0)) process.exitCode = exitCodes.failed;
}

/** One thing for each space; as JSON a list where there may be several. */
function show<T>(results: readonly T[], isList: boolean, isQuiet: boolean, render: (result: T) => string): void {
  if (isQuiet) printJson(isList ? results : results[0]);
  else process.stdout.write(`${results.map(render).join('\n') || 'Nothing to import.'}\n`);
}

async function runImport(
  { client }: Connection,
  { path, space }: Source,
  { path: file, batch, isQuiet, signal }: LinesImport,
): Promise<ImportReport> {
  const startedAt = performance.now();
  const totalBytes = await sizeOfFile(path);
  let bar = noProgress;
  try {
    return await importFile(client, new Ledger(process.env.XDG_STATE_HOME), {
      ...{ path, file, totalBytes, space },
      batchSize: batch,
      signal,
      onProgress({ bytes, memories }) {
        if (bar === noProgress && !isQuiet) bar = startProgress('Importing', totalBytes);
        const rate = Math.round((1_000 * memories) / (performance.now() - startedAt));
        bar.update(bytes, `${memories} memories  ${rate}/s`);
      },
    });
  } finally {
    bar.stop();
  }
}

/** What of the file was left out, and why. */
function renderNotes({ refused, refusals, unknownKeys }: ImportReport, unit: Source['unit']): string[] {
  const unlisted = refused - refusals.length;
  return [
    ...refusals.map(({ line, reason }) => `${unit} ${line}: ${printable(reason)}`),
    ...(unlisted > 0 ? [`${unlisted} more were refused, here or in an earlier run`] : []),
    ...Object.entries(unknownKeys).map(([key, count]) => `unknown key "${printable(key)}" ignored (${count} times)`),
  ];
}

function renderSummary(outcome: ImportReport, elapsedMs: number): string {
  const { file, space, resumedAfterLine, lines, refused, pendingEmbeddings, isComplete } = outcome;
  return [
    ...(resumedAfterLine > 0 ? [`The first ${resumedAfterLine} lines of ${file} were imported before.`] : []),
    lines === resumedAfterLine ? dim(`Nothing to import into "${space}".`) : importedLine(outcome, space, elapsedMs),
    ...(refused > 0 ? [`${refused} lines were refused.`] : []),
    ...pendingLines(pendingEmbeddings),
    ...(isComplete ? [] : [`Stopped after line ${lines}. Run the same command again to go on.`]),
  ].join('\n');
}

function renderPreview({ space, memories, refused, unknownKeys }: Preview): string {
  return [
    `Would add ${bold(`${memories} memories`)} to "${space}", those it knows as accesses.`,
    ...(refused > 0 ? [`${refused} lines are no memories.`] : []),
    ...Object.entries(unknownKeys).map(([key, count]) => `unknown key "${printable(key)}" ignored (${count} times)`),
  ].join('\n');
}
