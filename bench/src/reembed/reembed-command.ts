import { Command } from 'commander';
import { startModelServer } from '../cold/model-server.ts';
import { dialogue, questions } from '../mix/dialogue.ts';
import { fill } from '../mix/fill.ts';
import { seededRandom } from '../random.ts';
import { readCount } from '../read-count.ts';
import { tableOf } from '../report/blocks.ts';
import { addReportOptions, finish, type ReportOptions } from '../report/finish.ts';
import type { Findings } from '../report/report.ts';
import { versionsOf } from '../report/versions.ts';
import { addEngineOptions, type Target, type TargetOptions, withTarget } from '../target.ts';

const seed = 20_261_122;

/** What is left of the queries' throughput while a space is reembedded, at least. */
const leastShare = 2 / 3;

interface ReembedOptions extends TargetOptions, ReportOptions {
  readonly users: number;
  /** Seconds, of each period. */
  readonly duration: number;
  readonly memories: number;
  readonly rounds: number;
  readonly rate?: number;
}

export function reembedCommand(): Command {
  const command = new Command('reembed').description(
    'Queries without pause, with and without a reembedding by the builtin model, which shares the processor.',
  );
  return addReportOptions(addEngineOptions(command))
    .option('--users <n>', 'who ask, each a query at a time', readCount, 8)
    .option('--duration <s>', 'how long each period is measured, seconds', readCount, 15)
    .option('--memories <n>', 'of the space: it must take longer than a period', readCount, 2_000)
    .option('--rounds <n>', 'how often both are measured, in turns', readCount, 3)
    .option('--rate <n>', 'texts a second at most', readCount)
    .addHelpText(
      'after',
      `
Exit code 1 when a third of the throughput or more is gone, or a query fails.

Examples:
  bench reembed
  bench reembed --engine postgres --database-url postgres://… --rounds 5`,
    )
    .action(run);
}

async function run(options: ReembedOptions): Promise<void> {
  await using model = await startModelServer();
  // No real one, so that whatever else a database holds is never embedded with the vectors of this model.
  const settings = { EMBEDDING_PROVIDER: 'ollama', OLLAMA_URL: model.url, OLLAMA_MODEL: 'bench-reembed' };
  await finish(await withTarget(options, (target) => measure(target, options), settings), options);
}

interface Period {
  readonly isReembedding: boolean;
  readonly queriesPerSecond: number;
  readonly degraded: number;
  readonly queries: number;
  /** Memories that were looked at meanwhile, a second. */
  readonly memoriesPerSecond: number;
}

async function measure(target: Target, { users, duration, memories, rounds, rate }: ReembedOptions): Promise<Findings> {
  const turns = dialogue(seededRandom(seed));
  const space = `reembed-${Date.now().toString(36)}`;
  await fill(target, space, memories, () => turns.next().value);
  const asked = questions(seededRandom(seed));
  const ask = (durationMs: number) =>
    askWithoutPause(target, { space, users, durationMs, next: () => asked.next().value });
  await ask(3_000);

  const periods: Period[] = [];
  for (let round = 0; round < rounds; round += 1) {
    periods.push({ isReembedding: false, memoriesPerSecond: 0, ...(await ask(1_000 * duration)) });
    const watching = watch(target, { space, ...(rate === undefined ? {} : { textsPerSecond: rate }) });
    await watching.begun;
    const doneBefore = watching.done();
    const during = await ask(1_000 * duration);
    if (watching.hasEnded()) throw new Error('it was done before the period was: give it more --memories');
    const memoriesPerSecond = (watching.done() - doneBefore) / duration;
    await target.client.spaces.cancelReembed.mutate({ space });
    await watching.ended;
    periods.push({ isReembedding: true, memoriesPerSecond, ...during });
  }
  const mean = (wanted: boolean) => {
    const of = periods.filter(({ isReembedding }) => isReembedding === wanted);
    return of.reduce((sum, { queriesPerSecond }) => sum + queriesPerSecond, 0) / of.length;
  };
  const share = mean(true) / mean(false);
  const sum = (field: 'queries' | 'degraded') => periods.reduce((total, period) => total + period[field], 0);
  return {
    bench: 'reembed',
    title: 'Queries while a space is reembedded',
    settings: {
      ...{ target: target.description, users, durationSeconds: duration, memories, rounds },
      ...{ rate: rate ?? null, seed },
    },
    versions: await versionsOf(target.client),
    measures: [
      { name: 'throughput left', value: share, unit: 'share', better: 'higher', target: leastShare },
      {
        ...{ name: 'degraded answers', value: sum('degraded') / sum('queries'), target: 0 },
        ...{ unit: 'share', better: 'lower' },
      },
    ],
    blocks: [
      tableOf(
        'Periods, in turns',
        ['period', 'queries/s', 'degraded', 'memories/s reembedded'],
        periods.map(({ isReembedding, queriesPerSecond, degraded, memoriesPerSecond }) => [
          ...[isReembedding ? 'during' : 'without', queriesPerSecond, degraded],
          isReembedding ? memoriesPerSecond : null,
        ]),
      ),
    ],
    data: { periods },
  };
}

/** Begins a reembedding and follows it. */
function watch({ client }: Target, request: { readonly space: string; readonly textsPerSecond?: number }) {
  const begun = Promise.withResolvers<void>();
  let done = 0;
  let hasEnded = false;
  const follow = async () => {
    for await (const step of await client.spaces.reembed.mutate({ ...request, provider: 'builtin' })) {
      if (step.type === 'progress') done = step.progress.done;
      begun.resolve();
    }
    hasEnded = true;
  };
  const ended = follow();
  ended.catch(begun.reject);
  return { begun: begun.promise, ended, done: () => done, hasEnded: () => hasEnded };
}

/** Users who ask their next question as soon as the last is answered. */
async function askWithoutPause(
  { client }: Target,
  { space, users, durationMs, next }: { space: string; users: number; durationMs: number; next: () => string },
): Promise<Pick<Period, 'queriesPerSecond' | 'degraded' | 'queries'>> {
  const startedAt = performance.now();
  let queries = 0;
  let degraded = 0;
  const user = async () => {
    while (performance.now() - startedAt < durationMs) {
      const answer = await client.memories.query.mutate({ query: next(), space, limit: 10 });
      queries += 1;
      if (answer.degraded) degraded += 1;
    }
  };
  await Promise.all(Array.from({ length: users }, user));
  return { queriesPerSecond: (1_000 * queries) / (performance.now() - startedAt), degraded, queries };
}
