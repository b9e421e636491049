import { startProgress } from '@anima/client/node/progress';
import type { Space } from '@anima/core';
import { createDatabase } from '@anima/store/database';
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
/** What a page of any screen may take at most, ms. */
const pageMs = 200;
/** Of all that a space holds: more rarely, and for fewer. */
const rounds = { page: 9, whole: 3 };

interface SurveyOptions extends ReportOptions {
  readonly databaseUrl?: string;
  readonly memories: number;
  readonly small: number;
}

export function surveyCommand(): Command {
  const command = new Command('survey').description(
    'What the screens of the console ask of a large space on PostgreSQL, beside the same of a small one.',
  );
  return addReportOptions(command)
    .addOption(new Option('--database-url <url>', 'a server on which it may make a database').env('DATABASE_URL'))
    .option('--memories <n>', 'how many the large space holds', readCount, 1_000_000)
    .option('--small <n>', 'how many the small one holds', readCount, 10_000)
    .addHelpText(
      'after',
      `
It makes a database of its own beside the one that is named, and drops it at the end. 1,000,000 memories take some
three minutes and 3 GB. Exit code 1 when a page takes longer than ${pageMs} ms.

Example:
  bench survey --database-url postgres://localhost/postgres`,
    )
    .action(run);
}

async function run({ databaseUrl, memories, small, ...options }: SurveyOptions): Promise<void> {
  if (!databaseUrl) throw new Error('survey needs --database-url or DATABASE_URL');
  await using database = await createDatabase(databaseUrl, 'survey');
  const place = { databaseUrl: database.url, poolMax: 4, worker: false, model };
  const counts = { large: memories, small };
  await fill(await openMeasured(place), counts);
  // Opened anew, which builds the indexes.
  const measured = await openMeasured(place);
  try {
    await measured.run('vacuum analyze');
    const took = await measure(measured, await spacesOf(measured));
    await finish(describe(took, counts), options);
  } finally {
    await measured.close();
  }
}

type Size = 'large' | 'small';
type Counts = Readonly<Record<Size, number>>;

/** On different shards, as their names have it. */
async function spacesOf({ store }: Measured): Promise<Readonly<Record<Size, Space>>> {
  return { large: await store.openSpace('large'), small: await store.openSpace('small') };
}

async function fill(measured: Measured, counts: Counts): Promise<void> {
  const { run } = measured;
  const bar = startProgress('Planting', counts.large);
  try {
    // Built at once they cost a fraction of what keeping them does, row by row.
    const indexes = await run<{ name: string }>(
      `select i.indexrelid::regclass::text as name from pg_index i join pg_class c on c.oid = i.indexrelid
       where c.relnamespace = 'public'::regnamespace and i.indrelid::regclass::text in
         ('memories', 'memory_state', 'events', 'tier_changes') and not i.indisunique
         and (c.relname ~ '^(memories|memory_state)_' or c.relname ~ '^(events|tier_changes)_')`,
    );
    const kept = ['memories_expires_at', 'memories_merged_into'];
    for (const { name } of indexes) if (!kept.includes(name)) await run(`drop index ${name}`);
    const { large, small } = await spacesOf(measured);
    await plant(measured, small, counts.small, () => undefined);
    await plant(measured, large, counts.large, (planted) => bar.update(planted, `${planted} memories`));
  } finally {
    bar.stop();
    await measured.close();
  }
}

interface Took extends Read {
  readonly ms: Readonly<Record<Size, readonly number[]>>;
}

async function measure(measured: Measured, spaces: Readonly<Record<Size, Space>>): Promise<readonly Took[]> {
  const reads = readsOf(measured);
  const bar = startProgress('Asking', reads.length);
  const took: Took[] = [];
  for (const read of reads) {
    const ms = { large: [] as number[], small: [] as number[] };
    // The first of each finds nothing in the database's memory, which is the disk's time and nobody's.
    const first = read.isKept ? 0 : 1;
    const last = read.isKept ? 0 : read.ofAll ? rounds.whole : rounds.page;
    for (let round = 0; round <= last; round += 1) {
      for (const size of ['small', 'large'] as const) {
        const begun = performance.now();
        await read.run(spaces[size]);
        if (round >= first) ms[size].push(performance.now() - begun);
      }
    }
    took.push({ ...read, ms });
    bar.update(took.length);
  }
  bar.stop();
  return took;
}

function describe(took: readonly Took[], counts: Counts): Findings {
  const nameOf = ({ screen, what }: Took) => `${screen}: ${what}`;
  const row = (one: Took) => [
    ...[nameOf(one), median(one.ms.large), Math.max(...one.ms.large), median(one.ms.small)],
    median(one.ms.large) / median(one.ms.small),
  ];
  const columns = [
    ...['what', `ms of ${counts.large.toLocaleString('en')}`, 'most, ms', `ms of ${counts.small.toLocaleString('en')}`],
    'times as long',
  ];
  return {
    ...{ bench: 'survey', title: 'What the console asks of a large space' },
    settings: { memories: counts.large, small: counts.small, rounds: rounds.page },
    measures: took
      .filter(({ ofAll }) => !ofAll)
      .map((one) => ({ name: nameOf(one), value: median(one.ms.large), target: pageMs, unit: 'ms', better: 'lower' })),
    blocks: [
      tableOf('A page', columns, took.filter(({ ofAll }) => !ofAll).map(row)),
      tableOf(
        'All of it',
        columns,
        took.filter(({ ofAll }) => ofAll).map(row),
        'The overview is counted once for all.',
      ),
    ],
    data: took.map((one) => ({ name: nameOf(one), ms: one.ms })),
  };
}
