import { drain } from '@anima/client/node/drain';
import { noProgress, startProgress } from '@anima/client/node/progress';
import { type Command as AnyCommand, Command, Option } from 'commander';
import { type Connection, withServer } from '../connection.ts';
import { CliError, exitCodes } from '../failure.ts';
import { detectFormat, type Format, formats } from '../import/formats.ts';
import { type ImportReport, importFile, sizeOfFile } from '../import/import-file.ts';
import { Ledger } from '../import/ledger.ts';
import { type Preview, preview, type Source, withSources } from '../import/sources.ts';
import { printJson } from '../output/print-json.ts';
import { printable } from '../output/printable.ts';
import { importSpace } from './import-space.ts';
import { addSpaceOptions, readNumber, type SpaceOptions } from './server-options.ts';

interface ImportCommandOptions extends SpaceOptions {
  readonly batch: number;
  readonly format?: Format;
  readonly dryRun?: true;
  readonly spacePerUser?: true;
}

export function importCommand(): Command {
  return addSpaceOptions(
    new Command('import')
      .description('Import an exported space, or memories from a file. Run it again to go on where it stopped.')
      .argument(
        '<file>',
        'of "anima export"; lines of {content, category?, tags?, source?, conversationId?, isCatalyst?, occurredAt?, ' +
          'expiresAt?}; of mem0; or memory.jsonl of the MCP memory server',
      )
      .addOption(new Option('--format <format>', 'what the file is; else it is looked at').choices(formats))
      .option('--dry-run', 'say what would be imported, and send nothing')
      .option('--space-per-user', 'mem0: a space for each user_id; --space is for those without')
      .option('--batch <n>', 'memories a request, at most 100', readNumber, 100),
  )
    .addHelpText(
      'after',
      `
An exported space becomes a space again as it was, with its history: one that has no memories yet, named as
in the file unless --space says otherwise. It is there when all of it is, and until then for nobody.

Other files are added to a space, and that is idempotent: what of a file is imported into a space is not
imported again, whether the command was stopped half-way, the file has grown since, or nothing is new. (A
file is known by its beginning: with a line changed that is imported already, it is another file.) Lines that
break a rule are reported and left out; put them right in a file of their own. Unknown keys are reported and
ignored.

How far each import has come is kept under $XDG_STATE_HOME/anima (default ~/.local/state/anima).

Examples:
  anima import ada.jsonl --space ada-again
  anima import memories.jsonl --space ada
  anima import mem0.json --space-per-user --dry-run
  echo '{"content": "Ada prefers tea", "tags": ["drinks"]}' > tea.jsonl && anima import tea.jsonl`,
    )
    .action(run);
}

async function run(path: string, options: ImportCommandOptions, command: AnyCommand): Promise<void> {
  const isQuiet = options.json === true;
  await sizeOfFile(path);
  const { format = await detectFormat(path), url, spacePerUser: perUser = false } = options;
  const signal = stopOnSignal();
  if (perUser && format !== 'mem0') {
    throw new CliError('VALIDATION_ERROR', `--space-per-user is for files of mem0, and ${path} is ${format}`);
  }
  if (format === 'anima') {
    const space = command.getOptionValueSource('space') === 'cli' ? options.space : undefined;
    return importSpace({ path, space, url, isQuiet, isDryRun: options.dryRun === true, signal });
  }
  await withSources({ path, format, space: options.space, perUser }, async (sources) => {
    if (options.dryRun) show(await Promise.all(sources.map(preview)), perUser, isQuiet, renderPreview);
    else await importSources(path, sources, options, signal);
  });
}

async function importSources(
  path: string,
  sources: readonly Source[],
  options: ImportCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  const isQuiet = options.json === true;
  let startedAt = 0;
  const reports = await withServer({ url: options.url, isQuiet }, async (connection) => {
    startedAt = performance.now();
    const done: ImportReport[] = [];
    for (const source of sources) done.push(await runImport(connection, path, source, options, signal));
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
  show(reports, options.spacePerUser === true, isQuiet, (report) => renderSummary(report, elapsedMs));
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
  file: string,
  { path, space }: Source,
  { batch, json }: ImportCommandOptions,
  signal: AbortSignal,
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
        if (bar === noProgress && !json) bar = startProgress('Importing', totalBytes);
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
function renderNotes({ refused, refusals, unknownKeys }: ImportReport, unit: Source['unit']): string[] {
  const unlisted = refused - refusals.length;
  return [
    ...refusals.map(({ line, reason }) => `${unit} ${line}: ${printable(reason)}`),
    ...(unlisted > 0 ? [`${unlisted} more were refused, here or in an earlier run`] : []),
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

function renderPreview({ space, memories, refused, unknownKeys }: Preview): string {
  return [
    `Would add ${memories} memories to "${space}", those it knows as accesses.`,
    ...(refused > 0 ? [`${refused} lines are no memories.`] : []),
    ...Object.entries(unknownKeys).map(([key, count]) => `unknown key "${printable(key)}" ignored (${count} times)`),
  ].join('\n');
}
