import type { ListRequest } from '@anima/client';
import { Command } from 'commander';
import { withServer } from '../connection.ts';
import { dim } from '../output/colours.ts';
import { renderMemories } from '../output/memory-list.ts';
import { printJson } from '../output/print-json.ts';
import { addSelectionOptions, type SelectionOptions, selection } from './selection-options.ts';
import { addSpaceOptions, readNumber, type SpaceOptions } from './server-options.ts';

interface ListOptions extends SpaceOptions, SelectionOptions {
  readonly order?: ListRequest['order'];
  readonly ascending?: true;
  readonly limit?: number;
  readonly cursor?: string;
}

export function listCommand(): Command {
  return addSelectionOptions(
    addSpaceOptions(new Command('list').description('List memories, page by page.'))
      .option('--order <by>', 'created (default), accessed or resonance')
      .option('--ascending', 'oldest, or weakest, first')
      .option('--limit <n>', 'memories on a page, 1 to 200 (default: 50)', readNumber)
      .option('--cursor <place>', 'where the page before ended'),
  )
    .addHelpText(
      'after',
      `
Examples:
  anima list --order resonance --limit 10
  anima list --tag drinks --visibility hidden`,
    )
    .action(run);
}

async function run({ url, json, space, order, ascending, limit, cursor, ...options }: ListOptions): Promise<void> {
  const given = { order, limit, cursor, descending: ascending ? false : undefined };
  const page = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const result = await withServer({ url, isQuiet: json === true }, ({ client }) =>
    client.memories.list.query({ ...selection(options), ...page, space }),
  );
  if (json) return printJson(result);
  const more = result.next === null ? [] : [dim(`More: --cursor ${result.next}`)];
  const list =
    result.memories.length === 0 ? dim('No memory meets these conditions.') : renderMemories(result.memories);
  process.stdout.write(`${[list, ...more].join('\n\n')}\n`);
}
