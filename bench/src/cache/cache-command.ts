import { Command } from 'commander';
import { startModelServer } from '../cold/model-server.ts';
import { dialogue } from '../mix/dialogue.ts';
import { fill } from '../mix/fill.ts';
import { ownPlace } from '../own-place.ts';
import { seededRandom } from '../random.ts';
import { readAmount, readCount } from '../read-count.ts';
import { addReportOptions, finish, type ReportOptions } from '../report/finish.ts';
import type { Findings } from '../report/report.ts';
import { versionsOf } from '../report/versions.ts';
import { addEngineOptions, type Target, type TargetOptions, withTarget } from '../target.ts';
import { sizeOfCache } from './full-cache.ts';
import { runStream, shareKnown } from './skewed-stream.ts';

const seed = 20_261_122;
const space = 'cache';
const memories = 200;

/** No real one. */
const modelName = 'bench-cache';

/** What a full cache may take. */
const entries = 10_000;
const mostBytes = 100_000_000;

/** Known queries that a server is asked right after a restart. */
const known = 100;

interface CacheOptions extends Omit<TargetOptions, 'url'>, ReportOptions {
  readonly texts: number;
  readonly exponent: number;
  readonly queries: number;
  readonly callers: number;
  readonly modelDelay: number;
}

export function cacheCommand(): Command {
  return addReportOptions(
    addEngineOptions(
      new Command('cache').description('The cache of embeddings: what it hits, what it takes, what a restart leaves.'),
    ),
  )
    .option('--texts <n>', 'how many different queries there are', readCount, 5_000)
    .option('--exponent <s>', 'of the Zipf distribution that they are asked by', readAmount, 1)
    .option('--queries <n>', 'how many are asked', readCount, 10_000)
    .option('--callers <n>', 'how many ask at a time', readCount, 8)
    .option('--model-delay <ms>', 'what the model takes for a call', readCount, 20)
    .addHelpText(
      'after',
      `
Exit code 1 when ${entries.toLocaleString('en')} entries take ${mostBytes / 1_000_000} MB or more, or one of the ${known} queries asked most is unknown after a restart.

Example:
  bench cache --engine postgres --database-url postgres://localhost/postgres`,
    )
    .action(run);
}

async function run(options: CacheOptions): Promise<void> {
  await finish(await measure(options), options);
}

async function measure({ texts, exponent, queries, callers, modelDelay, ...options }: CacheOptions): Promise<Findings> {
  await using stack = new AsyncDisposableStack();
  const place = await ownPlace(stack, options, 'cache');
  const model = stack.use(await startModelServer());
  const size = await sizeOfCache(model.url, modelName, entries);
  const settings = {
    ...{ EMBEDDING_PROVIDER: 'ollama', OLLAMA_URL: model.url, OLLAMA_MODEL: modelName },
    EMBEDDING_CACHE_MAX: String(entries),
  };
  const onServer = <T>(work: (target: Target) => Promise<T>) => withTarget({ ...options, ...place }, work, settings);
  const { stream, versions } = await onServer(async (target) => {
    const turns = dialogue(seededRandom(seed));
    await fill(target, space, memories, () => turns.next().value);
    await model.become(modelDelay);
    const asked = { space, texts, exponent, queries, callers, seed };
    return { stream: await runStream(target, asked), versions: await versionsOf(target.client) };
  });
  const warmShare = await onServer((target) => shareKnown(target, space, stream.asked.slice(0, known)));
  const { hits, misses, best } = stream.total;
  return {
    ...{ bench: 'cache', title: 'The cache of embeddings' },
    settings: { target: options.engine, texts, exponent, queries, callers, modelDelayMs: modelDelay, memories, seed },
    versions,
    measures: [
      { name: 'hits of a skewed stream from cold', value: hits / (hits + misses), unit: 'share', better: 'higher' },
      { name: 'hits had every text been kept', value: best, unit: 'share', better: 'higher' },
      { name: `memory of ${entries} entries`, value: size, unit: 'bytes', better: 'lower', target: mostBytes },
      {
        ...{ name: `known after a restart, of the ${known} asked most`, value: warmShare },
        ...{ unit: 'share', better: 'higher', target: 1 },
      },
    ],
    blocks: [
      {
        ...{ kind: 'lines', title: 'Hit rate from cold' },
        x: { label: 'queries', scale: 'linear' },
        y: { label: 'share of hits', scale: 'linear' },
        series: [
          { name: 'hits', points: stream.hitRates.map(([asked, rate]) => [asked, rate]) },
          { name: 'had every text been kept', points: stream.best.map(([asked, rate]) => [asked, rate]) },
        ],
        note: `${texts} queries, the one at place n asked as often as 1 / n^${exponent}.`,
      },
    ],
    data: { hitRates: stream.hitRates, best: stream.best, total: stream.total },
  };
}
