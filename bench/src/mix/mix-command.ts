import { Command } from 'commander';
import { pick, type Random, seededRandom } from '../random.ts';
import { readCount } from '../read-count.ts';
import { addReportOptions, finish, type ReportOptions } from '../report/finish.ts';
import type { Findings } from '../report/report.ts';
import { versionsOf } from '../report/versions.ts';
import { settle } from '../settle.ts';
import { addTargetOptions, type Target, type TargetOptions, withTarget } from '../target.ts';
import { dialogue, repeatedQueries } from './dialogue.ts';
import { fill } from './fill.ts';
import { describeLoad } from './load-report.ts';
import { measureLoad } from './measure-load.ts';
import { inWords, type P95Targets } from './operations.ts';

const warmUpMs = 5_000;
const seed = 20_261_121;

/** What the reference system is held to under this load. */
const limits = { p95Ms: { add: 200, query: 400, bootstrap: 250 } satisfies P95Targets, errorShare: 0.01 };

interface MixOptions extends TargetOptions, ReportOptions {
  readonly users: number;
  /** Seconds. */
  readonly duration: number;
  readonly memories: number;
}

export function mixCommand(): Command {
  const command = new Command('mix').description(
    'The load of the reference system: 20 % add, 60 % query, 20 % bootstrap, a second of thought in between.',
  );
  return addReportOptions(addTargetOptions(command))
    .option('--users <n>', 'how many at a time', readCount, 50)
    .option('--duration <s>', 'how long it is measured, seconds', readCount, 60)
    .option('--memories <n>', 'how many the space holds before', readCount, 10_000)
    .addHelpText(
      'after',
      `
Exit code 1 when 1 % of the requests fail or a p95 is above its limit: ${inWords(limits.p95Ms)}.

Examples:
  bench mix
  bench mix --users 50 --duration 60 --engine postgres --database-url postgres://localhost/anima`,
    )
    .action(run);
}

async function run(options: MixOptions): Promise<void> {
  await finish(await withTarget(options, (target) => measure(target, options)), options);
}

async function measure(target: Target, { users, duration, memories }: MixOptions): Promise<Findings> {
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
  const { measures, failures, blocks } = describeLoad(`${users} users`, measured, limits);
  return {
    bench: 'mix',
    title: `The reference load: ${users} users on ${memories} memories`,
    settings: { target: target.description, users, durationSeconds: duration, memories, warmUpMs, seed },
    versions: await versionsOf(client),
    measures: [
      ...measures,
      { name: 'events not folded at the end', value: folds.lagEvents, unit: 'count', better: 'lower' },
      { name: 'memories not embedded at the end', value: embeddings.pending, unit: 'count', better: 'lower' },
      { name: 'folded after', value: drainMs, unit: 'ms', better: 'lower' },
    ],
    ...{ failures, blocks },
    data: measured,
  };
}
