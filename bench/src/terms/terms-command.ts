import type { ConfigureRequest } from '@anima/client';
import { Command } from 'commander';
import { median } from '../median.ts';
import { ask, type RememberedConversation, remember } from '../recall/ask.ts';
import { readConversations } from '../recall/dataset.ts';
import { score } from '../recall/score.ts';
import { tableOf } from '../report/blocks.ts';
import { addReportOptions, finish, type ReportOptions } from '../report/finish.ts';
import { formatShare } from '../report/numbers.ts';
import type { Findings } from '../report/report.ts';
import { versionsOf } from '../report/versions.ts';
import { settle } from '../settle.ts';
import { addTargetOptions, type Target, type TargetOptions, withTarget } from '../target.ts';

type Settings = ConfigureRequest['settings'];

/** Results a question. */
const top = 20;

/** What a space may decide, one thing at a time against what it decides by default. */
const variants: readonly { readonly name: string; readonly settings: Settings }[] = [
  { name: 'as it is', settings: {} },
  { name: 'vectors alone', settings: { lexicalWeight: 0, similarityWeight: 1, conversationLift: 0, resonanceLift: 0 } },
  { name: 'words alone', settings: { lexicalWeight: 1, similarityWeight: 0, conversationLift: 0, resonanceLift: 0 } },
  { name: 'no conversation lift', settings: { conversationLift: 0 } },
  { name: 'no resonance', settings: { resonanceLift: 0 } },
  { name: 'neighbour-turn lift 0.15', settings: { neighbourTurnLift: 0.15 } },
  { name: 'neighbour-turn lift 0.3', settings: { neighbourTurnLift: 0.3 } },
  { name: 'neighbour-turn lift 0.5', settings: { neighbourTurnLift: 0.5 } },
  { name: 'structural profile', settings: { ranking: 'structural' } },
];

const withSentences: typeof variants = [
  { name: 'sentence vectors', settings: {} },
  { name: 'sentence vectors, neighbour-turn lift 0.3', settings: { neighbourTurnLift: 0.3 } },
];

type TermsOptions = TargetOptions & ReportOptions;

export function termsCommand(): Command {
  const command = new Command('terms')
    .description('What each term of the ranking earns (recall of labelled evidence) and costs (time of a query).')
    .argument('<dir>', 'folder of NAME.memories.jsonl and NAME.questions.jsonl');
  return addReportOptions(addTargetOptions(command))
    .addHelpText('after', '\nExample:\n  bench terms ../locomo')
    .action(run);
}

async function run(directory: string, options: TermsOptions): Promise<void> {
  // The ranking is measured, so the model may take its time.
  const patient = { QUERY_EMBED_BUDGET_MS: '10000' };
  await finish(await withTarget(options, (target) => measure(target, directory), patient), options);
}

async function measure(target: Target, directory: string): Promise<Findings> {
  const rows = [
    ...(await measureVariants(target, directory, 'whole', {}, variants)),
    ...(await measureVariants(target, directory, 'sentences', { sentenceVectors: true }, withSentences)),
  ];
  const first = rows[0]?.recall[10] ?? 0;
  return {
    bench: 'terms',
    title: 'What each term of the ranking earns and costs',
    settings: { directory, target: target.description },
    versions: await versionsOf(target.client),
    measures: rows.map(({ name, recall }) => ({
      ...{ name: `recall@10, ${name}`, value: recall[10], unit: 'share', better: 'higher' },
    })),
    blocks: [
      tableOf(
        'Recall of the evidence',
        ['ranking', 'recall@5', 'recall@10', 'recall@20', 'against the first', 'p50 of a query, ms'],
        rows.map(({ name, recall, p50Ms }) => [
          ...[name, formatShare(recall[5]), formatShare(recall[10]), formatShare(recall[20])],
          ...[inPoints(recall[10] - first), p50Ms],
        ]),
      ),
      {
        kind: 'bars',
        title: 'Recall at 10',
        y: { label: 'recall@10', scale: 'linear' },
        series: ['recall@10'],
        groups: rows.map(({ name, recall }) => ({ name, values: [recall[10]] })),
      },
    ],
    data: { rows },
  };
}

function inPoints(difference: number): string {
  return `${difference < 0 ? '−' : '+'}${Math.abs(100 * difference).toFixed(1)}`;
}

/** Imports the conversations anew, into spaces with these settings, and asks their questions once a variant. */
async function measureVariants(
  { client }: Target,
  directory: string,
  name: string,
  settings: Settings,
  asked: typeof variants,
) {
  const conversations = await readConversations(directory);
  const runId = Date.now().toString(36);
  const spaceOf = (conversation: { readonly name: string }) => `terms-${name}-${runId}-${conversation.name}`;
  for (const conversation of conversations) {
    await client.spaces.configure.mutate({ space: spaceOf(conversation), settings });
  }
  const remembered = await remember(client, conversations, spaceOf);
  await settle(client, 'embeddings', 'Embedding');
  // So that no variant pays for the questions' vectors.
  await ask(client, remembered, { label: 'Warming up', top });
  const rows: Awaited<ReturnType<typeof measureVariant>>[] = [];
  for (const variant of asked) rows.push(await measureVariant(client, remembered, variant));
  return rows;
}

async function measureVariant(
  client: Target['client'],
  remembered: readonly RememberedConversation[],
  { name, settings }: (typeof variants)[number],
) {
  const change = (to: Settings) =>
    Promise.all(remembered.map(({ space }) => client.spaces.configure.mutate({ space, settings: to })));
  await change(settings);
  const { answers, times } = await ask(client, remembered, { label: name, top });
  await change(Object.fromEntries(Object.keys(settings).map((key) => [key, null])));
  const { recall, questions } = score(answers).total;
  return { name, questions, recall, p50Ms: median(times) };
}
