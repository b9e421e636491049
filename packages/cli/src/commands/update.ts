import { Command } from 'commander';
import { withServer } from '../connection.ts';
import { CliError } from '../failure.ts';
import { good } from '../output/colours.ts';
import { renderMemories } from '../output/memory-list.ts';
import { printJson } from '../output/print-json.ts';
import { addSpaceOptions, collect, type SpaceOptions } from './server-options.ts';

interface UpdateOptions extends SpaceOptions {
  readonly content?: string;
  readonly category?: string | false;
  readonly tag?: readonly string[];
  readonly tags?: false;
  readonly source?: string | false;
  readonly occurredAt?: string;
  readonly expiresAt?: string | false;
}

export function updateCommand(): Command {
  return addSpaceOptions(
    new Command('update')
      .description('Replace parts of a memory. Other content is a new version; the old one stays readable.')
      .argument('<id>', 'the memory')
      .option('--content <text>', 'what it says from now on')
      .option('--category <name>', 'its category')
      .option('--no-category', 'no category any more')
      .option('--tag <name>', 'its tags from now on; give it again for more', collect)
      .option('--no-tags', 'no tags any more')
      .option('--source <name>', 'where it comes from')
      .option('--no-source', 'no source any more')
      .option('--occurred-at <time>', 'when it happened: ISO 8601')
      .option('--expires-at <time>', 'from when on it is not found any more: ISO 8601')
      .option('--no-expires-at', 'no end any more'),
  )
    .addHelpText(
      'after',
      `
Examples:
  anima update 0199d6c4-5f1e-7c35-9d1c-7f6a2b8e4d10 --content "Ada lives in Rome"
  anima update 0199d6c4-5f1e-7c35-9d1c-7f6a2b8e4d10 --tag home --tag city --no-source`,
    )
    .action(run);
}

async function run(memoryId: string, { url, json, space, tag, tags, ...options }: UpdateOptions): Promise<void> {
  const given = { ...options, tags: tags === false ? [] : tag };
  const changes = Object.fromEntries(
    Object.entries(given)
      // An option without its negation given is true by default in no case here; false clears.
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, value === false ? null : value]),
  );
  if (Object.keys(changes).length === 0) {
    throw new CliError('VALIDATION_ERROR', 'nothing to change was named', { hint: 'See anima update --help.' });
  }
  const result = await withServer({ url, isQuiet: json === true }, ({ client }) =>
    client.memories.update.mutate({ ...changes, memoryId, space }),
  );
  if (json) return printJson(result);
  const { memory, isNewVersion } = result;
  const said = isNewVersion
    ? `Version ${memory.version} (${memory.embedding === 'ready' ? 'found by its meaning and words' : 'found by its words; its vector follows'}):`
    : 'As it is now:';
  process.stdout.write(`${good(said)}\n${renderMemories([memory])}\n`);
}
