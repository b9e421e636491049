import { Command } from 'commander';
import { withServer } from '../connection.ts';
import { renderNetwork } from '../output/association-list.ts';
import { printJson } from '../output/print-json.ts';
import { addSpaceOptions, type SpaceOptions } from './server-options.ts';

interface NetworkOptions extends SpaceOptions {
  readonly memory?: string;
}

export function networkCommand(): Command {
  return addSpaceOptions(
    new Command('network')
      .description('Show how the memories of a space are associated as a whole. Changes nothing.')
      .option('--memory <id>', 'show how this one is associated, too'),
  )
    .addHelpText(
      'after',
      `
Examples:
  anima network
  anima network --space ada --memory 0198a1c2-0000-7000-8000-00000000000a`,
    )
    .action(run);
}

async function run({ url, json, space, memory: memoryId }: NetworkOptions): Promise<void> {
  const stats = await withServer({ url, isQuiet: json === true }, ({ client }) =>
    client.associations.networkStats.query({ memoryId, space }),
  );
  if (json) return printJson(stats);
  process.stdout.write(`${renderNetwork(stats)}\n`);
}
