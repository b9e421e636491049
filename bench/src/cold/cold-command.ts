import type { BenchMeasure } from '@anima/core';
import { Command, InvalidArgumentError } from 'commander';
import { Latencies } from '../latencies.ts';
import { dialogue, questions } from '../mix/dialogue.ts';
import { fill } from '../mix/fill.ts';
import { describeLoad } from '../mix/load-report.ts';
import { type Measured, measureLoad } from '../mix/measure-load.ts';
import { inWords, promised } from '../mix/operations.ts';
import { seededRandom } from '../random.ts';
import { readCount } from '../read-count.ts';
import { tableOf } from '../report/blocks.ts';
import { addReportOptions, finish, type ReportOptions } from '../report/finish.ts';
import { formatShare } from '../report/numbers.ts';
import type { Findings } from '../report/report.ts';
import { versionsOf } from '../report/versions.ts';
import { settle } from '../settle.ts';
import { addEngineOptions, type Target, type TargetOptions, withTarget } from '../target.ts';
import { type ModelDelay, type ModelServer, startModelServer } from './model-server.ts';
import { measureReady, neededReady, steadyRate } from './ready-share.ts';
import { followAdded } from './searchable.ts';

const warmUpMs = 3_000;
const seed = 20_261_122;

/** Settings of a server with the model that it ships with. */
const builtin = { EMBEDDING_PROVIDER: 'builtin' };

const defaultDelays: readonly ModelDelay[] = [50, 2_000, 5_000, 'none'];

/** No real one, so that whatever else a database holds is never embedded with the vectors of this model. */
const modelName = 'bench-cold';

/** The promise holds whatever the model does. */
const limits = { p95Ms: promised, errorShare: 0 };

interface ColdOptions extends TargetOptions, ReportOptions {
  readonly delay: readonly ModelDelay[];
  readonly users: number;
  /** Seconds, for each model. */
  readonly duration: number;
  readonly memories: number;
  /** Whether the builtin model is measured, too. */
  readonly builtin: boolean;
}

export function coldCommand(): Command {
  const command = new Command('cold').description(
    'The load of mix with a model that is slow or gone, every text new: nothing comes from a cache.',
  );
  return addReportOptions(addEngineOptions(command))
    .option(
      '--delay <ms...>',
      'what the model takes for a call, ms, or none for a model that is gone',
      readDelays,
      defaultDelays,
    )
    .option('--users <n>', 'how many at a time', readCount, 20)
    .option('--duration <s>', 'how long each model is measured, seconds', readCount, 15)
    .option('--memories <n>', 'how many a space holds before', readCount, 500)
    .option('--no-builtin', 'without the part with the builtin model')
    .addHelpText(
      'after',
      `
Exit code 1 when a request fails, a p95 is above its target (${inWords(promised)}), or with the builtin model at
${steadyRate} adds a second fewer than ${formatShare(neededReady)} have their vector when they are answered.

Examples:
  bench cold
  bench cold --delay 3000 none --users 50 --duration 60`,
    )
    .action(run);
}

/** What one more value of the option makes of those before it; the first one takes the place of the defaults. */
function readDelays(text: string, before: readonly ModelDelay[]): readonly ModelDelay[] {
  const delay = text === 'none' ? text : /^\d+$/.test(text) ? Number(text) : undefined;
  if (delay === undefined) throw new InvalidArgumentError('It is neither a whole number nor none.');
  return before === defaultDelays ? [delay] : [...before, delay];
}

async function run(options: ColdOptions): Promise<void> {
  const ofModels = await measureSlowModels(options);
  const ready = options.builtin
    ? await withTarget(options, (target) => measureBuiltin(target, options), builtin)
    : undefined;
  await finish(ready ? withReady(ofModels, ready) : ofModels, options);
}

async function measureSlowModels(options: ColdOptions): Promise<Findings> {
  await using model = await startModelServer();
  const settings = { EMBEDDING_PROVIDER: 'ollama', OLLAMA_URL: model.url, OLLAMA_MODEL: modelName };
  return await withTarget(options, (target) => measure(target, model, options), settings);
}

async function measure(
  target: Target,
  model: ModelServer,
  { delay: delays, users, duration, memories }: ColdOptions,
): Promise<Findings> {
  const turns = dialogue(seededRandom(seed));
  const asked = questions(seededRandom(seed));
  const texts = { nextTurn: () => turns.next().value, nextQuery: () => asked.next().value };
  const models: ModelResult[] = [];
  for (const delay of delays) {
    const space = `cold-${delay}-${Date.now().toString(36)}`;
    await fill(target, space, memories, texts.nextTurn);
    await model.become(delay);
    const load = { baseUrl: target.url, space, users, seed, durationMs: 1_000 * duration, ...texts };
    const loading = measureLoad(`With ${nameOf(delay)}`, load, warmUpMs);
    // Nothing becomes searchable without a model.
    const searchable =
      delay === 'none' ? new Latencies() : await followAdded(target, { space, nextTurn: texts.nextTurn }, loading);
    const measured = await loading;
    const { embeddings } = await target.client.meta.metrics.query();
    await model.become(0);
    const embeddedAfterMs = await settle(target.client, 'embeddings', 'Embedding');
    models.push({ delay, ...measured, searchable, pendingAtTheEnd: embeddings.pending, embeddedAfterMs });
  }
  const loads = models.map((result) => describeLoad(nameOf(result.delay), result, limits));
  return {
    bench: 'cold',
    title: 'Nothing from a cache, and a model that is slow or gone',
    settings: {
      ...{ target: target.description, delays: delays.join(' '), users, durationSeconds: duration, memories },
      ...{ warmUpMs, seed },
    },
    versions: await versionsOf(target.client),
    measures: [...loads.flatMap(({ measures }) => measures), ...models.flatMap(searchableMeasure)],
    failures: loads.flatMap(({ failures }) => failures),
    blocks: [
      ...loads.flatMap(({ blocks }) => blocks),
      tableOf(
        'Embedded afterwards',
        ['model', 'searchable by vector: p50 s', 'p95 s', 'followed', 'not embedded at the end', 'embedded after, s'],
        models.map(({ delay, searchable: latencies, pendingAtTheEnd, embeddedAfterMs }) => [
          nameOf(delay),
          ...(latencies.count > 0 ? [latencies.at(50) / 1_000, latencies.at(95) / 1_000] : [null, null]),
          ...[latencies.count, pendingAtTheEnd, embeddedAfterMs / 1_000],
        ]),
        'Memories that were added during the load, from their request until they had a vector. The last column counts ' +
          'from when the model answered at once.',
      ),
    ],
    data: { models: models.map(({ searchable, ...rest }) => ({ ...rest, searchable: searchable.encode() })) },
  };
}

function searchableMeasure({ delay, searchable: latencies }: ModelResult): BenchMeasure[] {
  if (latencies.count === 0) return [];
  const name = `searchable by vector p95, ${nameOf(delay)}`;
  return [{ name, value: latencies.at(95) / 1_000, unit: 'seconds', better: 'lower' }];
}

type Ready = Awaited<ReturnType<typeof measureReady>>;

function measureBuiltin(target: Target, { memories, duration }: ColdOptions): Promise<Ready> {
  const turns = dialogue(seededRandom(seed));
  return measureReady(target, { memories, seconds: duration, nextTurn: () => turns.next().value });
}

function withReady(findings: Findings, { share, latencies, errors }: Ready): Findings {
  const name = `ready when answered, builtin model, ${steadyRate} adds/s`;
  return {
    ...findings,
    measures: [...findings.measures, { name, value: share, target: neededReady, unit: 'share', better: 'higher' }],
    failures: [
      ...(findings.failures ?? []),
      ...[...errors].map(([kind, times]) => `builtin model: add failed ${times} times: ${kind}`),
    ],
    blocks: [
      ...findings.blocks,
      tableOf(
        `The builtin model at ${steadyRate} adds a second`,
        ['answered', 'with their vector', 'p50 ms', 'p95 ms', 'max ms'],
        [[latencies.count, formatShare(share), latencies.at(50), latencies.at(95), latencies.max]],
      ),
    ],
    data: { ...(findings.data as object), builtin: { share, histogram: latencies.encode() } },
  };
}

interface ModelResult extends Measured {
  readonly searchable: Latencies;
  readonly delay: ModelDelay;
  /** Memories without a vector when the load ended, and how long they took once the model answered at once, ms. */
  readonly pendingAtTheEnd: number;
  readonly embeddedAfterMs: number;
}

function nameOf(delay: ModelDelay): string {
  return delay === 'none' ? 'no model' : `a model of ${delay} ms`;
}
