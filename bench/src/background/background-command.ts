import { startProgress } from '@anima/client/node/progress';
import Table from 'cli-table3';
import { Command } from 'commander';
import { machine } from '../machine.ts';
import { dialogue, repeatedQueries } from '../mix/dialogue.ts';
import { fill } from '../mix/fill.ts';
import { seededRandom } from '../random.ts';
import { readCount } from '../read-count.ts';
import { writeResult } from '../result-file.ts';
import { settle } from '../settle.ts';
import { addTargetOptions, type Target, type TargetOptions, withTarget } from '../target.ts';
import { type Work, works } from './works.ts';

/** What is left of the throughput of queries while other work is done, at least. */
const leastShare = 2 / 3;

const seed = 20_261_122;

interface BackgroundOptions extends TargetOptions {
  readonly memories: number;
  readonly connections: number;
  /** Seconds. */
  readonly window: number;
  readonly rounds: number;
  readonly json?: string;
}

export function backgroundCommand(): Command {
  return addTargetOptions(
    new Command('background').description('How many queries are answered while other work is done.'),
  )
    .option('--memories <n>', 'how many the space holds', readCount, 2_000)
    .option('--connections <n>', 'how many ask at a time, without a pause', readCount, 8)
    .option('--window <s>', 'how long each is measured in a row, seconds', readCount, 5)
    .option('--rounds <n>', 'how often each is measured, in turns with nothing else being done', readCount, 5)
    .option('--json <file>', 'where the result goes (default: bench/results/background-ENGINE-TIME.json)')
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
  const result = await withTarget(options, (target) => measure(target, options));
  process.stdout.write(`${render(result)}\n`);
  await writeResult(result, options.json);
  if (!result.works.every(({ share }) => share >= leastShare)) process.exitCode = 1;
}

async function measure(target: Target, { memories, connections, window, rounds }: BackgroundOptions) {
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
  return {
    bench: 'background',
    at: new Date().toISOString(),
    settings: { target: target.description, memories, connections, windowSeconds: window, rounds, seed },
    machine: machine(),
    works: measured.map(({ name, plain, beside }) => ({
      name,
      plain: median(plain),
      beside: median(beside),
      // Of neighbours in time: the machine is not as fast all the time.
      share: median(plain.map((rate, round) => (beside[round] ?? 0) / rate)),
    })),
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

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

type BackgroundResult = Awaited<ReturnType<typeof measure>>;

function render({ settings, works: measured }: BackgroundResult): string {
  const table = new Table({
    head: ['while', 'queries/s', 'of', 'share', ''],
    colAligns: ['left', 'right', 'right', 'right', 'left'],
    style: { head: [], border: [], compact: true },
  });
  for (const { name, plain, beside, share } of measured) {
    const verdict = share >= leastShare ? '✓' : '✗ FAIL';
    table.push([name, beside.toFixed(1), plain.toFixed(1), `${Math.round(100 * share)} %`, verdict]);
  }
  return `${settings.target}, ${settings.memories} memories, ${settings.connections} callers\n${table.toString()}`;
}
