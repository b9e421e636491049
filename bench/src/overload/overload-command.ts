import type { AnimaClient } from '@anima/client';
import { startProgress } from '@anima/client/node/progress';
import { verifyProjections } from '@anima/client/node/verify-projections';
import { Command } from 'commander';
import { driveHttp } from '../capacity/closed-loop.ts';
import { openAgent, send } from '../capacity/http-request.ts';
import { driveAtRate } from '../capacity/open-loop.ts';
import { requestsOf, spaces } from '../capacity/subjects.ts';
import { startModelServer } from '../cold/model-server.ts';
import { Latencies } from '../latencies.ts';
import { dialogue } from '../mix/dialogue.ts';
import { fill } from '../mix/fill.ts';
import { inWords, operationNames, pickOperation, promised } from '../mix/operations.ts';
import { type Random, seededRandom } from '../random.ts';
import { readAmount, readCount } from '../read-count.ts';
import { tableOf } from '../report/blocks.ts';
import { addReportOptions, finish, type ReportOptions } from '../report/finish.ts';
import { formatShare } from '../report/numbers.ts';
import type { Findings } from '../report/report.ts';
import { versionsOf } from '../report/versions.ts';
import { settle } from '../settle.ts';
import { addEngineOptions, type Target, type TargetOptions, withTarget } from '../target.ts';

const seed = 20_261_122;

/** That keep it busy without anybody being turned away. */
const connections = 16;

/**
 * Over which so much more comes, as from balancers and programs that keep their connections. Node accepts one new
 * connection in a turn of its event loop, so what is new waits to be heard while much goes on.
 */
const keptConnections = 200;

interface OverloadOptions extends Omit<TargetOptions, 'url'>, ReportOptions {
  readonly memories: number;
  readonly times: number;
  /** Seconds. */
  readonly duration: number;
}

export function overloadCommand(): Command {
  return addReportOptions(
    addEngineOptions(
      new Command('overload').description('Many times more than can be done: who is let in is served as promised.'),
    ),
  )
    .option('--memories <n>', 'how many the space holds before', readCount, 3_000)
    .option('--times <n>', 'how many times of what it can do is asked for', readAmount, 10)
    .option('--duration <s>', 'how long, seconds', readCount, 30)
    .addHelpText(
      'after',
      `
First the mix is done by ${connections} connections without a pause: that is what it can do. Then so many times as many come at
a constant rate over ${keptConnections} connections, whether those before were answered or not. The model answers at once, from another process.

Exit code 1 when the p95 of what was let in is above its target (${inWords(promised)}),
something failed by anything but a 503, an acknowledged memory is not there, or a replay of the log differs.

Example:
  bench overload --engine postgres --database-url postgres://localhost/postgres`,
    )
    .action(run);
}

async function run(options: OverloadOptions): Promise<void> {
  await using model = await startModelServer();
  const settings = { EMBEDDING_PROVIDER: 'ollama', OLLAMA_URL: model.url, OLLAMA_MODEL: 'bench-overload' };
  await finish(await withTarget(options, (target) => measure(target, options), settings), options);
}

async function measure(target: Target, { memories, times, duration, engine }: OverloadOptions): Promise<Findings> {
  const turns = dialogue(seededRandom(seed + Date.now()));
  const nextTurn = () => turns.next().value;
  await fill(target, spaces.read, memories, nextTurn);
  const random = seededRandom(seed);
  const before = await sustained(target, random, () => nextTurn().content);
  await settle(target.client, 'folds', 'Folding');
  const flood = await overload(target, random, () => nextTurn().content, { perSecond: times * before, duration });
  await settle(target.client, 'folds', 'Folding');
  const after = await sustained(target, random, () => nextTurn().content);
  await settle(target.client, 'folds', 'Folding');
  const lost = await countLost(target.client, flood.acknowledged);
  const { differences } = await verifyProjections(target.client);
  return {
    ...{ bench: 'overload', title: `${times} times what can be done, for ${duration} s` },
    settings: { target: engine, memories, times, durationSeconds: duration, seed },
    versions: await versionsOf(target.client),
    isHeld: true,
    failures: [...flood.errors].map(([kind, count]) => `${count} failed: ${kind}`),
    ...describe(flood, { before, after, lost, differences, duration }),
  };
}

/** What it can do of the mix, a second. */
async function sustained({ url }: Target, random: Random, nextContent: () => string): Promise<number> {
  const requests = requestsOf(random, nextContent);
  const { latencies, seconds } = await driveHttp(url, () => requests[pickOperation(random)](), connections, 5);
  return latencies.count / seconds;
}

interface Flood {
  readonly asked: number;
  readonly turnedAway: number;
  readonly latencies: Readonly<Record<keyof typeof promised, Latencies>>;
  /** Contents that were answered with success. */
  readonly acknowledged: readonly string[];
  readonly errors: ReadonlyMap<string, number>;
}

async function overload(
  target: Target,
  random: Random,
  nextContent: () => string,
  { perSecond, duration }: { readonly perSecond: number; readonly duration: number },
): Promise<Flood> {
  let said = '';
  const requests = requestsOf(random, () => {
    said = nextContent();
    return said;
  });
  const latencies = { add: new Latencies(), query: new Latencies(), bootstrap: new Latencies() };
  const acknowledged: string[] = [];
  let [asked, turnedAway] = [0, 0];
  const agent = openAgent(keptConnections);
  const health = { method: 'GET', path: '/health/live', headers: {} } as const;
  await Promise.all(Array.from({ length: keptConnections }, () => send(agent, target.url, health)));
  const bar = startProgress('Overloading', perSecond * duration);
  const once = async () => {
    const operation = pickOperation(random);
    const request = requests[operation]();
    const content = said;
    bar.update(++asked);
    const sentAt = performance.now();
    const status = await send(agent, target.url, request);
    if (status === 503) turnedAway += 1;
    else if (status >= 300) return `status ${status}`;
    else {
      latencies[operation].record(performance.now() - sentAt);
      if (operation === 'add') acknowledged.push(content);
    }
    return undefined;
  };
  try {
    const { errors } = await driveAtRate(once, perSecond, duration);
    return { asked, turnedAway, latencies, acknowledged, errors };
  } finally {
    bar.stop();
    agent.destroy();
  }
}

/** How many of these contents are not among the memories. */
async function countLost({ memories }: AnimaClient, acknowledged: readonly string[]): Promise<number> {
  const missing = new Set(acknowledged);
  for (let cursor: string | undefined; ; ) {
    const page = await memories.list.query({ space: spaces.written, limit: 100, ...(cursor ? { cursor } : {}) });
    for (const { content } of page.memories) missing.delete(content);
    if (page.next === null) return missing.size;
    cursor = page.next;
  }
}

interface Aside {
  readonly before: number;
  readonly after: number;
  readonly lost: number;
  readonly differences: number;
  readonly duration: number;
}

function describe(flood: Flood, { before, after, lost, differences, duration }: Aside) {
  const { asked, turnedAway, latencies, acknowledged } = flood;
  const answered = operationNames.reduce((sum, name) => sum + latencies[name].count, 0);
  const lower = { better: 'lower' as const };
  const higher = { better: 'higher' as const };
  const measures: Findings['measures'] = [
    ...operationNames.map((name) => ({
      ...{ name: `${name} p95 of what was let in`, value: latencies[name].at(95), target: promised[name] },
      ...{ unit: 'ms' as const, ...lower },
    })),
    { name: 'acknowledged and lost', value: lost, target: 0, unit: 'count', ...lower },
    { name: 'differences of a replay', value: differences, target: 0, unit: 'count', ...lower },
    { name: 'answered, of what it can do', value: answered / duration / before, unit: 'ratio', ...higher },
    { name: 'afterwards, of before', value: after / before, unit: 'ratio', ...higher },
    { name: 'turned away', value: turnedAway / asked, unit: 'share', ...lower },
  ];
  const blocks: Findings['blocks'] = [
    tableOf(
      'What was let in',
      ['operation', 'answered', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms', 'target p95'],
      operationNames.map((name) => {
        const of = latencies[name];
        return [name, of.count, of.at(50), of.at(95), of.at(99), of.max, promised[name]];
      }),
      `${asked} were sent (${Math.round(asked / duration)} a second, where ${Math.round(before)} can be done), ` +
        `${formatShare(turnedAway / asked)} were turned away with a 503; ${acknowledged.length} adds were acknowledged.`,
    ),
    {
      kind: 'latency',
      title: 'Latency of what was let in',
      series: operationNames.map((name) => ({
        ...{ name, targetMs: promised[name], percentiles: latencies[name].distribution() },
      })),
    },
  ];
  const histograms = operationNames.map((name) => [name, latencies[name].encode()]);
  return { measures, blocks, data: { before, after, asked, turnedAway, histograms: Object.fromEntries(histograms) } };
}
