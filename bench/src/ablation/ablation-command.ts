import { openEmbedder } from '@anima/embeddings';
import { quietLog } from '@anima/store/measured';
import { Command } from 'commander';
import { startModelServer } from '../cold/model-server.ts';
import { readCount } from '../read-count.ts';
import { addReportOptions, finish, type ReportOptions } from '../report/finish.ts';
import type { Findings } from '../report/report.ts';
import { versionsOfDatabase } from '../report/versions-of-database.ts';
import { addEngineOptions, type TargetOptions } from '../target.ts';
import { describeAblation } from './ablation-report.ts';
import { comparisons } from './comparisons.ts';
import { openDatabases } from './databases.ts';
import { fillStore } from './fill-store.ts';
import { measureAll } from './measure.ts';
import { uncachedEmbedder } from './uncached-embedder.ts';

const seed = 20_261_122;
const space = 'ablation';

/** No real one. */
const modelName = 'bench-ablation';

interface AblationOptions extends Omit<TargetOptions, 'url'>, ReportOptions {
  readonly memories: number;
  readonly queries: number;
  readonly callers: number;
  /** Seconds. */
  readonly window: number;
  readonly rounds: number;
  /** Milliseconds. */
  readonly modelDelay: number;
  readonly only?: readonly string[];
}

export function ablationCommand(): Command {
  return addReportOptions(
    addEngineOptions(
      new Command('ablation').description('What each fix is worth: the old way in its place, against the same data.'),
    ),
  )
    .option('--memories <n>', 'how many the space holds', readCount, 10_000)
    .option('--queries <n>', 'how many were asked before', readCount, 1_000)
    .option('--callers <n>', 'how many ask at a time, without a pause', readCount, 8)
    .option('--window <s>', 'how long each way is measured in a row, seconds', readCount, 4)
    .option('--rounds <n>', 'how often each way is measured, in turns with the other', readCount, 2)
    .option('--model-delay <ms>', 'what a slow model takes for a call', readCount, 2_000)
    .option('--only <words...>', 'only what is turned back by these names')
    .addHelpText(
      'after',
      `
Both ways run in this process, over a store of their own: what HTTP adds is left out on both sides. With --engine
postgres it makes two databases beside the one that is named, and drops them at the end.

Exit code 1 when a p95 of today, with the slow model, is above its target.

Examples:
  bench ablation --engine postgres --database-url postgres://localhost/postgres
  bench ablation --only everything --callers 50`,
    )
    .action(run);
}

async function run(options: AblationOptions): Promise<void> {
  await finish(await measure(options), options);
}

async function measure(options: AblationOptions): Promise<Findings> {
  const { engine, databaseUrl, memories, queries, callers, window, rounds, modelDelay } = options;
  if (engine === 'postgres' && !databaseUrl) throw new Error('--engine postgres needs --database-url or DATABASE_URL');
  await using stack = new AsyncDisposableStack();
  const model = stack.use(await startModelServer());
  const embedder = await openEmbedder({
    ...{ provider: 'ollama', url: model.url, model: modelName },
    ...{ cache: { max: 10_000, ttlMs: 3_600_000 }, log: quietLog },
  });
  stack.defer(() => embedder.close());
  const databases = await openDatabases(stack, {
    databaseUrl: engine === 'postgres' ? databaseUrl : undefined,
    model: embedder.model,
    fill: async (measured) => {
      await measured.store.startWorkers(embedder);
      await fillStore(measured, { embedder, space, memories, queries, seed });
    },
  });
  const [full] = databases.all;
  if (!full) throw new Error('there is no database');
  for (const { store } of databases.workers) await store.startWorkers(embedder);
  const wanted = comparisons
    // One process with one connection has no pool.
    .filter(({ without }) => engine === 'postgres' || without.some((fix) => fix !== 'pool'))
    .filter(({ name }) => options.only === undefined || options.only.includes(name));
  const compared = await measureAll(wanted, {
    ...{ databases, model, embedder, uncached: uncachedEmbedder(model.url, embedder.model), space },
    ...{ slowMs: modelDelay, callers, windowMs: 1_000 * window, rounds, seed: seed + 1 },
  });
  return {
    ...{ bench: 'ablation', title: 'What each fix is worth: the old way in its place, on the same data' },
    settings: {
      ...{ target: engine, memories, queries, callers, windowSeconds: window, rounds, modelDelayMs: modelDelay, seed },
    },
    versions: await versionsOfDatabase(full, `${modelName}, a bag of words`),
    ...describeAblation(compared),
  };
}
