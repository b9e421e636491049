import type { QueryRequest, QueryResult } from '@anima/client';
import { Command } from 'commander';
import { withServer } from '../connection.ts';
import { renderAssociated } from '../output/association-list.ts';
import { bold, dim } from '../output/colours.ts';
import { renderHits } from '../output/memory-list.ts';
import { printJson } from '../output/print-json.ts';
import { addSpaceOptions, collect, readMoment, readNumber, readTime, type SpaceOptions } from './server-options.ts';

interface QueryOptions extends SpaceOptions {
  readonly limit?: number;
  readonly threshold?: number;
  readonly tier?: QueryRequest['tiers'];
  readonly category?: string;
  readonly tag?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly conversation?: string;
  readonly ranking?: QueryRequest['ranking'];
  readonly expand?: number;
  readonly record: boolean;
  readonly asOf?: number | string;
  readonly explain?: true;
}

export function queryCommand(): Command {
  return addSpaceOptions(
    new Command('query')
      .description('Recall memories by meaning and words.')
      .argument('<text...>', 'what to recall')
      .option('--limit <n>', 'how many results at most, 1 to 100 (default: 20)', readNumber)
      .option('--threshold <cosine>', 'similarity that a result without a matching word needs, 0 to 1', readNumber)
      .option('--tier <name>', 'only this tier: active, thread, stable or network; give it again for more', collect)
      .option('--category <name>', 'only this category')
      .option('--tag <name>', 'only memories with this tag; give it again to ask for all of them', collect)
      .option(
        '--from <time>',
        'only what happened (or, where that is unknown, was added) from then on: ISO 8601',
        readTime,
      )
      .option('--to <time>', 'only what happened, or was added, until then', readTime)
      .option('--ranking <profile>', 'hybrid: by meaning and words; structural: by meaning and resonance')
      .option('--conversation <id>', 'recall inside a conversation: what is recalled together becomes associated')
      .option(
        '--expand <n>',
        'name n memories that are associated with the results, in a list of their own',
        readNumber,
      )
      .option('--no-record', 'leave no trace: nothing is strengthened, nothing can be cited')
      .option(
        '--as-of <moment>',
        'as it was at a position in the log or a time (ISO 8601); leaves no trace',
        readMoment,
      )
      .option('--explain', 'show what each score is made of'),
  )
    .addHelpText(
      'after',
      `
Examples:
  anima query "what does Ada drink?"
  anima query "where does Ada live?" --limit 5 --tag ada --explain
  anima query "what does Ada drink?" --expand 5
  anima query "plans for May" --from 2026-05-01 --to 2026-05-31 --no-record --json

  anima query "what does Ada drink?" --as-of 2026-05-01`,
    )
    .action(run);
}

async function run(words: readonly string[], options: QueryOptions): Promise<void> {
  const result = await withServer({ url: options.url, isQuiet: options.json === true }, ({ client }) =>
    client.memories.query.mutate({
      query: words.join(' '),
      limit: options.limit,
      similarityThreshold: options.threshold,
      tiers: options.tier,
      category: options.category,
      tags: options.tag,
      from: options.from,
      to: options.to,
      conversationId: options.conversation,
      ranking: options.ranking,
      expand: options.expand,
      record: options.record ? undefined : false,
      asOf: options.asOf,
      space: options.space,
    }),
  );
  if (options.json) return printJson(result);
  const list = renderHits(result.memories, { isExplained: options.explain === true });
  const parts = [list, associatedSection(result), closingLine(result)];
  process.stdout.write(`${parts.filter((part) => part !== '').join('\n\n')}\n`);
}

function associatedSection({ associated = [] }: QueryResult): string {
  if (associated.length === 0) return '';
  return `${bold('Associated with these')}\n${renderAssociated(associated)}`;
}

function closingLine(result: QueryResult): string {
  const count = result.count === 1 ? '1 memory' : `${result.count} memories`;
  const parts = [
    result.count === 0 ? 'Nothing was found.' : count,
    result.asOf ? `as of position ${result.asOf.position}${result.asOf.at === null ? '' : `, ${result.asOf.at}`}` : '',
    result.degraded ? 'searched by words alone: the model did not answer in time' : '',
    ...result.promotions.map(({ memoryId, toTier }) => `${memoryId} becomes ${toTier}`),
    result.recallId === null ? '' : `recall ${result.recallId}`,
  ];
  return dim(parts.filter((part) => part !== '').join(' · '));
}
