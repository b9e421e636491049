import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startProgress } from '@anima/client/node/progress';
import Table from 'cli-table3';
import { Command } from 'commander';
import { machine } from '../machine.ts';
import { seededRandom } from '../random.ts';
import { readCount } from '../read-count.ts';
import { settle } from '../settle.ts';
import { addTargetOptions, type Target, type TargetOptions, withTarget } from '../target.ts';
import { dialogue, type Turn } from './dialogue.ts';
import { runLoad } from './load.ts';
import { operations } from './operations.ts';
import { type OperationResult, Recorder } from './recorder.ts';

const batchSize = 100;
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
  const file = options.json ?? defaultFile(result.settings.target);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(result, null, 2)}\n`);
  process.stdout.write(`Written to ${file}\n`);
  if (!result.operations.every(({ isWithinTarget }) => isWithinTarget)) process.exitCode = 1;
}

async function measure(target: Target, { users, duration, memories }: MixOptions) {
  const { client, url } = target;
  const space = `mix-${Date.now().toString(36)}`;
  const turns = dialogue(seededRandom(seed));
  const nextTurn = () => turns.next().value;
  await fill(target, space, memories, nextTurn);
  await settle(client, 'embeddings', 'Embedding');

  const load = { baseUrl: url, space, users, nextTurn };
  await runLoad(new Recorder(), { ...load, durationMs: warmUpMs, seed });
  const recorder = new Recorder();
  const durationMs = 1_000 * duration;
  const bar = startProgress('Measuring', durationMs);
  const startedAt = performance.now();
  await runLoad(recorder, {
    ...load,
    durationMs,
    seed: seed + users,
    onSecond: (elapsed) => bar.update(elapsed, `${users} users`),
  });
  const seconds = (performance.now() - startedAt) / 1_000;
  bar.stop();
  const { folds, embeddings } = await client.meta.metrics.query();
  const drainMs = await settle(client, 'folds', 'Folding');
  const { version } = await client.meta.health.query();
  const results = recorder.results();
  return {
    bench: 'mix',
    at: new Date().toISOString(),
    settings: { target: target.description, users, durationSeconds: duration, memories, warmUpMs, seed },
    machine: machine(),
    server: { version, embeddings: { ...embeddings, pending: undefined } },
    requestsPerSecond: results.reduce((sum, { count }) => sum + count, 0) / seconds,
    operations: results,
    atTheEnd: {
      foldLagEvents: folds.lagEvents,
      foldLagMs: folds.lagMs,
      drainMs,
      pendingEmbeddings: embeddings.pending,
    },
  };
}

async function fill({ client }: Target, space: string, count: number, nextTurn: () => Turn): Promise<void> {
  const bar = startProgress('Filling', count);
  for (let filled = 0; filled < count; ) {
    const memories = Array.from({ length: Math.min(batchSize, count - filled) }, nextTurn);
    await client.memories.addMany.mutate({ memories, space });
    filled += memories.length;
    bar.update(filled, `${filled} memories`);
  }
  bar.stop();
}

type MixResult = Awaited<ReturnType<typeof measure>>;

function render({ settings, operations: results, requestsPerSecond, atTheEnd }: MixResult): string {
  const table = new Table({
    head: ['operation', 'count', 'errors', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms', 'target p95', ''],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right', 'right', 'left'],
    style: { head: [], border: [], compact: true },
  });
  for (const { operation, count, errorCount, p50, p95, p99, max, targetP95, isWithinTarget } of results) {
    const times = [p50, p95, p99, max].map((ms) => ms.toFixed(1));
    table.push([operation, count, errorCount, ...times, `${targetP95} ms`, isWithinTarget ? '✓' : '✗ FAIL']);
  }
  const errors = results.flatMap(({ operation, errors: kinds }) =>
    Object.entries(kinds).map(([kind, times]) => `${operation} failed ${times} times: ${kind}`),
  );
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const shareOf = (name: OperationResult['operation'], key: 'pendingShare' | 'degradedShare') =>
    percent(results.find(({ operation }) => operation === name)?.[key] ?? 0);
  return [
    `${settings.target}, ${settings.users} users, ${settings.memories} memories, ${settings.durationSeconds} s`,
    table.toString(),
    ...errors,
    `${requestsPerSecond.toFixed(1)} requests/s; adds answered before their vector was ready: ` +
      `${shareOf('add', 'pendingShare')}; queries answered by words alone: ${shareOf('query', 'degradedShare')}`,
    `at the end ${atTheEnd.foldLagEvents} events were not folded yet, ${atTheEnd.pendingEmbeddings} memories not embedded; ` +
      `folded after ${Math.round(atTheEnd.drainMs)} ms`,
  ].join('\n');
}

function targets(): string {
  return Object.entries(operations)
    .map(([name, { p95Ms }]) => `${name} ${p95Ms} ms`)
    .join(', ');
}

function defaultFile(target: string): string {
  const name = target.replaceAll(/[^a-z0-9]+/gi, '-');
  const time = new Date().toISOString().replaceAll(/[:.]/g, '-');
  return fileURLToPath(new URL(`../../results/mix-${name}-${time}.json`, import.meta.url));
}
