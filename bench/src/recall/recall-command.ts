import type { BenchMeasure } from '@anima/core';
import { Command } from 'commander';
import { readCount } from '../read-count.ts';
import { tableOf } from '../report/blocks.ts';
import { addReportOptions, finish, type ReportOptions } from '../report/finish.ts';
import { formatShare } from '../report/numbers.ts';
import type { Findings } from '../report/report.ts';
import { versionsOf } from '../report/versions.ts';
import { settle } from '../settle.ts';
import { addTargetOptions, type Target, type TargetOptions, withTarget } from '../target.ts';
import { ask, remember } from './ask.ts';
import { readConversations } from './dataset.ts';
import { cutoffs, type Score, type Scores, score } from './score.ts';

/** How much recall@10 may lose once every question was asked a few times: use must not spoil the ranking. */
const toleratedDrop = 0.01;

interface RecallOptions extends TargetOptions, ReportOptions {
  readonly top: number;
  readonly rounds: number;
}

interface Measurement extends Scores {
  readonly degraded: number;
}

export function recallCommand(): Command {
  const command = new Command('recall')
    .description('Import labelled conversations, ask their questions, and see how much of the evidence comes back.')
    .argument('<dir>', 'folder of NAME.memories.jsonl and NAME.questions.jsonl');
  return addReportOptions(addTargetOptions(command))
    .option('--top <n>', 'results a question', readCount, 20)
    .option('--rounds <n>', 'then ask everything n times, recorded, and measure again', readCount, 0)
    .addHelpText(
      'after',
      `
Exit code 1 when recall@10 drops by more than ${toleratedDrop} over --rounds.

Examples:
  bench recall ../locomo
  bench recall ../locomo --rounds 5 --engine postgres --database-url postgres://localhost/anima`,
    )
    .action(run);
}

async function run(directory: string, options: RecallOptions): Promise<void> {
  const conversations = await readConversations(directory);
  const findings = await withTarget(options, async (target) => {
    const runId = Date.now().toString(36);
    const remembered = await remember(target.client, conversations, ({ name }) => `recall-${runId}-${name}`);
    await settle(target.client, 'embeddings', 'Embedding');
    const measure = async (label: string): Promise<Measurement> => {
      const { answers, degraded } = await ask(target.client, remembered, { label, top: options.top });
      return { ...score(answers), degraded };
    };
    const before = await measure('Asking');
    if (options.rounds === 0) return describe(target, directory, options, before);
    for (let round = 1; round <= options.rounds; round += 1) {
      await ask(target.client, remembered, {
        label: `Round ${round} of ${options.rounds}`,
        top: options.top,
        conversationOf: ({ name }) => `recall-${name}-round-${round}`,
      });
    }
    await settle(target.client, 'folds', 'Folding');
    return describe(target, directory, options, before, await measure('Asking again'));
  });
  await finish(findings, options);
}

async function describe(
  target: Target,
  directory: string,
  { top, rounds }: RecallOptions,
  before: Measurement,
  after?: Measurement,
): Promise<Findings> {
  const changeAt10 = after ? after.total.recall[10] - before.total.recall[10] : 0;
  const degraded = before.degraded + (after?.degraded ?? 0);
  return {
    bench: 'recall',
    title: 'Evidence that comes back, of labelled conversations',
    settings: { directory, top, rounds, target: target.description },
    versions: await versionsOf(target.client),
    measures: [
      { name: 'recall@10', value: before.total.recall[10], unit: 'share', better: 'higher' },
      { name: 'hit@10', value: before.total.hitAt10, unit: 'share', better: 'higher' },
      ...(after ? [changeOf(changeAt10)] : []),
      { name: 'answers by words alone', value: degraded, unit: 'count', better: 'lower' },
    ],
    blocks: [
      scoresTable('Evidence found', before, top),
      ...(after ? [scoresTable(`After ${rounds} rounds of every question`, after, top)] : []),
    ],
    data: { before, ...(after ? { after: { ...after, changeAt10 } } : {}) },
  };
}

function changeOf(changeAt10: number): BenchMeasure {
  const name = 'change of recall@10 by heavy use';
  return { name, value: changeAt10, unit: 'share', better: 'higher', target: -toleratedDrop };
}

function scoresTable(title: string, { byCategory, total }: Scores, top: number) {
  const shown = cutoffs.filter((k) => k <= top);
  const row = (name: string, { questions, recall, hitAt10 }: Score) => [
    ...[name, questions],
    ...shown.map((k) => formatShare(recall[k])),
    formatShare(hitAt10),
  ];
  return tableOf(
    title,
    ['category', 'questions', ...shown.map((k) => `recall@${k}`), 'hit@10'],
    [...byCategory.map((category) => row(`${category.category} ${category.name}`, category)), row('all of 1–4', total)],
  );
}
