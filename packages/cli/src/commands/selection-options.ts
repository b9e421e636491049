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
  readonly words?: string;
  readonly pending?: true;
}

export function addSelectionOptions(command: Command): Command {
  return command
    .option('--tier <name>', 'of this tier: active, thread, stable or network; give it again for more', collect)
    .option('--words <words>', 'with all of these words, in any form of them; "a phrase"; -without')
    .option('--pending', 'only those that wait for their vector')
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
  const { tier: tiers, tag: tags, catalysts, pending, category, source, from, to, visibility, words } = options;
  const given = {
    tiers,
    tags,
    category,
    source,
    from,
    to,
    visibility,
    isCatalyst: catalysts,
    words,
    isPending: pending,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
