import { rm } from 'node:fs/promises';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { startProgress } from '@anima/client/node/progress';
import type { Embedder } from '@anima/core';
import { openEmbedder } from '@anima/embeddings';
import { Corpus } from '@anima/store/corpus';
import { dropDatabase, keepDatabase } from '@anima/store/database';
import { quietLog } from '@anima/store/measured';
import { Command } from 'commander';
import { startModelServer } from '../cold/model-server.ts';
import type { Place } from '../own-place.ts';
import { seededRandom } from '../random.ts';
import { readAmount, readCount, sizesInsteadOf } from '../read-count.ts';
import { addReportOptions, finish, type ReportOptions } from '../report/finish.ts';
import type { Findings } from '../report/report.ts';
import { versionsOf } from '../report/versions.ts';
import { addEngineOptions, type TargetOptions, withTarget } from '../target.ts';
import { grow } from './grow.ts';
import { measureRecall } from './measure-recall.ts';
import { measureSize } from './measure-size.ts';
import { type AtSize, describeScale, type Skipped } from './scale-report.ts';

const seed = 20_261_122;
const defaultSizes: readonly number[] = [1_000, 10_000, 100_000, 1_000_000];

/** The embedded engine indexes vectors on one thread, in the process that answers. */
const mostEmbedded = 100_000;

/** No real one. */
const modelName = 'bench-scale';

/** Of what stays from run to run. */
const keptName = 'anima_bench_scale';

interface ScaleOptions extends Omit<TargetOptions, 'url'>, ReportOptions {
  readonly sizes: readonly number[];
  readonly callers: number;
  /** Seconds. */
  readonly window: number;
  /** Minutes. */
  readonly within: number;
  readonly drop?: true;
}

export function scaleCommand(): Command {
  return addReportOptions(
    addEngineOptions(new Command('scale').description('How everything grows with the number of memories of a space.')),
  )
    .option('--sizes <n...>', 'memories, each more than the one before', sizesInsteadOf(defaultSizes), defaultSizes)
    .option('--callers <n>', 'how many ask at a time for the throughput', readCount, 8)
    .option('--window <s>', 'how long each operation is measured in a row, seconds', readAmount, 5)
    .option('--within <minutes>', 'a size that would take longer than what is left of this is left out', readAmount, 60)
    .option('--drop', 'leave nothing for the next run to go on with')
    .addHelpText(
      'after',
      `
What was made stays, in the database ${keptName} beside the one that is named or in a folder of that name, and a
run goes on from there. The embedded engine is measured up to ${mostEmbedded.toLocaleString('en')} memories.

Exit code 1 when the p95 of a query at 1,000,000 is more than twice that at 10,000.

Examples:
  bench scale --engine postgres --database-url postgres://localhost/postgres
  bench scale --sizes 1000 10000 100000 --within 20`,
    )
    .action(run);
}

async function run(options: ScaleOptions): Promise<void> {
  await finish(await measure(options), options);
}

async function measure(options: ScaleOptions): Promise<Findings> {
  await using stack = new AsyncDisposableStack();
  const corpus = new Corpus(seededRandom(seed));
  corpus.learnWords();
  const model = stack.use(await startModelServer((text) => [...corpus.vectorOf(corpus.read(text))]));
  const cache = { max: 1_000, ttlMs: 60_000 };
  const embedder = await openEmbedder({ provider: 'ollama', url: model.url, model: modelName, cache, log: quietLog });
  stack.defer(() => embedder.close());
  const place = await keptPlace(stack, options);
  const { engine, sizes, callers, window, within } = options;
  const settings = {
    ...{ EMBEDDING_PROVIDER: 'ollama', OLLAMA_URL: model.url, OLLAMA_MODEL: modelName },
    // It would compare each memory with all others, for hours.
    SEMANTIC_CONSOLIDATION: 'false',
  };
  const { measured, skipped, versions } = await measureSizes({ place, embedder, corpus, settings }, options);
  return {
    ...{ bench: 'scale', title: `From ${sizes.at(0)} to ${measured.at(-1)?.size ?? 0} memories` },
    settings: {
      ...{ target: engine, sizes: sizes.join(', '), callers, windowSeconds: window, withinMinutes: within, seed },
    },
    versions,
    ...describeScale(measured, skipped),
  };
}

async function keptPlace(stack: AsyncDisposableStack, { engine, databaseUrl, drop }: ScaleOptions): Promise<Place> {
  if (engine === 'postgres') {
    if (!databaseUrl) throw new Error('--engine postgres needs --database-url or DATABASE_URL');
    if (drop) stack.defer(() => dropDatabase(databaseUrl, keptName));
    // The graph of a million vectors has 2 GB; in less it is built many times slower.
    const memory = Math.max(1, Math.min(4, Math.floor(totalmem() / 2 ** 30 / 5)));
    return { databaseUrl: await keepDatabase(databaseUrl, keptName, `${memory}GB`) };
  }
  const folder = join(tmpdir(), keptName);
  if (drop) stack.defer(() => rm(folder, { recursive: true, force: true }));
  return { databaseUrl: undefined, folder };
}

interface Parts {
  readonly place: Place;
  readonly embedder: Embedder;
  readonly corpus: Corpus;
  readonly settings: NodeJS.ProcessEnv;
}

async function measureSizes({ settings, ...parts }: Parts, options: ScaleOptions) {
  const { sizes, callers, window, within, engine } = options;
  const startedAt = performance.now();
  const minutes = () => (performance.now() - startedAt) / 60_000;
  const measured: AtSize[] = [];
  const skipped: Skipped[] = [];
  let versions: Findings['versions'] = {};
  for (const size of sizes) {
    const why = reasonToSkip(size, { engine, left: within - minutes(), last: measured.at(-1) });
    if (why !== undefined) {
      process.stderr.write(`${size} memories are left out: ${why}\n`);
      skipped.push({ size, why });
      continue;
    }
    const bar = startProgress(`Growing to ${size}`, size);
    const grown = await grow({ ...parts, size, onProgress: (done) => bar.update(done, `${done} memories`) });
    bar.stop();
    const asked = { corpus: parts.corpus, batches: Math.ceil(size / 500), seed: seed + size };
    const recalls = await measureRecall({ ...asked, place: parts.place, model: parts.embedder.model });
    const server = await withTarget(
      { engine, ...parts.place },
      async (target) => {
        versions = await versionsOf(target.client);
        // Of this run alone: what an earlier one asked may be cached, and what it added is no more new.
        return measureSize({ ...asked, target, callers, windowMs: 1_000 * window, seed: seed + size + Date.now() });
      },
      settings,
    );
    measured.push({ size, ...grown, ...server, recalls });
  }
  return { measured, skipped, versions };
}

interface Chances {
  readonly engine: TargetOptions['engine'];
  /** Minutes. */
  readonly left: number;
  readonly last: AtSize | undefined;
}

/** In words; undefined when it is not skipped. */
export function reasonToSkip(size: number, { engine, left, last }: Chances): string | undefined {
  if (engine === 'pglite' && size > mostEmbedded) return `the embedded engine is measured up to ${mostEmbedded}`;
  if (left <= 0) return 'no time was left';
  if (!last || last.size === last.from) return undefined;
  // As long for each as it last took, and the graph of vectors is built anew.
  const growth = (size - last.size) * (last.growMs / (last.size - last.from));
  const index = size * (last.indexMs / last.size);
  const minutes = (growth + index) / 60_000;
  return minutes > left
    ? `it would take about ${Math.ceil(minutes)} minutes, and ${Math.floor(left)} are left`
    : undefined;
}
