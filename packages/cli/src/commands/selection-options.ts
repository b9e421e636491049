import type { ChangeRequest, ListRequest } from '@anima/client';
import type { Command } from 'commander';
import { collect } from './server-options.ts';

/** Conditions that memories are chosen by. */
export interface SelectionOptions {
  readonly tier?: ListRequest['tiers'];
  readonly category?: string;
  readonly tag?: readonly string[];
  readonly source?: string;
  readonly catalysts?: true;
  readonly from?: string;
  readonly to?: string;
  readonly visibility?: ListRequest['visibility'];
}

export function addSelectionOptions(command: Command): Command {
  return command
    .option('--tier <name>', 'of this tier: active, thread, stable or network; give it again for more', collect)
    .option('--category <name>', 'of this category')
    .option('--tag <name>', 'with this tag; give it again to ask for all of them', collect)
    .option('--source <name>', 'from this source')
    .option('--catalysts', 'only catalysts')
    .option('--from <time>', 'that happened (or, where that is unknown, were added) from then on: ISO 8601')
    .option('--to <time>', 'that happened, or were added, until then')
    .option('--visibility <name>', 'live, hidden (forgotten), merged or expired');
}

/** The conditions that were given. */
export function selection(options: SelectionOptions): NonNullable<ChangeRequest['where']> {
  const { tier: tiers, tag: tags, catalysts, category, source, from, to, visibility } = options;
  const given = { tiers, tags, category, source, from, to, visibility, isCatalyst: catalysts };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
