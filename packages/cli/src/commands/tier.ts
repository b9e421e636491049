import type { SetTierRequest } from '@anima/client';
import { Argument, Command } from 'commander';
import { withServer } from '../connection.ts';
import { good, warn } from '../output/colours.ts';
import { printJson } from '../output/print-json.ts';
import { addSpaceOptions, type SpaceOptions } from './server-options.ts';

interface TierOptions extends SpaceOptions {
  readonly reason?: string;
}

export function tierCommand(): Command {
  return addSpaceOptions(
    new Command('tier')
      .description('Set the tier of memories by hand. It stays until a higher one is earned anew.')
      .addArgument(new Argument('<tier>', 'the tier').choices(['active', 'thread', 'stable', 'network']))
      .argument('<ids...>', 'the memories')
      .option('--reason <text>', 'why; kept with the memory'),
  )
    .addHelpText(
      'after',
      `
Example:
  anima tier network 0199d6c4-5f1e-7c35-9d1c-7f6a2b8e4d10 --reason "everything hangs on it"`,
    )
    .action(run);
}

async function run(
  tier: SetTierRequest['tier'],
  memoryIds: string[],
  { url, json, space, reason }: TierOptions,
): Promise<void> {
  const result = await withServer({ url, isQuiet: json === true }, ({ client }) =>
    client.memories.setTier.mutate({ memoryIds, tier, space, ...(reason === undefined ? {} : { reason }) }),
  );
  if (json) return printJson(result);
  const lines = result.unchanged.map(({ memoryId, because }) => warn(`not ${memoryId}: it is ${because}`));
  process.stdout.write(`${[...lines, good(`${result.count} of ${memoryIds.length} now ${tier}.`)].join('\n')}\n`);
}
