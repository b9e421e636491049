import { startProgress } from '@anima/client/node/progress';
import { type Compared, measureSearch, type SearchResult } from '@anima/store/search';
import { Command, Option } from 'commander';
import { seededRandom } from '../random.ts';
import { readCount } from '../read-count.ts';
import { tableOf } from '../report/blocks.ts';
import { addReportOptions, finish, type ReportOptions } from '../report/finish.ts';
import type { Findings } from '../report/report.ts';

const seed = 20_261_122;

/** What has to hold, each a ratio of one run. */
const floors = {
  ...{ structuralRecall: 0.99, structuralSpeedUp: 5, filterRecall: 0.97, wordsSpeedUp: 5, wordsLoss: 0.02 },
  // Where both cost about the same, either is right.
  armOfOther: 0.6,
  // Nor here, where the space is small either way.
  ownGraph: 0.9,
};

interface SearchCommandOptions extends ReportOptions {
  readonly databaseUrl?: string;
  readonly memories: number;
}

export function searchCommand(): Command {
  const command = new Command('search').description(
    'A large space on PostgreSQL: what a search finds and takes against searching everything.',
  );
  return addReportOptions(command)
    .addOption(new Option('--database-url <url>', 'a server on which it may make a database').env('DATABASE_URL'))
    .option('--memories <n>', 'how many the space holds', readCount, 100_000)
    .addHelpText(
      'after',
      `
It makes a database of its own beside the one that is named, and drops it at the end. 100,000 memories take
some ten minutes and 3 GB.

Exit code 1 when a floor is missed: structural recall ${floors.structuralRecall} in a fifth of the time, filters
${floors.filterRecall} and full results, rare words first ${floors.wordsSpeedUp} times the throughput for at most ${floors.wordsLoss} of recall,
the way that a query takes in a small part of the index at least ${floors.armOfOther} times as fast as the other, and the graph
of its shard at least ${floors.ownGraph} times as fast as one of all spaces. They are floors of a space of 100,000.

Example:
  bench search --memories 50000 --database-url postgres://localhost/postgres`,
    )
    .action(run);
}

async function run(options: SearchCommandOptions): Promise<void> {
  const { databaseUrl, memories } = options;
  if (!databaseUrl) throw new Error('search needs --database-url or DATABASE_URL');
  let shown: { readonly label: string; readonly bar: ReturnType<typeof startProgress> } | undefined;
  const measured = await measureSearch({
    ...{ databaseUrl, memories, random: seededRandom(seed) },
    onProgress: (label, done, total) => {
      if (shown?.label !== label) {
        shown?.bar.stop();
        shown = { label, bar: startProgress(label, total) };
      }
      shown.bar.update(done, `${done} of ${total}`);
    },
  });
  shown?.bar.stop();
  await finish(describe(measured, { memories, seed }), options);
}

function describe(measured: SearchResult, settings: Findings['settings']): Findings {
  const { structural, filters, words, parts, graphs } = measured;
  const held = (name: string, value: number, target: number, unit: 'ratio' | 'share') => ({
    ...{ name, value, target, unit, better: 'higher' as const },
  });
  return {
    ...{ bench: 'search', title: `A space of ${settings.memories} memories`, settings },
    measures: [
      held('structural recall@20', structural.recall, floors.structuralRecall, 'share'),
      held('structural, times as fast', structural.referenceMs / structural.ms, floors.structuralSpeedUp, 'ratio'),
      ...filters.map(({ name, recall }) => held(`recall@20, ${name}`, recall, floors.filterRecall, 'share')),
      ...filters.map(({ name, results }) => ({
        ...{ name: `results, ${name}`, value: results, target: 20, unit: 'count' as const, better: 'higher' as const },
      })),
      held(
        'rare words first, times the throughput',
        words.bounded.perSecond / words.unbounded.perSecond,
        floors.wordsSpeedUp,
        'ratio',
      ),
      {
        ...{ name: 'recall@10 that rare words first lose', unit: 'share', better: 'lower', target: floors.wordsLoss },
        value: words.unbounded.recallAt10 - words.bounded.recallAt10,
      },
      ...parts.map(({ name, arm, ms, referenceMs }) =>
        held(
          `${name}, times as fast as the other way`,
          arm === 'exact' ? ms / referenceMs : referenceMs / ms,
          floors.armOfOther,
          'ratio',
        ),
      ),
      ...graphs.map(({ name, ms, referenceMs }) =>
        held(`${name}, times as fast as by a graph of all`, referenceMs / ms, floors.ownGraph, 'ratio'),
      ),
    ],
    blocks: [
      tableOf(
        'Searches, against searching everything',
        ['search', 'vectors by', 'ms', 'exhaustive ms', 'times as fast', 'recall@20', 'results'],
        [rowOf(structural, 'hnsw'), ...filters.map((filter) => rowOf(filter, filter.arm))],
      ),
      tableOf(
        'Words of a query',
        ['words', 'queries/s, 16 callers', 'recall@10 of what was asked for'],
        [
          ['rare ones first, to a bound', words.bounded.perSecond, words.bounded.recallAt10],
          ['all', words.unbounded.perSecond, words.unbounded.recallAt10],
        ],
      ),
      tableOf(
        'Spaces that are a part of the index',
        ['memories', 'of the index', 'as planned, ms', 'one by one, ms', 'recall@20 as planned', 'taken'],
        parts.map(({ ofSpace, ofIndex, ms, referenceMs, recall, arm }) => {
          return [ofSpace, ofSpace / ofIndex, ms, referenceMs, recall, arm];
        }),
      ),
      tableOf(
        'A graph for each shard, against one of all spaces',
        ['memories', 'of all', 'by its own, ms', 'by one of all, ms', 'times as fast', 'the one of all is'],
        graphs.map(({ ofSpace, ofAll, ms, referenceMs, referenceArm }) => {
          const used = referenceArm === 'hnsw' ? 'asked' : 'not worth it: one by one';
          return [ofSpace, ofSpace / ofAll, ms, referenceMs, referenceMs / ms, used];
        }),
      ),
    ],
    data: measured,
  };
}

function rowOf({ name, ms, referenceMs, recall, results }: Compared, arm: string) {
  return [name, arm, ms, referenceMs, referenceMs / ms, recall, results];
}
