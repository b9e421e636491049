import { createDatabase } from '@anima/store/database';
import { type Measured, openMeasured } from '@anima/store/measured';
import { Command, Option } from 'commander';
import { driveHttp } from '../capacity/closed-loop.ts';
import { requestsOf, spaces } from '../capacity/subjects.ts';
import { startModelServer } from '../cold/model-server.ts';
import { readExposition } from '../exposition.ts';
import { dialogue, repeatedQueries } from '../mix/dialogue.ts';
import { fill } from '../mix/fill.ts';
import { type Operation, operationNames } from '../mix/operations.ts';
import { seededRandom } from '../random.ts';
import { readCount } from '../read-count.ts';
import { tableOf } from '../report/blocks.ts';
import { addReportOptions, finish, type ReportOptions } from '../report/finish.ts';
import type { Findings } from '../report/report.ts';
import { versionsOf } from '../report/versions.ts';
import { settle } from '../settle.ts';
import { type Target, withOwnServer } from '../target.ts';
import { processorTimeOfPostgres } from './processor-time.ts';

const seed = 20_261_122;
const connections = 16;
const warmUpSeconds = 2;

interface CostOptions extends ReportOptions {
  readonly databaseUrl?: string;
  readonly memories: number;
  /** Seconds. */
  readonly duration: number;
}

export function costCommand(): Command {
  const command = new Command('cost').description(
    'What a request takes of the machine: processor time of the server and of PostgreSQL, and what is written.',
  );
  return addReportOptions(command)
    .addOption(new Option('--database-url <url>', 'a PostgreSQL on this machine, which is Linux').env('DATABASE_URL'))
    .option('--memories <n>', 'how many the space holds', readCount, 10_000)
    .option('--duration <s>', 'how long each operation is asked for, seconds', readCount, 10)
    .addHelpText(
      'after',
      `
Each operation in turn by ${connections} connections without a pause; all that is left to do behind the answers, folding and
embedding, is waited for and counts. The model answers at once, and is not counted. "bench plan" reckons with what this gave.

Example:
  bench cost --database-url postgres://localhost/postgres`,
    )
    .action(run);
}

async function run({ databaseUrl, memories, duration, ...options }: CostOptions): Promise<void> {
  if (!databaseUrl) throw new Error('cost needs --database-url or DATABASE_URL');
  await using model = await startModelServer();
  await using database = await createDatabase(databaseUrl, 'cost');
  const settings = {
    ...{ DATABASE_URL: database.url, SHED_ABOVE_MS: '0' },
    ...{ EMBEDDING_PROVIDER: 'ollama', OLLAMA_URL: model.url, OLLAMA_MODEL: 'bench-cost' },
  };
  const findings = await withOwnServer(settings, 'postgres', (target) =>
    measure(target, { databaseUrl: database.url, memories, duration }),
  );
  await finish(findings, options);
}

interface Sizes {
  readonly databaseUrl: string;
  readonly memories: number;
  readonly duration: number;
}

async function measure(target: Target, { databaseUrl, memories, duration }: Sizes): Promise<Findings> {
  const { client } = target;
  const turns = dialogue(seededRandom(seed));
  await fill(target, spaces.read, memories, () => turns.next().value);
  for (const query of repeatedQueries) await client.memories.query.mutate({ query, space: spaces.read });
  const { model } = await client.spaces.describe.query({ space: spaces.read });
  const database = await openMeasured({ databaseUrl, poolMax: 1, worker: false, model });
  try {
    const requests = requestsOf(seededRandom(seed), () => turns.next().value.content);
    const spent: Spent[] = [];
    for (const operation of operationNames) {
      const drive = async (seconds: number) => {
        const { errors } = await driveHttp(target.url, requests[operation], connections, seconds);
        for (const [kind, count] of errors) throw new Error(`${operation}: ${count} failed: ${kind}`);
        await settle(client, 'embeddings', 'Embedding');
        await settle(client, 'folds', 'Folding');
      };
      await drive(warmUpSeconds);
      const before = await read(target, database, operation);
      await drive(duration);
      spent.push(difference(operation, before, await read(target, database, operation)));
    }
    return describe(spent, { memories, duration }, await versionsOf(client));
  } finally {
    await database.close();
  }
}

/** Of all requests up to a moment. */
interface Reading {
  readonly requests: number;
  readonly serverMs: number;
  readonly databaseMs: number;
  readonly walBytes: number;
}

async function read({ url }: Target, { run }: Measured, operation: Operation): Promise<Reading> {
  const told = await readExposition(url);
  const [row] = await run<{ backend: number; walBytes: number }>(
    `select pg_backend_pid() as backend, (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::float8 as "walBytes"`,
  );
  if (!row) throw new Error('the database does not say what it has written');
  return {
    requests: told.sum('anima_operation_duration_seconds_count', { operation }) ?? 0,
    serverMs: 1_000 * (told.sum('process_cpu_seconds_total') ?? 0),
    databaseMs: processorTimeOfPostgres(row.backend),
    walBytes: row.walBytes,
  };
}

/** Of one request, with all that follows from it. */
interface Spent extends Omit<Reading, 'requests'> {
  readonly operation: Operation;
  readonly requests: number;
}

function difference(operation: Operation, before: Reading, after: Reading): Spent {
  const requests = after.requests - before.requests;
  if (requests === 0) throw new Error(`the server counted no ${operation}`);
  const each = (key: 'serverMs' | 'databaseMs' | 'walBytes') => (after[key] - before[key]) / requests;
  return {
    ...{ operation, requests },
    ...{ serverMs: each('serverMs'), databaseMs: each('databaseMs'), walBytes: each('walBytes') },
  };
}

function describe(
  spent: readonly Spent[],
  settings: Findings['settings'],
  versions: NonNullable<Findings['versions']>,
): Findings {
  return {
    ...{ bench: 'cost', title: 'What a request takes of the machine', versions },
    settings: { ...settings, connections, seed },
    measures: spent.flatMap(({ operation, serverMs, databaseMs, walBytes }) => [
      { name: `${operation}: processor time, server`, value: serverMs, unit: 'ms' as const, better: 'lower' as const },
      {
        name: `${operation}: processor time, PostgreSQL`,
        value: databaseMs,
        unit: 'ms' as const,
        better: 'lower' as const,
      },
      { name: `${operation}: written ahead`, value: walBytes, unit: 'bytes' as const, better: 'lower' as const },
    ]),
    blocks: [
      tableOf(
        'Of one request, with what follows from it',
        ['operation', 'requests', 'server, core ms', 'PostgreSQL, core ms', 'WAL, KiB'],
        spent.map(({ operation, requests, serverMs, databaseMs, walBytes }) => {
          return [operation, requests, serverMs, databaseMs, walBytes / 1_024];
        }),
        'The server answers, folds and embeds here; PostgreSQL with all its processes. The load and the model are not counted.',
      ),
    ],
    data: { spent },
  };
}
