import { drain } from '@anima/client/node/drain';
import { noProgress, startProgress } from '@anima/client/node/progress';
import { Command } from 'commander';
import { type Connection, withServer } from '../connection.ts';
import { exitCodes } from '../failure.ts';
import { type ImportReport, importFile, sizeOfFile } from '../import/import-file.ts';
import { Ledger } from '../import/ledger.ts';
import { printJson } from '../output/print-json.ts';
import { printable } from '../output/printable.ts';
import { addSpaceOptions, readNumber, type SpaceOptions } from './server-options.ts';

interface ImportCommandOptions extends SpaceOptions {
  readonly batch: number;
}

export function importCommand(): Command {
  return addSpaceOptions(
    new Command('import')
      .description('Import memories from a file of JSON lines. Run it again to go on where it stopped.')
      .argument(
        '<file>',
        'lines of {content, category?, tags?, source?, conversationId?, isCatalyst?, occurredAt?, expiresAt?}',
      )
      .option('--batch <n>', 'memories a request, at most 100', readNumber, 100),
  )
    .addHelpText(
      'after',
      `
An import is idempotent: what of a file is imported into a space is not imported again, whether the
command was stopped half-way, the file has grown since, or nothing is new. (A file is known by its
beginning: with a line changed that is imported already, it is another file.) Lines that break a rule
are reported and left out; put them right in a file of their own. Unknown keys are reported and ignored.

How far each import has come is kept under $XDG_STATE_HOME/anima (default ~/.local/state/anima).

Examples:
  anima import memories.jsonl --space ada
  echo '{"content": "Ada prefers tea", "tags": ["drinks"]}' > tea.jsonl && anima import tea.jsonl`,
    )
    .action(run);
}

async function run(path: string, options: ImportCommandOptions): Promise<void> {
  const isQuiet = options.json === true;
  const stop = stopOnSignal();
  const totalBytes = await sizeOfFile(path);
  let startedAt = 0;
  const outcome = await withServer({ url: options.url, isQuiet }, async (connection): Promise<ImportReport> => {
    startedAt = performance.now();
    const report = await runImport(connection, { path, totalBytes }, options, stop);
    if (!connection.isEmbedded || report.pendingEmbeddings === 0) return report;
    return { ...report, pendingEmbeddings: await embedRest(connection, isQuiet, stop) };
  });
  if (isQuiet) {
    printJson(outcome);
  } else {
    for (const note of renderNotes(outcome)) process.stderr.write(`${note}\n`);
    process.stdout.write(`${renderSummary(outcome, performance.now() - startedAt)}\n`);
  }
  if (!outcome.isComplete) process.exitCode = exitCodes.interrupted;
  else if (outcome.refused > 0) process.exitCode = exitCodes.failed;
}

async function runImport(
  { client }: Connection,
  file: { readonly path: string; readonly totalBytes: number },
  { space, batch, json }: ImportCommandOptions,
  signal: AbortSignal,
): Promise<ImportReport> {
  const startedAt = performance.now();
  let bar = noProgress;
  try {
    return await importFile(client, new Ledger(process.env.XDG_STATE_HOME), {
      ...file,
      space,
      batchSize: batch,
      signal,
      onProgress({ bytes, memories }) {
        if (bar === noProgress && !json) bar = startProgress('Importing', file.totalBytes);
        const rate = Math.round((1_000 * memories) / (performance.now() - startedAt));
        bar.update(bytes, `${memories} memories  ${rate}/s`);
      },
    });
  } finally {
    bar.stop();
  }
}

/** A server that ends with this command embeds what is pending first, or says how much is left. */
async function embedRest({ client }: Connection, isQuiet: boolean, signal: AbortSignal): Promise<number> {
  const pending = async () => (await client.meta.metrics.query()).embeddings.pending;
  const total = await pending();
  const bar = isQuiet ? noProgress : startProgress('Embedding', total);
  try {
    return await drain(pending, { signal, onReading: (left) => bar.update(total - left, `${left} pending`) });
  } finally {
    bar.stop();
  }
}

/** Aborted by the first Ctrl-C, which lets the batch that is being sent end; the second ends the process. */
function stopOnSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}

/** What of the file was left out, and why. */
function renderNotes({ refused, refusals, unknownKeys }: ImportReport): string[] {
  const unlisted = refused - refusals.length;
  return [
    ...refusals.map(({ line, reason }) => `line ${line}: ${printable(reason)}`),
    ...(unlisted > 0 ? [`${unlisted} more lines were refused, here or in an earlier run`] : []),
    ...Object.entries(unknownKeys).map(([key, count]) => `unknown key "${printable(key)}" ignored (${count} times)`),
  ];
}

function renderSummary(outcome: ImportReport, elapsedMs: number): string {
  const { file, space, resumedAfterLine, lines, added, duplicates, refused, pendingEmbeddings, isComplete } = outcome;
  return [
    ...(resumedAfterLine > 0 ? [`The first ${resumedAfterLine} lines of ${file} were imported before.`] : []),
    lines === resumedAfterLine
      ? `Nothing to import into "${space}".`
      : `Imported ${added + duplicates} memories into "${space}" in ${(elapsedMs / 1_000).toFixed(1)} s: ` +
        `${added} new, ${duplicates} known before (counted as accesses).`,
    ...(refused > 0 ? [`${refused} lines were refused.`] : []),
    ...(pendingEmbeddings > 0
      ? [`${pendingEmbeddings} memories are found by their words only, until a running server has embedded them.`]
      : []),
    ...(isComplete ? [] : [`Stopped after line ${lines}. Run the same command again to go on.`]),
  ].join('\n');
}
