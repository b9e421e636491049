import { stat } from 'node:fs/promises';
import { type Command as AnyCommand, Command, Option } from 'commander';
import { CliError } from '../failure.ts';
import { detectFormat, type Format, formats } from '../import/formats.ts';
import { importFiles } from './import-files.ts';
import { importLines } from './import-lines.ts';
import { importSpace } from './import-space.ts';
import { addSpaceOptions, readNumber, type SpaceOptions } from './server-options.ts';

interface ImportCommandOptions extends SpaceOptions {
  readonly batch: number;
  readonly from?: Format;
  readonly dryRun?: true;
  readonly spacePerUser?: true;
}

export function importCommand(): Command {
  return addSpaceOptions(
    new Command('import')
      .description('Import what you have: notes, chats, transcripts, an exported space. Run it again for what is new.')
      .argument('<path>', 'a file, an archive as it came, or a folder')
      .addOption(new Option('--from <kind>', 'what it is; else it is looked at').choices(formats))
      .option('--dry-run', 'say what would be imported, and send nothing')
      .option('--space-per-user', 'mem0: a space for each user_id; --space is for those without')
      .option('--batch <n>', 'memories a request, at most 100', readNumber, 100),
  )
    .addHelpText(
      'after',
      `
What it may be:
  markdown    notes (.md, .txt): a memory for each section, with the titles above it
  chatgpt     "Export data" of ChatGPT: the .zip, or its conversations.json
  claude      "Export data" of Claude: the .zip, its conversations.json or memories.json
  transcript  sessions of Claude Code (~/.claude/projects) and Codex (~/.codex/sessions)
  anima       a space exported by "anima export"; it becomes a space again, with its history
  jsonl       lines of {content, category?, tags?, source?, conversationId?, isCatalyst?, occurredAt?, expiresAt?}
  mem0, mcp-memory   what those have written

Of a folder every note, export and transcript is read. What is imported is not imported again, whether the
command was stopped half-way or the notes and chats have changed since: only what is new is added, and nothing
is counted as an access. What is left out is said, and why; what cannot be read is named, and the rest goes on.

How far each import has come is kept under $XDG_STATE_HOME/anima (default ~/.local/state/anima).

Examples:
  anima import ~/notes --dry-run
  anima import chatgpt-export.zip --space me
  anima import ~/.claude/projects --space work
  anima import ada.jsonl --space ada-again
  echo '{"content": "Ada prefers tea", "tags": ["drinks"]}' > tea.jsonl && anima import tea.jsonl`,
    )
    .action(run);
}

async function run(path: string, options: ImportCommandOptions, command: AnyCommand): Promise<void> {
  const isFolder = await isFolderAt(path);
  const { from, url, spacePerUser = false, dryRun: isDryRun = false, json: isQuiet = false, space, batch } = options;
  const format = from ?? (isFolder ? 'files' : await detectFormat(path));
  const common = { path, url, isQuiet, isDryRun, signal: stopOnSignal() };
  if (spacePerUser && format !== 'mem0') {
    throw new CliError('VALIDATION_ERROR', `--space-per-user is for files of mem0, and ${path} is ${format}`);
  }
  switch (format) {
    case 'anima':
      return importSpace({ ...common, space: command.getOptionValueSource('space') === 'cli' ? space : undefined });
    case 'jsonl':
    case 'mem0':
    case 'mcp-memory':
      return importLines({ ...common, format, space, spacePerUser, batch });
    default:
      return importFiles({ ...common, kind: format === 'files' ? undefined : format, space, batch });
  }
}

/** @throws CliError for what cannot be read */
async function isFolderAt(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    throw new CliError(
      'NOT_FOUND',
      `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** Aborted by the first Ctrl-C, which lets the batch that is being sent end; the second ends the process. */
function stopOnSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}
