import type { AnimaClient, ChangeRequest, ChangeResult } from '@anima/client';
import { Command, Option } from 'commander';
import { withServer } from '../connection.ts';
import { CliError } from '../failure.ts';
import { dim, good, warn } from '../output/colours.ts';
import { printJson } from '../output/print-json.ts';
import { addSelectionOptions, type SelectionOptions, selection } from './selection-options.ts';
import { addSpaceOptions, type SpaceOptions } from './server-options.ts';

interface ChangeOptions extends SpaceOptions, SelectionOptions {
  readonly dryRun?: true;
  readonly yes?: true;
  readonly reason?: string;
  readonly remove?: true;
}

/** A command that changes the memories which it is given, or all that meet its conditions. */
interface Kind {
  readonly name: string;
  readonly description: string;
  /** What was done to them, and what would be. */
  readonly done: string;
  readonly examples: string;
  /** Cannot be undone: asks for `--yes`. */
  readonly isFinal?: true;
  readonly options?: readonly Option[];
  readonly call: (client: AnimaClient, request: ChangeRequest, options: ChangeOptions) => Promise<ChangeResult>;
}

const kinds: readonly Kind[] = [
  {
    name: 'forget',
    description: 'Hide memories from queries. They can be restored, and come back when they are added again.',
    done: 'forgotten',
    examples: 'anima forget 0199d6c4-5f1e-7c35-9d1c-7f6a2b8e4d10\n  anima forget --category draft --dry-run',
    call: (client, request) => client.memories.forget.mutate(request),
  },
  {
    name: 'restore',
    description: 'Show forgotten and expired memories again, with all their history.',
    done: 'restored',
    examples: 'anima restore 0199d6c4-5f1e-7c35-9d1c-7f6a2b8e4d10\n  anima restore --tag drinks --visibility hidden',
    call: (client, request) => client.memories.restore.mutate(request),
  },
  {
    name: 'erase',
    description: 'Remove what was said for good, with its versions and variants. The log keeps ids and numbers.',
    done: 'erased for good',
    examples: 'anima erase 0199d6c4-5f1e-7c35-9d1c-7f6a2b8e4d10 --yes\n  anima erase --source chat-7 --dry-run',
    isFinal: true,
    call: (client, request) => client.memories.erase.mutate(request),
  },
  {
    name: 'catalyst',
    description: 'Mark memories as breakthroughs: resonance + 1.0.',
    done: 'marked',
    examples:
      'anima catalyst 0199d6c4-5f1e-7c35-9d1c-7f6a2b8e4d10\n  anima catalyst 0199d6c4-5f1e-7c35-9d1c-7f6a2b8e4d10 --remove',
    options: [new Option('--remove', 'they are none any more; takes the resonance back')],
    call: (client, request, { remove }) => client.memories.mark.mutate({ ...request, catalyst: remove !== true }),
  },
];

export function changeCommands(): Command[] {
  return kinds.map(changeCommand);
}

function changeCommand(kind: Kind): Command {
  const command = addSelectionOptions(
    addSpaceOptions(
      new Command(kind.name)
        .description(kind.description)
        .argument('[ids...]', 'the memories; or name conditions')
        .option('--dry-run', 'say which, and change nothing'),
    ),
  );
  for (const option of kind.options ?? []) command.addOption(option);
  if (kind.isFinal) command.option('--yes', 'it cannot be undone, and that is understood');
  return command
    .addHelpText('after', `\nExamples:\n  ${kind.examples}`)
    .action((ids: readonly string[], options: ChangeOptions) => run(kind, ids, options));
}

async function run(kind: Kind, ids: readonly string[], options: ChangeOptions): Promise<void> {
  const { url, json, space, dryRun = false } = options;
  const where = selection(options);
  if (ids.length > 0 === Object.keys(where).length > 0) {
    throw new CliError('VALIDATION_ERROR', 'name either memories or conditions', {
      hint: `See anima ${kind.name} --help.`,
    });
  }
  if (kind.isFinal && !dryRun && options.yes !== true) {
    throw new CliError('VALIDATION_ERROR', 'this cannot be undone', {
      hint: 'See what it would do with --dry-run, then say --yes.',
    });
  }
  const request = { ...(ids.length > 0 ? { memoryIds: [...ids] } : { where }), dryRun, space };
  const result = await withServer({ url, isQuiet: json === true }, ({ client }) => kind.call(client, request, options));
  if (json) return printJson(result);
  const { count, unchanged, memoryIds } = result;
  const memories = count === 1 ? '1 memory' : `${count} memories`;
  const lines = unchanged.map(({ memoryId, because }) => warn(`not ${memoryId}: it is ${because}`));
  const listed = dryRun ? memoryIds : [];
  const done = `${memories}${dryRun ? ' would be' : ''} ${kind.done}.`;
  process.stdout.write(`${[...listed, ...lines, count > 0 ? good(done) : dim(done)].join('\n')}\n`);
}
