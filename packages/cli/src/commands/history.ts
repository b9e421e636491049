import type { HistoryResult, TierHistoryResult } from '@anima/client';
import { Command } from 'commander';
import { withServer } from '../connection.ts';
import { dim } from '../output/colours.ts';
import { printJson } from '../output/print-json.ts';
import { printable } from '../output/printable.ts';
import { addSpaceOptions, readNumber, type SpaceOptions } from './server-options.ts';

interface HistoryOptions extends SpaceOptions {
  readonly tiers?: true;
  readonly descending?: true;
  readonly limit?: number;
  readonly cursor?: string;
}

export function historyCommand(): Command {
  return addSpaceOptions(
    new Command('history')
      .description('Tell what happened to a memory, from the log.')
      .argument('<memory>', 'its id')
      .option('--tiers', 'only the changes of its tier')
      .option('--descending', 'newest first')
      .option('--limit <n>', 'how many events at most, 1 to 200 (default: 50)', readNumber)
      .option('--cursor <next>', 'go on where a page before has ended'),
  )
    .addHelpText(
      'after',
      `
The number before an event is its position in the log: query and bootstrap take it as --as-of.

Examples:
  anima history 0198a1c2-0000-7000-8000-00000000000a
  anima history 0198a1c2-0000-7000-8000-00000000000a --descending --limit 5
  anima history 0198a1c2-0000-7000-8000-00000000000a --tiers`,
    )
    .action(run);
}

async function run(memoryId: string, options: HistoryOptions): Promise<void> {
  const { space, limit, cursor } = options;
  const request = { memoryId, space, limit, cursor, descending: options.descending === true };
  const isQuiet = options.json === true;
  if (options.tiers) {
    const result = await withServer({ url: options.url, isQuiet }, ({ client }) =>
      client.memories.tierHistory.query(request),
    );
    return options.json ? printJson(result) : print(renderTiers(result), result.next);
  }
  const result = await withServer({ url: options.url, isQuiet }, ({ client }) =>
    client.memories.history.query(request),
  );
  return options.json ? printJson(result) : print(renderEvents(result), result.next);
}

function print(lines: readonly string[], next: string | null): void {
  const more = next === null ? [] : [dim(`more with --cursor ${next}`)];
  process.stdout.write(`${[...lines, ...more].join('\n')}\n`);
}

function renderEvents({ events }: HistoryResult): string[] {
  if (events.length === 0) return [dim('No more events.')];
  return events.map(({ position, at, summary, state }) => {
    const now = `${state.tier} · φ ${state.resonancePhi.toFixed(1)} · accessed ${state.accessCount}×`;
    return `${place(position, at)}  ${printable(summary)}  ${dim(now)}`;
  });
}

function renderTiers({ changes }: TierHistoryResult): string[] {
  if (changes.length === 0) return [dim('It has always been active.')];
  return changes.map(({ position, at, from, to, reason, note, eventId }) => {
    const why = note === null ? reason.replace('_', ' ') : `${reason}: ${printable(note)}`;
    return `${place(position, at)}  ${from} → ${to} (${why})  ${dim(`event ${eventId}`)}`;
  });
}

function place(position: number, at: string): string {
  return `${String(position).padStart(8)}  ${dim(at)}`;
}
