import { Command } from 'commander';
import { withServer } from '../connection.ts';
import { renderDetails } from '../output/memory-details.ts';
import { printJson } from '../output/print-json.ts';
import { addSpaceOptions, readNumber, type SpaceOptions } from './server-options.ts';

interface GetOptions extends SpaceOptions {
  readonly version?: number;
}

export function getCommand(): Command {
  return addSpaceOptions(
    new Command('get')
      .description('Show one memory, whatever became of it.')
      .argument('<id>', 'the memory')
      .option('--version <n>', 'another wording than the current one', readNumber),
  )
    .addHelpText(
      'after',
      `
Examples:
  anima get 0199d6c4-5f1e-7c35-9d1c-7f6a2b8e4d10
  anima get 0199d6c4-5f1e-7c35-9d1c-7f6a2b8e4d10 --version 1 --json`,
    )
    .action(run);
}

async function run(memoryId: string, { url, json, space, version }: GetOptions): Promise<void> {
  const input = { memoryId, space, ...(version === undefined ? {} : { version }) };
  const result = await withServer({ url, isQuiet: json === true }, ({ client }) => client.memories.get.query(input));
  if (json) return printJson(result);
  process.stdout.write(`${renderDetails(result)}\n`);
}
