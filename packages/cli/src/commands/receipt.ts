import type { Receipt } from '@anima/client';
import { Command } from 'commander';
import { withServer } from '../connection.ts';
import { dim } from '../output/colours.ts';
import { breakdown } from '../output/memory-list.ts';
import { printJson } from '../output/print-json.ts';
import { addSpaceOptions, type SpaceOptions } from './server-options.ts';

export function receiptCommand(): Command {
  return addSpaceOptions(
    new Command('receipt')
      .description('Show what a recall returned, and why.')
      .argument('<recall>', 'the recall, as a query names it'),
  )
    .addHelpText(
      'after',
      `
Receipts are kept for 30 days, unless the space says otherwise (anima space --receipt-retention-days);
afterwards the log still knows which memories were returned.

Example:
  anima receipt 0198a1c2-0000-7000-8000-000000000001`,
    )
    .action(run);
}

async function run(recallId: string, options: SpaceOptions): Promise<void> {
  const receipt = await withServer({ url: options.url, isQuiet: options.json === true }, ({ client }) =>
    client.memories.receipt.query({ recallId, space: options.space }),
  );
  if (options.json) return printJson(receipt);
  process.stdout.write(`${[...receipt.hits.map(renderHit), closingLine(receipt)].join('\n')}\n`);
}

function renderHit({ memoryId, version, breakdown: why }: Receipt['hits'][number], index: number): string {
  const lead = `${String(index + 1).padStart(2)}. ${memoryId}${version === null ? '' : `  version ${version}`}`;
  return [lead, ...(why ? breakdown(why).split('\n') : [])].join('\n    ');
}

function closingLine({ at, position, profile, statePosition, source }: Receipt): string {
  const parts = [
    `${profile}, ${at}`,
    `position ${position}${statePosition === null ? '' : `, states as of ${statePosition}`}`,
    source === 'log' ? 'the receipt is gone: this is what the log knows' : '',
  ];
  return dim(parts.filter((part) => part !== '').join(' · '));
}
