import { startProgress } from '@anima/client/node/progress';
import { AnimaError, type Space } from '@anima/core';
import { dropDatabase, keepDatabase } from '@anima/store/database';
import { type Measured, openMeasured } from '@anima/store/measured';
import { Command, Option } from 'commander';
import { median } from '../median.ts';
import { readCount } from '../read-count.ts';
import { tableOf } from '../report/blocks.ts';
import { addReportOptions, finish, type ReportOptions } from '../report/finish.ts';
import type { Findings } from '../report/report.ts';
import { plant } from './plant.ts';
import { type Read, readsOf } from './reads.ts';

const model = { provider: 'bench', name: 'none', dimensions: 8 };
/** Of what stays from run to run. */
const keptName = 'anima_bench_survey';
/** What a page of any screen may take at most, ms. */
const pageMs = 200;
/** Of all that a space holds: more rarely. */
const rounds = { page: 9, whole: 3 };

interface SurveyOptions extends ReportOptions {
  readonly databaseUrl?: string;
  readonly memories: number;
  readonly small: number;
  readonly drop?: true;
}

export function surveyCommand(): Command {
  const command = new Command('survey').description(
    'What the screens of the console ask of a large space on PostgreSQL, beside the same of a small one.',
  );
  return addReportOptions(command)
    .addOption(new Option('--database-url <url>', 'a server on which it may make a database').env('DATABASE_URL'))
    .option('--memories <n>', 'how many the large space holds', readCount, 1_000_000)
    .option('--small <n>', 'how many the small one holds', readCount, 10_000)
    .option('--drop', 'leave nothing for the next run')
    .addHelpText(
      'after',
      `
What was made stays, in the database ${keptName} beside the one that is named, and the next run measures it again.
1,000,000 memories are made in some three minutes, and take 3 GB.

Exit code 1 when a page takes longer than ${pageMs} ms.

Example:
  bench survey --drop --database-url postgres://localhost/postgres`,
    )
    .action(run);
}

async function run({ databaseUrl, memories, small, drop, ...options }: SurveyOptions): Promise<void> {
  if (!databaseUrl) throw new Error('survey needs --database-url or DATABASE_URL');
  await using stack = new AsyncDisposableStack();
  if (drop) stack.defer(() => dropDatabase(databaseUrl, keptName));
  const place = { databaseUrl: await keepDatabase(databaseUrl, keptName, '1GB'), poolMax: 4, worker: false, model };
  const counts = { large: memories, small };
  await fill(await openMeasured(place), counts);
  // Opened anew, which builds the indexes that are missing.
  const measured = await openMeasured(place);
  stack.defer(() => measured.close());
  await measured.run('vacuum analyze');
  await finish(describe(await measure(measured), counts), options);
}

type Size = 'large' | 'small';
type Counts = Readonly<Record<Size, number>>;

/** On different shards, as their names have it. */
async function spacesOf({ store }: Measured): Promise<Readonly<Record<Size, Space>>> {
  return { large: await store.openSpace('large'), small: await store.openSpace('small') };
}

/** Once: what is there already has to be as large as is wanted. */
async function fill(measured: Measured, counts: Counts): Promise<void> {
  try {
    const spaces = await spacesOf(measured);
    const planted = {
      large: await measured.store.endOfLog(spaces.large),
      small: await measured.store.endOfLog(spaces.small),
    };
    if (planted.large === counts.large && planted.small === counts.small) return;
    if (planted.large > 0 || planted.small > 0) {
      throw new Error(`${keptName} was made for ${planted.large} and ${planted.small} memories: drop it first`);
    }
    await dropIndexes(measured);
    const bar = startProgress('Planting', counts.large);
    await plant(measured, spaces.small, counts.small, () => undefined);
    await plant(measured, spaces.large, counts.large, (done) => bar.update(done, `${done} memories`));
    bar.stop();
  } finally {
    await measured.close();
  }
}

/** Of the tables that are filled: built at once they cost a fraction of what keeping them does, row by row. */
async function dropIndexes({ run }: Measured): Promise<void> {
  const indexes = await run<{ name: string }>(
    `select i.indexrelid::regclass::text as name from pg_index i
     where i.indrelid = any(array['memories', 'memory_state', 'events', 'tier_changes']::regclass[]) and not i.indisunique
       and i.indexrelid <> all(array['memories_expires_at', 'memories_merged_into']::regclass[])`,
  );
  for (const { name } of indexes) await run(`drop index ${name}`);
}

interface Took extends Read {
  readonly ms: Readonly<Record<Size, readonly number[]>>;
  /** Why it was not answered. */
  readonly failure?: string;
}

async function measure(measured: Measured): Promise<readonly Took[]> {
  const spaces = await spacesOf(measured);
  const reads = readsOf(measured);
  const bar = startProgress('Asking', reads.length);
  const took: Took[] = [];
  for (const read of reads) {
    took.push({ ...read, ...(await measureOne(read, spaces)) });
    bar.update(took.length);
  }
  bar.stop();
  return took;
}

async function measureOne(read: Read, spaces: Readonly<Record<Size, Space>>): Promise<Pick<Took, 'ms' | 'failure'>> {
  const ms = { large: [] as number[], small: [] as number[] };
  // The first of each finds nothing in the database's memory, which is the disk's time and nobody's.
  const first = read.isKept ? 0 : 1;
  const last = read.isKept ? 0 : read.ofAll ? rounds.whole : rounds.page;
  try {
    for (let round = 0; round <= last; round += 1) {
      for (const size of ['small', 'large'] as const) {
        const begun = performance.now();
        await read.run(spaces[size]);
        if (round >= first) ms[size].push(performance.now() - begun);
      }
    }
    return { ms };
  } catch (error) {
    if (!(error instanceof AnimaError) || error.code !== 'OVERLOADED') throw error;
    return { ms, failure: error.message };
  }
}

function describe(took: readonly Took[], counts: Counts): Findings {
  const nameOf = ({ screen, what }: Took) => `${screen}: ${what}`;
  const ofSize = (count: number) => `ms of ${count.toLocaleString('en')}`;
  const columns = ['what', ofSize(counts.large), 'most, ms', ofSize(counts.small), 'times as long'];
  const row = (one: Took) => {
    const [large, small] = [median(one.ms.large), median(one.ms.small)];
    return [nameOf(one), ...[large, Math.max(...one.ms.large), small, large / small].map(known)];
  };
  const [pages, whole] = [took.filter(({ ofAll }) => !ofAll), took.filter(({ ofAll }) => ofAll)];
  return {
    ...{ bench: 'survey', title: 'What the console asks of a large space' },
    settings: { memories: counts.large, small: counts.small, rounds: rounds.page },
    measures: pages.map((one) => ({
      ...{ name: nameOf(one), value: median(one.ms.large), target: pageMs, unit: 'ms', better: 'lower' },
    })),
    failures: took.flatMap((one) => (one.failure === undefined ? [] : [`${nameOf(one)}: ${one.failure}`])),
    blocks: [
      tableOf('A page', columns, pages.map(row)),
      tableOf('All that there is', columns, whole.map(row), 'The overview is counted once for all who ask.'),
    ],
    data: took.map((one) => ({ name: nameOf(one), ms: one.ms })),
  };
}

const known = (value: number) => (Number.isFinite(value) ? value : null);
