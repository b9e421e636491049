import { Command, Option } from 'commander';
import { type Capacity, find, measureAtRate, measureCapacity, rateOf, ratesOf } from '../capacity/capacity.ts';
import { type AtRate, describeAtRate, describeCapacity, failuresOf } from '../capacity/capacity-report.ts';
import { type Lab, withLab } from '../capacity/lab.ts';
import { floorOf, servedInParts } from '../capacity/subjects.ts';
import { inWords, promised } from '../mix/operations.ts';
import { readCount } from '../read-count.ts';
import { addReportOptions, finish, type ReportOptions } from '../report/finish.ts';
import type { Findings } from '../report/report.ts';
import { versionsOf } from '../report/versions.ts';
import { addTargetOptions, type TargetOptions, withTarget } from '../target.ts';
import { measureUsers } from './users.ts';

const seed = 20_261_123;

/** Of its capacity, what an operation is asked for at a constant rate. */
const openPart = 0.6;

interface TargetsOptions extends TargetOptions, ReportOptions {
  readonly memories: number;
  readonly users: readonly number[];
  /** Seconds, for each number of users. */
  readonly duration: number;
  readonly connections: readonly number[];
  /** Seconds, of each window and, twice, at a constant rate. */
  readonly window: number;
  readonly rounds: number;
  readonly only?: 'users' | 'capacity';
}

export function targetsCommand(): Command {
  const command = new Command('targets').description(
    'What Anima promises: users with a second of thought against the targets; then what is the most it can do.',
  );
  const parts = new Option('--only <part>', 'one of the two parts').choices(['users', 'capacity']);
  return addReportOptions(addTargetOptions(command))
    .option('--memories <n>', 'how many the space holds before', readCount, 10_000)
    .option('--users <n...>', 'how many at a time, one after the other', readCounts, defaultUsers)
    .option('--duration <s>', 'how long each number of users is measured, seconds', readCount, 60)
    .option('--connections <n...>', 'how many keep the server busy', readCounts, defaultConnections)
    .option('--window <s>', 'how long each is measured in a row, seconds', readCount, 5)
    .option('--rounds <n>', 'how often each is measured, in turns', readCount, 3)
    .addOption(parts)
    .addHelpText(
      'after',
      `
Exit code 1 when a request fails or a p95 of the users is above its target: ${inWords(promised)}. What it can do at
most is reported beside what the database does for the bare statements; it needs a server of its own, so with --url
only the users are measured.

Examples:
  bench targets
  bench targets --only capacity --engine postgres --database-url postgres://localhost/postgres`,
    )
    .action(run);
}

const defaultUsers: readonly number[] = [50, 100];
const defaultConnections: readonly number[] = [1, 16, 50];

/** What one more value of the option makes of those before it; the first one takes the place of the defaults. */
function readCounts(text: string, before: readonly number[]): readonly number[] {
  const isDefault = before === defaultUsers || before === defaultConnections;
  return [...(isDefault ? [] : before), readCount(text)];
}

async function run(options: TargetsOptions): Promise<void> {
  if (options.only === 'capacity' && options.url !== undefined) {
    throw new Error('--only capacity needs a server of its own, beside which it can measure the bare statements');
  }
  const ofUsers =
    options.only === 'capacity'
      ? []
      : [await withTarget(options, (target) => measureUsers(target, { ...options, seed }))];
  const ofCapacity =
    options.only === 'users' || options.url !== undefined
      ? []
      : [await withLab({ ...options, seed }, (lab) => measureMost(lab, options))];
  await finish(describe([...ofUsers, ...ofCapacity], options), options);
}

/** One part of the findings. */
type Part = Pick<Findings, 'measures' | 'blocks' | 'data'> & {
  readonly failures: readonly string[];
  readonly versions: NonNullable<Findings['versions']>;
};

async function measureMost(lab: Lab, { connections, window, rounds }: TargetsOptions): Promise<Part> {
  const capacities: Capacity[] = [];
  const atRate: AtRate[] = [];
  for (const [index, served] of servedInParts.entries()) {
    const compared = served.flatMap((operation) => [operation, floorOf[operation]]);
    const subjects = index === 0 ? [...compared, 'hnsw' as const] : compared;
    capacities.push(...(await measureCapacity(lab, { subjects, connections, window, rounds, seed })));
    for (const operation of served) {
      const perSecond =
        openPart * Math.max(...connections.map((count) => rateOf(find(capacities, operation, count), true)));
      const rate = { perSecond, seconds: 2 * window, seed };
      atRate.push({ operation, perSecond, window: await measureAtRate(lab, operation, rate) });
    }
  }
  const closed = describeCapacity(capacities, servedInParts.flat());
  const open = describeAtRate(atRate, openPart);
  return {
    measures: [...closed.measures, ...open.measures],
    blocks: [...closed.blocks, ...open.blocks],
    failures: failuresOf(capacities, atRate),
    versions: await versionsOf(lab.target.client),
    data: { closed: capacities.map(dataOf), open: atRate.map(openDataOf) },
  };
}

function dataOf(capacity: Capacity) {
  const { subject, connections, rounds } = capacity;
  return {
    ...{ subject, connections, rates: ratesOf(capacity, false), withFolding: ratesOf(capacity, true) },
    rounds: rounds.map(({ window, drain }) => ({
      ...{ seconds: window.seconds, drainSeconds: drain, answers: window.latencies.count },
      ...{ errors: Object.fromEntries(window.errors), histogram: window.latencies.encode() },
    })),
  };
}

function openDataOf({ operation, perSecond, window }: AtRate) {
  return { operation, perSecond, errors: Object.fromEntries(window.errors), histogram: window.latencies.encode() };
}

function describe(parts: readonly Part[], options: TargetsOptions): Findings {
  const { url, engine, memories, users, duration, connections, window, rounds, only } = options;
  return {
    bench: 'targets',
    title: `What Anima promises, over ${memories.toLocaleString('en-US')} memories`,
    settings: {
      ...{ target: url ?? engine, memories, users: users.join(' '), durationSeconds: duration },
      ...{ connections: connections.join(' '), windowSeconds: window, rounds, only: only ?? null, seed },
    },
    versions: Object.assign({}, ...parts.map(({ versions }) => versions)),
    measures: parts.flatMap(({ measures }) => [...measures]),
    failures: parts.flatMap(({ failures }) => [...failures]),
    blocks: parts.flatMap(({ blocks }) => blocks),
    data: parts.map(({ data }) => data),
  };
}
