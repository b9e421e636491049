import type { ConfigureRequest } from '@anima/client';
import Table from 'cli-table3';
import { Command } from 'commander';
import { machine } from '../machine.ts';
import { ask, type RememberedConversation, remember } from '../recall/ask.ts';
import { readConversations } from '../recall/dataset.ts';
import { score } from '../recall/score.ts';
import { writeResult } from '../result-file.ts';
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

interface TermsOptions extends TargetOptions {
  readonly json?: string;
}

export function termsCommand(): Command {
  return addTargetOptions(
    new Command('terms')
      .description('What each term of the ranking earns (recall of labelled evidence) and costs (time of a query).')
      .argument('<dir>', 'folder of NAME.memories.jsonl and NAME.questions.jsonl'),
  )
    .option('--json <file>', 'where the result goes (default: bench/results/terms-ENGINE-TIME.json)')
    .addHelpText('after', '\nExample:\n  bench terms ../locomo')
    .action(run);
}

async function run(directory: string, options: TermsOptions): Promise<void> {
  // The ranking is measured, so the model may take its time.
  const patient = { QUERY_EMBED_BUDGET_MS: '10000' };
  const result = await withTarget(options, (target) => measure(target, directory), patient);
  process.stdout.write(`${render(result)}\n`);
  await writeResult(result, options.json);
}

async function measure(target: Target, directory: string) {
  const rows = [
    ...(await measureVariants(target, directory, 'whole', {}, variants)),
    ...(await measureVariants(target, directory, 'sentences', { sentenceVectors: true }, withSentences)),
  ];
  return {
    bench: 'terms',
    at: new Date().toISOString(),
    settings: { directory, target: target.description },
    machine: machine(),
    rows,
  };
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
  return { name, questions, recall, p50Ms: times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0 };
}

type TermsResult = Awaited<ReturnType<typeof measure>>;

function render({ rows }: TermsResult): string {
  const table = new Table({
    head: ['ranking', 'recall@5', 'recall@10', 'recall@20', 'against the first', 'p50 of a query, ms'],
    style: { head: [], border: [], compact: true },
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right'],
  });
  const percent = (share: number) => (100 * share).toFixed(1);
  const first = rows[0]?.recall[10] ?? 0;
  for (const { name, recall, p50Ms } of rows) {
    const points = 100 * (recall[10] - first);
    const difference = `${points < 0 ? '−' : '+'}${Math.abs(points).toFixed(1)}`;
    table.push([name, percent(recall[5]), percent(recall[10]), percent(recall[20]), difference, p50Ms.toFixed(1)]);
  }
  return table.toString();
}
