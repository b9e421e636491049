import { Command } from 'commander';
import { addCommand } from './commands/add.ts';
import { bootstrapCommand } from './commands/bootstrap.ts';
import { citeCommand } from './commands/cite.ts';
import { doctorCommand } from './commands/doctor.ts';
import { exportCommand } from './commands/export.ts';
import { importCommand } from './commands/import.ts';
import { queryCommand } from './commands/query.ts';
import { rebuildCommand } from './commands/rebuild.ts';
import { spaceCommand } from './commands/space.ts';
import { statusCommand } from './commands/status.ts';

/** The `anima` command. It throws `CommanderError` for what it does not understand. */
export function program(): Command {
  const root = new Command('anima')
    .description('Long-term memory for AI agents, from the command line.')
    .showHelpAfterError('Run the command with --help to see what it takes.')
    .addHelpText('after', generalHelp);
  const commands = [
    addCommand(),
    queryCommand(),
    bootstrapCommand(),
    citeCommand(),
    spaceCommand(),
    importCommand(),
    exportCommand(),
    rebuildCommand(),
    statusCommand(),
    doctorCommand(),
  ];
  for (const command of commands) root.addCommand(command.copyInheritedSettings(root));
  return withoutExit(root);
}

/** Subcommands built apart do not inherit the override, so it is set on each. */
function withoutExit(command: Command): Command {
  command.exitOverride();
  for (const subcommand of command.commands) withoutExit(subcommand);
  return command;
}

const generalHelp = `
Examples:
  anima add "Ada prefers tea in the morning" --category preference --tag drinks
  anima query "what does Ada drink?" --explain
  anima import memories.jsonl --space ada

Which server:
  --url or ANIMA_URL names it, and it must answer (with ANIMA_API_KEY, if it asks for a key).
  Otherwise the one at http://127.0.0.1:7100, if it runs. If none does, the command opens the
  data folder itself (ANIMA_DATA_DIR, default .anima; or DATABASE_URL) and closes it at its end.

Exit codes:
  0  done
  1  refused or failed; stderr says why as "CODE: message"
  2  the command was not understood
  130  stopped by Ctrl-C`;
