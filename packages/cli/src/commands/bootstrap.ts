import type { BootstrapResult } from '@anima/client';
import { Command, Option } from 'commander';
import { withServer } from '../connection.ts';
import { bold } from '../output/colours.ts';
import { renderMemories } from '../output/memory-list.ts';
import { printJson } from '../output/print-json.ts';
import { addSpaceOptions, readMoment, readNumber, type SpaceOptions } from './server-options.ts';

/** Counting what was left out stops here; the number then means "at least". */
const countedUpTo = 100;

interface BootstrapOptions extends SpaceOptions {
  readonly limit?: number;
  readonly activeLimit?: number;
  readonly active: boolean;
  readonly thread: boolean;
  readonly stable: boolean;
  readonly format?: 'prompt';
  readonly tokenBudget?: number;
  readonly asOf?: number | string;
}

export function bootstrapCommand(): Command {
  return addSpaceOptions(
    new Command('bootstrap')
      .description('Show the memories that matter for the start of a conversation. Changes nothing.')
      .option('--limit <n>', 'how many in all, 1 to 200 (default: 50)', readNumber)
      .option(
        '--active-limit <n>',
        'bound the active ones apart, 0 to 1000; --limit then bounds the others',
        readNumber,
      )
      .option('--no-active', 'without the active tier')
      .option('--no-thread', 'without the thread tier')
      .option('--no-stable', 'without the stable tier')
      .addOption(new Option('--format <form>', 'prompt: as text for a system prompt').choices(['prompt']))
      .option('--token-budget <n>', 'of that text, 100 to 100000 estimated tokens (default: 2000)', readNumber)
      .option('--as-of <moment>', 'as it was at a position in the log or a time (ISO 8601)', readMoment),
  )
    .addHelpText(
      'after',
      `
Examples:
  anima bootstrap --limit 20
  anima bootstrap --no-active --json
  anima bootstrap --format prompt --token-budget 1000
  anima bootstrap --as-of 2026-05-01`,
    )
    .action(run);
}

async function run(options: BootstrapOptions): Promise<void> {
  const result = await withServer({ url: options.url, isQuiet: options.json === true }, ({ client }) =>
    client.memories.bootstrap.query({
      limit: options.limit,
      activeLimit: options.activeLimit,
      includeActive: options.active,
      includeThread: options.thread,
      includeStable: options.stable,
      format: options.format,
      tokenBudget: options.tokenBudget,
      asOf: options.asOf,
      space: options.space,
    }),
  );
  if (options.json) return printJson(result);
  if (result.prompt) return void process.stdout.write(result.prompt.text);
  const sections = (['stable', 'thread', 'active'] as const).map((tier) => section(tier, result));
  process.stdout.write(`${sections.join('\n\n')}\n`);
}

function section(tier: 'active' | 'thread' | 'stable', { memories, cut }: BootstrapResult): string {
  const left = cut[tier] >= countedUpTo ? `at least ${countedUpTo}` : String(cut[tier]);
  const heading = `${tier}: ${memories[tier].length}${cut[tier] > 0 ? `, ${left} more left out` : ''}`;
  return [bold(heading), renderMemories(memories[tier])].filter((part) => part !== '').join('\n');
}
