import { Command } from 'commander';
import { withServer } from '../connection.ts';
import { renderHubs } from '../output/association-list.ts';
import { dim } from '../output/colours.ts';
import { printJson } from '../output/print-json.ts';
import { addSpaceOptions, readNumber, type SpaceOptions } from './server-options.ts';

interface HubsOptions extends SpaceOptions {
  readonly limit?: number;
  readonly minConnections?: number;
}

export function hubsCommand(): Command {
  return addSpaceOptions(
    new Command('hubs')
      .description('Show the memories that are associated with the most others. Changes nothing.')
      .option('--limit <n>', 'how many at most, 1 to 100 (default: 20)', readNumber)
      .option('--min-connections <n>', 'only those with at least as many associations (default: 5)', readNumber),
  )
    .addHelpText(
      'after',
      `
Examples:
  anima hubs --limit 5
  anima hubs --min-connections 50 --json`,
    )
    .action(run);
}

async function run({ url, json, space, limit, minConnections }: HubsOptions): Promise<void> {
  const result = await withServer({ url, isQuiet: json === true }, ({ client }) =>
    client.associations.hubs.query({ limit, minConnections, space }),
  );
  if (json) return printJson(result);
  const text = result.hubs.length === 0 ? dim('No memory has that many associations.') : renderHubs(result.hubs);
  process.stdout.write(`${text}\n`);
}
