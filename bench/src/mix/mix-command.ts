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
import { lengthOf, referenceStages, usersAt } from './stages.ts';

const seed = 20_261_121;

/** What the reference system is held to under this load. */
const limits = {
  p95Ms: { add: 200, query: 400, bootstrap: 250 } satisfies P95Targets,
  ...{ overallP95Ms: 400, errorShare: 0.01 },
};

interface MixOptions extends TargetOptions, ReportOptions {
  readonly users: number;
  readonly fast?: true;
  readonly memories: number;
}

export function mixCommand(): Command {
  const command = new Command('mix').description(
    'The load of the reference system: 20 % add, 60 % query, 20 % bootstrap, a second of thought in between.',
  );
  return addReportOptions(addTargetOptions(command))
    .option('--users <n>', 'how many at its highest', readCount, 50)
    .option('--fast', 'the same stages, in an eighth of the time')
    .option('--memories <n>', 'how many the space holds before', readCount, 10_000)
    .addHelpText(
      'after',
      `
In 30 s to a fifth of the users, in 60 s to all of them, 120 s with all, and gone in 30 s. Exit code 1 when more than
1 % of the requests fail or a p95 is above its limit: ${inWords(limits.p95Ms)}, all together ${limits.overallP95Ms} ms.

Examples:
  bench mix
  bench mix --fast --engine postgres --database-url postgres://localhost/anima`,
    )
    .action(run);
}

async function run(options: MixOptions): Promise<void> {
  await finish(await withTarget(options, (target) => measure(target, options)), options);
}

async function measure(target: Target, { users, fast, memories }: MixOptions): Promise<Findings> {
  const { client, url } = target;
  // One name for the same texts, so that a database that was filled once can be measured again.
  const space = `mix-${seed}-${memories}`;
  const turns = dialogue(seededRandom(seed));
  const nextTurn = () => turns.next().value;
  await fill(target, space, memories, nextTurn);

  const isFast = fast === true;
  const stages = referenceStages(users, isFast);
  const load = {
    ...{ baseUrl: url, space, users, seed, nextTurn, durationMs: 1_000 * lengthOf(stages) },
    usersAt: (elapsedMs: number) => usersAt(stages, elapsedMs / 1_000),
    nextQuery: (random: Random) => pick(random, repeatedQueries),
  };
  const measured = await measureLoad('Measuring', load, 0);
  const { folds, embeddings } = await client.meta.metrics.query();
  const drainMs = await settle(client, 'folds', 'Folding');
  const { measures, failures, blocks } = describeLoad(`up to ${users} users`, measured, limits);
  return {
    bench: 'mix',
    title: `The reference load: up to ${users} users on ${memories.toLocaleString('en-US')} memories`,
    settings: { target: target.description, users, isFast, durationSeconds: lengthOf(stages), memories, seed },
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
