import { startProgress } from '@anima/client/node/progress';
import { Command } from 'commander';
import { median } from '../median.ts';
import { dialogue, repeatedQueries } from '../mix/dialogue.ts';
import { fill } from '../mix/fill.ts';
import { seededRandom } from '../random.ts';
import { readCount } from '../read-count.ts';
import { addReportOptions, finish, type ReportOptions } from '../report/finish.ts';
import type { Findings } from '../report/report.ts';
import { versionsOf } from '../report/versions.ts';
import { settle } from '../settle.ts';
import { addTargetOptions, type Target, type TargetOptions, withTarget } from '../target.ts';
import { type Work, works } from './works.ts';

/** What is left of the throughput of queries while other work is done, at least. */
const leastShare = 2 / 3;

const seed = 20_261_122;

interface BackgroundOptions extends TargetOptions, ReportOptions {
  readonly memories: number;
  readonly connections: number;
  /** Seconds. */
  readonly window: number;
  readonly rounds: number;
}

export function backgroundCommand(): Command {
  const command = new Command('background').description('How many queries are answered while other work is done.');
  return addReportOptions(addTargetOptions(command))
    .option('--memories <n>', 'how many the space holds', readCount, 2_000)
    .option('--connections <n>', 'how many ask at a time, without a pause', readCount, 8)
    .option('--window <s>', 'how long each is measured in a row, seconds', readCount, 5)
    .option('--rounds <n>', 'how often each is measured, in turns with nothing else being done', readCount, 5)
    .addHelpText(
      'after',
      `
Exit code 1 when less than two thirds of the throughput is left while something else is done.

Examples:
  bench background
  bench background --engine postgres --database-url postgres://localhost/anima`,
    )
    .action(run);
}

async function run(options: BackgroundOptions): Promise<void> {
  await finish(await withTarget(options, (target) => measure(target, options)), options);
}

async function measure(
  target: Target,
  { memories, connections, window, rounds }: BackgroundOptions,
): Promise<Findings> {
  const { client } = target;
  const space = `background-${seed}-${memories}`;
  const turns = dialogue(seededRandom(seed));
  await fill(target, space, memories, () => turns.next().value);
  const load = { client, space, connections };
  // Something to replay, and warm caches.
  await queriesPerSecond(load, window);
  await settle(client, 'folds', 'Folding');

  const bar = startProgress('Measuring', rounds * works.length);
  const measured: { name: string; plain: number[]; beside: number[] }[] = [];
  for (const [index, work] of works.entries()) {
    const rates = { name: work.name, plain: [] as number[], beside: [] as number[] };
    for (let round = 0; round < rounds; round += 1) {
      rates.plain.push(await queriesPerSecond(load, window));
      rates.beside.push(await besideWork(work, target, space, () => queriesPerSecond(load, window)));
      bar.update(index * rounds + round + 1, work.name);
    }
    measured.push(rates);
  }
  bar.stop();
  const results = measured.map(({ name, plain, beside }) => ({
    name,
    plain: median(plain),
    beside: median(beside),
    // Of neighbours in time: the machine is not as fast all the time.
    share: median(plain.map((rate, round) => (beside[round] ?? 0) / rate)),
  }));
  return {
    bench: 'background',
    title: 'Queries while a server does something else',
    settings: { target: target.description, memories, connections, windowSeconds: window, rounds, seed },
    versions: await versionsOf(client),
    measures: results.map(({ name, share }) => ({
      ...{ name: `throughput left while ${name}`, value: share, unit: 'share', better: 'higher', target: leastShare },
    })),
    blocks: [
      {
        kind: 'bars',
        title: 'Queries a second',
        y: { label: 'queries/s', scale: 'linear' },
        series: ['nothing else', 'beside it'],
        groups: results.map(({ name, plain, beside }) => ({ name, values: [plain, beside] })),
        note: 'Medians; the share above is that of neighbours in time.',
      },
    ],
    data: measured,
  };
}

/** Measures while a piece of work is done, again and again if it is short. */
async function besideWork(work: Work, target: Target, space: string, measureRate: () => Promise<number>) {
  let isOver = false;
  const working = (async () => {
    while (!isOver) await work.run(target, space, () => isOver);
  })();
  try {
    return await measureRate();
  } finally {
    isOver = true;
    await working;
  }
}

/** What callers get who ask one after the other, without a pause. */
async function queriesPerSecond(
  { client, space, connections }: { client: Target['client']; space: string; connections: number },
  seconds: number,
): Promise<number> {
  const until = performance.now() + 1_000 * seconds;
  let answered = 0;
  const callers = Array.from({ length: connections }, async (_, caller) => {
    for (let turn = caller; performance.now() < until; turn += 1) {
      const query = repeatedQueries[turn % repeatedQueries.length] ?? '';
      await client.memories.query.mutate({ query, space, conversationId: `caller ${caller}` });
      if (performance.now() < until) answered += 1;
    }
  });
  await Promise.all(callers);
  return answered / seconds;
}
