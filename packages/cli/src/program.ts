import { Command } from 'commander';
import { addCommand } from './commands/add.ts';
import { archiveCommand } from './commands/archive.ts';
import { associationsCommand } from './commands/associations.ts';
import { backupCommands } from './commands/backup.ts';
import { bootstrapCommand } from './commands/bootstrap.ts';
import { catalystsCommand } from './commands/catalysts.ts';
import { changeCommands } from './commands/change.ts';
import { citeCommand } from './commands/cite.ts';
import { consolidateCommand } from './commands/consolidate.ts';
import { demoCommand } from './commands/demo.ts';
import { doctorCommand } from './commands/doctor.ts';
import { exportCommand } from './commands/export.ts';
import { getCommand } from './commands/get.ts';
import { historyCommand } from './commands/history.ts';
import { hubsCommand } from './commands/hubs.ts';
import { importCommand } from './commands/import.ts';
import { keysCommand } from './commands/keys.ts';
import { listCommand } from './commands/list.ts';
import { mcpCommand } from './commands/mcp.ts';
import { networkCommand } from './commands/network.ts';
import { queryCommand } from './commands/query.ts';
import { rebuildCommand } from './commands/rebuild.ts';
import { receiptCommand } from './commands/receipt.ts';
import { reembedCommand } from './commands/reembed.ts';
import { spaceCommand } from './commands/space.ts';
import { statusCommand } from './commands/status.ts';
import { tierCommand } from './commands/tier.ts';
import { unmergeCommand } from './commands/unmerge.ts';
import { updateCommand } from './commands/update.ts';

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
    getCommand(),
    listCommand(),
    updateCommand(),
    ...changeCommands(),
    tierCommand(),
    consolidateCommand(),
    unmergeCommand(),
    associationsCommand(),
    hubsCommand(),
    networkCommand(),
    catalystsCommand(),
    historyCommand(),
    receiptCommand(),
    spaceCommand(),
    importCommand(),
    exportCommand(),
    ...backupCommands(),
    rebuildCommand(),
    archiveCommand(),
    reembedCommand(),
    statusCommand(),
    doctorCommand(),
    keysCommand(),
    mcpCommand(),
    demoCommand(),
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
  Otherwise the one at http://127.0.0.1:7100 (or another PORT), if it runs. If none does, the command opens the
  data folder itself (ANIMA_DATA_DIR, default .anima; or DATABASE_URL) and closes it at its end.

Exit codes:
  0  done
  1  refused or failed; stderr says why as "CODE: message"
  2  the command was not understood
  130  stopped by Ctrl-C`;
