import { Command } from 'commander';
import { withServer } from '../connection.ts';
import { good } from '../output/colours.ts';
import { printJson } from '../output/print-json.ts';
import { addSpaceOptions, type SpaceOptions } from './server-options.ts';

export function citeCommand(): Command {
  return addSpaceOptions(
    new Command('cite')
      .description('Say which results of a recall were used: it strengthens them.')
      .argument('<recall>', 'the recall, as a query names it')
      .argument('<memory...>', 'ids of memories that it returned'),
  )
    .addHelpText(
      'after',
      `
A memory is strengthened once a recall, however often it is cited.

Example:
  anima cite 0198a1c2-0000-7000-8000-000000000001 0198a1c2-0000-7000-8000-00000000000a`,
    )
    .action(run);
}

async function run(recallId: string, memoryIds: string[], options: SpaceOptions): Promise<void> {
  const { cited } = await withServer({ url: options.url, isQuiet: options.json === true }, ({ client }) =>
    client.memories.cite.mutate({ recallId, memoryIds, space: options.space }),
  );
  if (options.json) return printJson({ cited });
  const known = new Set(memoryIds).size - cited.length;
  process.stdout.write(`${good(`Cited ${cited.length}`)}${known > 0 ? `; ${known} had been cited before` : ''}.\n`);
}
