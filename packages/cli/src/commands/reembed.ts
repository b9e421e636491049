import type { AnimaClient, Reembedding, ReembedReport, ReembedRequest, ReembedStep } from '@anima/client';
import { type Progress, startProgress } from '@anima/client/node/progress';
import { Argument, Command, Option } from 'commander';
import { withServer } from '../connection.ts';
import { exitCodes } from '../failure.ts';
import { bold, dim, good, warn } from '../output/colours.ts';
import { printJson } from '../output/print-json.ts';
import { addServerOptions, readNumber, type ServerOptions } from './server-options.ts';

const providers = ['builtin', 'ollama', 'openai'] as const;

interface ReembedOptions extends ServerOptions {
  readonly provider?: (typeof providers)[number];
  readonly model?: string;
  readonly dimensions?: number;
  readonly rate?: number;
  readonly cancel?: true;
}

export function reembedCommand(): Command {
  return addServerOptions(
    new Command('reembed')
      .description('Give a space another sentence model, while it is in use.')
      .addArgument(new Argument('[space]', 'the space').default('default')),
  )
    .addOption(new Option('--provider <name>', 'who has the model').choices(providers))
    .option('--model <name>', "the model; without it the one of the server's settings for this provider")
    .option('--dimensions <n>', 'of its vectors; without it as many as the model gives', readNumber)
    .option('--rate <n>', 'texts a second at most; without it two thirds of the time are left to requests', readNumber)
    .addOption(new Option('--cancel', 'stay with the model that the space has').conflicts(['provider', 'model']))
    .addHelpText(
      'after',
      `
Queries are answered by the old model until every memory has a vector of the new one, then by the new.
Once begun it goes on in the server, and after a restart: Ctrl-C only stops watching, and the same
command watches again.
Without --provider or --cancel it shows how far a space is.

Examples:
  anima reembed ada --provider ollama --model mxbai-embed-large
  anima reembed ada --provider openai --dimensions 512 --rate 50
  anima reembed ada --cancel`,
    )
    .action(run);
}

async function run(space: string, options: ReembedOptions): Promise<void> {
  const { url, provider, cancel, json } = options;
  const isQuiet = json === true;
  if (provider === undefined) {
    const state = await withServer({ url, isQuiet }, ({ client }) =>
      cancel ? client.spaces.cancelReembed.mutate({ space }) : client.spaces.describe.query({ space }),
    );
    if (isQuiet) return printJson(state);
    process.stdout.write(`${renderState(state)}\n`);
    return;
  }
  const request = requestOf(space, provider, options);
  const report = await withServer({ url, isQuiet }, ({ client }) => begin(client, request, isQuiet));
  if (isQuiet) printJson(report);
  else process.stdout.write(`${renderReport(report)}\n`);
  if (report.outcome === 'cancelled') process.exitCode = exitCodes.failed;
}

function requestOf(
  space: string,
  provider: ReembedRequest['provider'],
  { model, dimensions, rate }: ReembedOptions,
): ReembedRequest {
  return {
    ...{ space, provider },
    ...(model === undefined ? {} : { model }),
    ...(dimensions === undefined ? {} : { dimensions }),
    ...(rate === undefined ? {} : { textsPerSecond: rate }),
  };
}

async function begin(client: AnimaClient, request: ReembedRequest, isQuiet: boolean): Promise<ReembedReport> {
  return follow(await client.spaces.reembed.mutate(request), isQuiet);
}

/** Shows how far it is. */
async function follow(steps: AsyncIterable<ReembedStep>, isQuiet: boolean): Promise<ReembedReport> {
  let bar: Progress | undefined;
  try {
    for await (const step of steps) {
      if (step.type === 'report') return step.report;
      if (isQuiet) continue;
      const { model, done, total } = step.progress;
      bar ??= startProgress(`Embedding with ${model.name}`, total);
      bar.update(Math.min(done, total), noteOf(step.progress));
    }
  } finally {
    bar?.stop();
  }
  throw new Error('the server stopped telling how far it is; it goes on, and the same command watches again');
}

function noteOf({ done, total, failed, problem }: Reembedding): string {
  if (problem !== null) return `held up: ${problem}`;
  return `${done} of ${total} memories${failed > 0 ? `, ${failed} refused` : ''}`;
}

function renderReport({ space, model, outcome, memories, failed }: ReembedReport): string {
  const name = nameOf(model);
  if (outcome === 'unchanged') return `${dim('Nothing to do:')} ${space} has ${name} already.`;
  if (outcome === 'cancelled') return `${warn('Given up:')} ${space} keeps the model it had.`;
  const refused = failed > 0 ? ` The model refused ${failed}: their words find them, and they are tried again.` : '';
  return `${good(`${space} has ${name} now`)}: ${memories} memories.${refused}`;
}

function renderState({
  space,
  model,
  reembedding,
}: {
  readonly space: string;
  readonly model: ReembedReport['model'];
  readonly reembedding: Reembedding | null;
}): string {
  const state = `${bold(space)} has ${nameOf(model)}.`;
  return reembedding ? `${state} On its way to ${nameOf(reembedding.model)}: ${noteOf(reembedding)}.` : state;
}

function nameOf({ provider, name, dimensions }: ReembedReport['model']): string {
  return `${provider} ${name}, ${dimensions} dimensions`;
}
