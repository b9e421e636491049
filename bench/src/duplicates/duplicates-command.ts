import { basename } from 'node:path';
import { type BenchMeasure, duplicateThreshold } from '@anima/core';
import { Command } from 'commander';
import { tableOf } from '../report/blocks.ts';
import { addReportOptions, finish, type ReportOptions } from '../report/finish.ts';
import { formatShare } from '../report/numbers.ts';
import type { Findings } from '../report/report.ts';
import { guards, type JudgedPair, judgeWithBuiltin, measurePrecision, type Precision } from './judge.ts';
import { ownPairs, readPairs } from './pairs.ts';

/** A wrong merge hides a memory, and nobody notices: at most one of a hundred may be. */
const neededPrecision = 0.99;

const thresholds = [0.8, 0.85, 0.9, 0.95, 0.98] as const;

export function duplicatesCommand(): Command {
  const command = new Command('duplicates')
    .description('How well near-duplicates are told from near-misses, on labelled pairs, with the builtin model.')
    .argument('[file]', 'JSON lines of {a, b, same, kind, held?}', ownPairs);
  return addReportOptions(command)
    .addHelpText('after', `\nExit code 1 when precision at the default threshold is below ${neededPrecision}.`)
    .action(run);
}

async function run(file: string, options: ReportOptions): Promise<void> {
  const pairs = await readPairs(file);
  await finish(describe(await judgeWithBuiltin(pairs), file), options);
}

const parts = {
  all: () => true,
  seen: ({ held }: JudgedPair) => !held,
  held: ({ held }: JudgedPair) => held,
} as const;

function describe(judged: readonly JudgedPair[], file: string): Findings {
  const threshold = duplicateThreshold('builtin');
  const rows = (Object.keys(parts) as (keyof typeof parts)[]).flatMap((part) => {
    const pairs = judged.filter(parts[part]);
    return thresholds.map((at) => ({
      part,
      at,
      alone: measurePrecision(pairs, at, 'none'),
      guardedWithoutWords: measurePrecision(pairs, at, 'without words'),
      guarded: measurePrecision(pairs, at, 'full'),
    }));
  });
  const atDefault = {
    all: measurePrecision(judged, threshold, 'full'),
    held: measurePrecision(judged.filter(parts.held), threshold, 'full'),
  };
  const wrong = judged.filter((pair) => !pair.same && pair.cosine >= threshold && guards.full(pair));
  const isHeldOut = judged.some(({ held }) => held);
  return {
    bench: 'duplicates',
    title: 'Near-duplicates told from near-misses',
    settings: { file: basename(file), threshold, target: 'builtin', pairs: judged.length },
    measures: [
      precisionMeasure('precision', atDefault.all),
      ...(isHeldOut ? [precisionMeasure('precision, held out', atDefault.held)] : []),
      { name: 'duplicates merged', value: atDefault.all.recall ?? 0, unit: 'share', better: 'higher' },
      { name: 'wrong merges', value: atDefault.all.wronglyMerged, unit: 'count', better: 'lower' },
    ],
    blocks: [
      cosinesTable(judged),
      rowsTable(rows),
      kindsTable(judged, threshold),
      ...(wrong.length > 0
        ? [
            tableOf(
              'Merged wrongly',
              ['one', 'the other'],
              wrong.slice(0, 500).map(({ a, b }) => [a, b]),
            ),
          ]
        : []),
    ],
    data: { rows, atDefault, wrong },
  };
}

/** A rule that merges nothing is not precise, it is off. */
function precisionMeasure(name: string, { precision }: Precision): BenchMeasure {
  return { name, value: precision ?? 0, unit: 'share', better: 'higher', target: neededPrecision };
}

/** Where the cosines of these pairs lie. */
function spread(pairs: readonly JudgedPair[]) {
  const sorted = pairs.map(({ cosine }) => cosine).toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.floor(part * (sorted.length - 1))] ?? Number.NaN;
  return { least: at(0), tenth: at(0.1), median: at(0.5), nineTenths: at(0.9), most: at(1) };
}

function cosinesTable(judged: readonly JudgedPair[]) {
  const parted = { same: judged.filter(({ same }) => same), different: judged.filter(({ same }) => !same) };
  return tableOf(
    'Cosines',
    ['cosine of', 'least', '10 %', 'median', '90 %', 'most'],
    Object.entries(parted).map(([name, pairs]) => [
      `pairs that are ${name}`,
      ...Object.values(spread(pairs)).map((value) => value.toFixed(3)),
    ]),
  );
}

interface Row {
  readonly part: string;
  readonly at: number;
  readonly alone: Precision;
  readonly guardedWithoutWords: Precision;
  readonly guarded: Precision;
}

function rowsTable(rows: readonly Row[]) {
  return tableOf(
    'By threshold and guard',
    [
      ...['pairs', 'cosine ≥', 'vectors alone: precision', 'recall'],
      ...['guard without words: precision', 'recall', 'guard: precision', 'recall', 'wrong merges'],
    ],
    rows.map(({ part, at, alone, guardedWithoutWords, guarded }) => [
      ...[part, at],
      ...[alone, guardedWithoutWords, guarded].flatMap(({ precision, recall }) => [share(precision), share(recall)]),
      `${guarded.wronglyMerged} of ${guarded.merged}`,
    ]),
  );
}

function kindsTable(judged: readonly JudgedPair[], threshold: number) {
  const kinds = [...Map.groupBy(judged, ({ same, kind }) => `${same ? 'same' : 'different'}: ${kind}`)];
  return tableOf(
    `By kind, at the default: cosine ≥ ${threshold}`,
    ['kind', 'pairs', 'median cosine', 'merged by vectors alone', 'with the guard'],
    kinds.map(([kind, pairs]) => [
      ...[kind, pairs.length, spread(pairs).median.toFixed(3)],
      ...[measurePrecision(pairs, threshold, 'none').merged, measurePrecision(pairs, threshold, 'full').merged],
    ]),
  );
}

function share(value: number | null): string | null {
  return value === null ? null : formatShare(value);
}
