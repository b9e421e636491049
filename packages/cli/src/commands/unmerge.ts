import { Command } from 'commander';
import { withServer } from '../connection.ts';
import { good } from '../output/colours.ts';
import { printJson } from '../output/print-json.ts';
import { addSpaceOptions, type SpaceOptions } from './server-options.ts';

export function unmergeCommand(): Command {
  return addSpaceOptions(
    new Command('unmerge')
      .description('Make a memory that was merged into another one of its own again, as if it had never been merged.')
      .argument('<id>', 'the variant'),
  )
    .addHelpText(
      'after',
      `
Example:
  anima unmerge 0199d6c4-5f1e-7c35-9d1c-7f6a2b8e4d10`,
    )
    .action(run);
}

async function run(memoryId: string, { url, json, space }: SpaceOptions): Promise<void> {
  const result = await withServer({ url, isQuiet: json === true }, ({ client }) =>
    client.memories.unmerge.mutate({ memoryId, space }),
  );
  if (json) return printJson(result);
  process.stdout.write(`${memoryId} ${good('stands alone again')}; it was a variant of ${result.survivor}.\n`);
}
