import { Command } from 'commander';
import { machine } from '../machine.ts';
import { pick, type Random, seededRandom } from '../random.ts';
import { readCount } from '../read-count.ts';
import { writeResult } from '../result-file.ts';
import { settle } from '../settle.ts';
import { addTargetOptions, type Target, type TargetOptions, withTarget } from '../target.ts';
import { dialogue, repeatedQueries } from './dialogue.ts';
import { fill } from './fill.ts';
import { renderLoad, targets } from './load-report.ts';
import { measureLoad } from './measure-load.ts';

const warmUpMs = 5_000;
const seed = 20_261_121;

interface MixOptions extends TargetOptions {
  readonly users: number;
  /** Seconds. */
  readonly duration: number;
  readonly memories: number;
  readonly json?: string;
}

export function mixCommand(): Command {
  return addTargetOptions(
    new Command('mix').description(
      'The load of the reference system: 20 % add, 60 % query, 20 % bootstrap, a second of thought in between.',
    ),
  )
    .option('--users <n>', 'how many at a time', readCount, 50)
    .option('--duration <s>', 'how long it is measured, seconds', readCount, 60)
    .option('--memories <n>', 'how many the space holds before', readCount, 10_000)
    .option('--json <file>', 'where the result goes (default: bench/results/mix-ENGINE-TIME.json)')
    .addHelpText(
      'after',
      `
Exit code 1 when a request fails or a p95 is above its target: ${targets()}.

Examples:
  bench mix
  bench mix --users 50 --duration 60 --engine postgres --database-url postgres://localhost/anima`,
    )
    .action(run);
}

async function run(options: MixOptions): Promise<void> {
  const result = await withTarget(options, (target) => measure(target, options));
  process.stdout.write(`${render(result)}\n`);
  await writeResult(result, options.json);
  if (!result.operations.every(({ isWithinTarget }) => isWithinTarget)) process.exitCode = 1;
}

async function measure(target: Target, { users, duration, memories }: MixOptions) {
  const { client, url } = target;
  // One name for the same texts, so that a database that was filled once can be measured again.
  const space = `mix-${seed}-${memories}`;
  const turns = dialogue(seededRandom(seed));
  const nextTurn = () => turns.next().value;
  await fill(target, space, memories, nextTurn);

  const load = {
    ...{ baseUrl: url, space, users, seed, nextTurn, durationMs: 1_000 * duration },
    nextQuery: (random: Random) => pick(random, repeatedQueries),
  };
  const measured = await measureLoad('Measuring', load, warmUpMs);
  const { folds, embeddings } = await client.meta.metrics.query();
  const drainMs = await settle(client, 'folds', 'Folding');
  const { version } = await client.meta.health.query();
  return {
    bench: 'mix',
    at: new Date().toISOString(),
    settings: { target: target.description, users, durationSeconds: duration, memories, warmUpMs, seed },
    machine: machine(),
    server: { version, embeddings: { ...embeddings, pending: undefined } },
    ...measured,
    atTheEnd: {
      foldLagEvents: folds.lagEvents,
      foldLagMs: folds.lagMs,
      drainMs,
      pendingEmbeddings: embeddings.pending,
    },
  };
}

type MixResult = Awaited<ReturnType<typeof measure>>;

function render({ settings, atTheEnd, ...measured }: MixResult): string {
  return [
    `${settings.target}, ${settings.users} users, ${settings.memories} memories, ${settings.durationSeconds} s`,
    renderLoad(measured),
    `at the end ${atTheEnd.foldLagEvents} events were not folded yet, ${atTheEnd.pendingEmbeddings} memories not embedded; ` +
      `folded after ${Math.round(atTheEnd.drainMs)} ms`,
  ].join('\n');
}
