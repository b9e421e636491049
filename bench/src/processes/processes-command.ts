import { startProgress } from '@anima/client/node/progress';
import { verifyProjections } from '@anima/client/node/verify-projections';
import { analyzeDatabase, createDatabase } from '@anima/store/database';
import { Command, Option } from 'commander';
import { startModelServer } from '../cold/model-server.ts';
import { dialogue } from '../mix/dialogue.ts';
import { seededRandom } from '../random.ts';
import { readCount } from '../read-count.ts';
import { addReportOptions, finish, type ReportOptions } from '../report/finish.ts';
import type { Findings } from '../report/report.ts';
import { versionsOf } from '../report/versions.ts';
import { settle } from '../settle.ts';
import { withOwnServer } from '../target.ts';
import { startFleet } from './fleet.ts';
import { type Measured, measureCount } from './measure-count.ts';
import { describeProcesses } from './processes-report.ts';

const seed = 20_261_122;

interface ProcessesOptions extends ReportOptions {
  readonly databaseUrl?: string;
  readonly spaces: number;
  readonly memories: number;
  readonly connections: number;
  readonly counts: readonly number[];
  readonly duration: number;
  readonly rounds: number;
}

export function processesCommand(): Command {
  return addReportOptions(
    new Command('processes').description('One, two and four processes that answer, and as many that work.'),
  )
    .addOption(new Option('--database-url <url>', 'a server on which it may make databases').env('DATABASE_URL'))
    .option('--spaces <n>', 'spaces, on as many shards or fewer', readCount, 40)
    .option('--memories <n>', 'memories of each space', readCount, 100)
    .option('--connections <n>', 'of the load, over all processes', readCount, 32)
    .option('--counts <list>', 'how many processes of each kind', readCounts, [1, 2, 4])
    .option('--duration <s>', 'how long each part takes, seconds', readCount, 6)
    .option('--rounds <n>', 'rounds, in turns', readCount, 2)
    .addHelpText(
      'after',
      `
The mix is sent to all processes that answer, while the workers fold. Then the workers are held, recalls pile up, and are
let go: how fast the backlog is folded, and how much of it by each. Every measurement has a copy of the same database.

Exit code 1 when a request failed or a replay of the log differs.

Example:
  bench processes --database-url postgres://localhost/postgres`,
    )
    .action(async (options: ProcessesOptions) => finish(await measure(options), options));
}

function readCounts(list: string): readonly number[] {
  return list.split(',').map(readCount);
}

async function measure(options: ProcessesOptions): Promise<Findings> {
  const { databaseUrl, spaces: spaceCount, memories, connections, counts, duration, rounds } = options;
  if (!databaseUrl) throw new Error('processes needs --database-url or DATABASE_URL');
  await using stack = new AsyncDisposableStack();
  const model = stack.use(await startModelServer());
  const filled = stack.use(await createDatabase(databaseUrl, 'processes'));
  const settings = {
    ...{ EMBEDDING_PROVIDER: 'ollama', OLLAMA_URL: model.url, OLLAMA_MODEL: 'bench-processes' },
    // What they can do at most, whatever each request has to wait; eight of them share what a server allows.
    ...{ SHED_ABOVE_MS: '0', DB_POOL_MAX: '12' },
  };
  const spaces = Array.from({ length: spaceCount }, (_, index) => `processes-${index}`);
  const turns = dialogue(seededRandom(seed));
  const nextContent = () => turns.next().value.content;
  const versions = await withOwnServer({ ...settings, DATABASE_URL: filled.url }, 'postgres', async ({ client }) => {
    const bar = startProgress('Filling', spaceCount);
    for (const [index, space] of spaces.entries()) {
      const contents = Array.from({ length: memories }, () => ({ content: nextContent() }));
      await client.memories.addMany.mutate({ memories: contents, space });
      bar.update(index + 1);
    }
    bar.stop();
    await settle(client, 'embeddings', 'Embedding');
    await settle(client, 'folds', 'Folding');
    return versionsOf(client);
  });
  await analyzeDatabase(filled.url);

  const measured = counts.map((count) => ({ count, rounds: [] as Measured[] }));
  let differences = 0;
  const bar = startProgress('Rounds', rounds * measured.length);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, result] of measured.entries()) {
      const random = seededRandom(seed + round);
      await using copy = await createDatabase(databaseUrl, `processes_${result.count}_${round}`, filled.name);
      await using fleet = await startFleet({ ...settings, DATABASE_URL: copy.url }, result.count);
      const plan = { spaces, connections, seconds: duration, random, nextContent };
      result.rounds.push(await measureCount(fleet, plan));
      if (round === 0) differences += (await verifyProjections(fleet.client)).differences;
      bar.update(round * measured.length + index + 1, `${result.count} and ${result.count}`);
    }
  }
  bar.stop();
  const { failures = [], ...described } = describeProcesses(measured);
  return {
    ...{ bench: 'processes', title: 'One, two and four processes that answer, and as many that work' },
    settings: {
      target: 'postgres',
      spaces: spaceCount,
      memories,
      connections,
      durationSeconds: duration,
      rounds,
      seed,
    },
    versions,
    isHeld: true,
    ...described,
    failures: [...failures, ...(differences > 0 ? [`a replay of the log differs in ${differences} rows`] : [])],
    data: measured.map(({ count, rounds: all }) => ({
      count,
      rounds: all.map(({ mix, backlog }) => ({ backlog, seconds: mix.seconds, histogram: mix.latencies.encode() })),
    })),
  };
}
