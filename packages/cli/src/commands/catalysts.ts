import { Command, Option } from 'commander';
import { withServer } from '../connection.ts';
import { renderPotential } from '../output/association-list.ts';
import { dim } from '../output/colours.ts';
import { renderMemories } from '../output/memory-list.ts';
import { printJson } from '../output/print-json.ts';
import { addSpaceOptions, readNumber, readTime, type SpaceOptions } from './server-options.ts';

interface CatalystsOptions extends SpaceOptions {
  readonly potential?: true;
  readonly limit?: number;
  readonly since?: string;
}

export function catalystsCommand(): Command {
  return addSpaceOptions(
    new Command('catalysts')
      .description('Show the memories that were marked as breakthroughs. Changes nothing.')
      .option('--potential', 'show what could be one instead, and why')
      .option('--limit <n>', 'how many at most, 1 to 100 (default: 20)', readNumber)
      .addOption(
        new Option('--since <time>', 'what could be one, counting accesses from then on only: ISO 8601')
          .argParser(readTime)
          .implies({ potential: true }),
      ),
  )
    .addHelpText(
      'after',
      `
Examples:
  anima catalysts --limit 5
  anima catalysts --potential
  anima catalysts --since 2026-05-01`,
    )
    .action(run);
}

async function run({ url, json, space, limit, since, potential }: CatalystsOptions): Promise<void> {
  const server = { url, isQuiet: json === true };
  if (potential) {
    const result = await withServer(server, ({ client }) =>
      client.memories.potentialCatalysts.query({ limit, since, space }),
    );
    if (json) return printJson(result);
    const from = result.accessesSince === null ? '' : `accesses looked at since ${result.accessesSince}`;
    const list = result.count === 0 ? dim('Nothing looks like a catalyst.') : renderPotential(result.potential);
    process.stdout.write(`${[list, dim(from)].filter((part) => part !== '').join('\n\n')}\n`);
    return;
  }
  const result = await withServer(server, ({ client }) => client.memories.catalysts.query({ limit, space }));
  if (json) return printJson(result);
  process.stdout.write(`${result.count === 0 ? dim('There are no catalysts.') : renderMemories(result.catalysts)}\n`);
}
