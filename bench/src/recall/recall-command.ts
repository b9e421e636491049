import { writeFile } from 'node:fs/promises';
import Table from 'cli-table3';
import { Command } from 'commander';
import { machine } from '../machine.ts';
import { readCount } from '../read-count.ts';
import { settle } from '../settle.ts';
import { addTargetOptions, type Target, type TargetOptions, withTarget } from '../target.ts';
import { ask, remember } from './ask.ts';
import { readConversations } from './dataset.ts';
import { cutoffs, type Score, type Scores, score } from './score.ts';

/** How much recall@10 may lose once every question was asked a few times: use must not spoil the ranking. */
const toleratedDrop = 0.01;

interface RecallOptions extends TargetOptions {
  readonly top: number;
  readonly rounds: number;
  /** A file, or true for stdout. */
  readonly json?: string | true;
}

interface Measurement extends Scores {
  readonly degraded: number;
}

export function recallCommand(): Command {
  return addTargetOptions(
    new Command('recall')
      .description('Import labelled conversations, ask their questions, and see how much of the evidence comes back.')
      .argument('<dir>', 'folder of NAME.memories.jsonl and NAME.questions.jsonl'),
  )
    .option('--top <n>', 'results a question', readCount, 20)
    .option('--rounds <n>', 'then ask everything n times, recorded, and measure again', readCount, 0)
    .option('--json [file]', 'write the result as JSON, to stdout and nothing else if no file is named')
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
  const result = await withTarget(options, async (target) => {
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
  if (options.json === true) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  else process.stdout.write(`${render(result)}\n`);
  if (typeof options.json === 'string') await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`);
  if (result.after && !result.after.isWithinTolerance) process.exitCode = 1;
}

type RecallResult = ReturnType<typeof describe>;

function describe(
  target: Target,
  directory: string,
  { top, rounds }: RecallOptions,
  before: Measurement,
  after?: Measurement,
) {
  const changeAt10 = after ? after.total.recall[10] - before.total.recall[10] : 0;
  return {
    bench: 'recall',
    at: new Date().toISOString(),
    settings: { directory, top, rounds, target: target.description },
    machine: machine(),
    before,
    ...(after ? { after: { ...after, changeAt10, isWithinTolerance: changeAt10 >= -toleratedDrop } } : {}),
  };
}

function render({ settings, before, after }: RecallResult): string {
  const parts = [renderScores(before, settings.top)];
  if (after) {
    parts.push(`After ${settings.rounds} rounds of every question:`, renderScores(after, settings.top));
    const points = (100 * after.changeAt10).toFixed(2);
    parts.push(
      `recall@10 changed by ${points} points: ${after.isWithinTolerance ? 'ok' : `FAIL, it may drop by ${100 * toleratedDrop}`}`,
    );
  }
  const degraded = before.degraded + (after?.degraded ?? 0);
  if (degraded > 0) parts.push(`${degraded} answers were searched by words alone.`);
  return parts.join('\n');
}

function renderScores({ byCategory, total }: Scores, top: number): string {
  const shown = cutoffs.filter((k) => k <= top);
  const percent = (share: number) => (100 * share).toFixed(1);
  const row = (name: string, { questions, recall, hitAt10 }: Score) => [
    name,
    questions,
    ...shown.map((k) => percent(recall[k])),
    percent(hitAt10),
  ];
  const table = new Table({
    head: ['category', 'questions', ...shown.map((k) => `recall@${k}`), 'hit@10'],
    style: { head: [], border: [], compact: true },
    colAligns: ['left', ...Array.from({ length: shown.length + 2 }, () => 'right' as const)],
  });
  for (const category of byCategory) table.push(row(`${category.category} ${category.name}`, category));
  table.push(row('all of 1–4', total));
  return table.toString();
}
