import { duplicateThreshold } from '@anima/core';
import Table from 'cli-table3';
import { Command } from 'commander';
import { machine } from '../machine.ts';
import { writeResult } from '../result-file.ts';
import { guards, type JudgedPair, judgeWithBuiltin, measurePrecision, type Precision } from './judge.ts';
import { ownPairs, readPairs } from './pairs.ts';

/** A wrong merge hides a memory, and nobody notices: at most one of a hundred may be. */
const neededPrecision = 0.99;

const thresholds = [0.8, 0.85, 0.9, 0.95, 0.98] as const;

interface DuplicatesOptions {
  readonly json?: string;
}

export function duplicatesCommand(): Command {
  return new Command('duplicates')
    .description('How well near-duplicates are told from near-misses, on labelled pairs, with the builtin model.')
    .argument('[file]', 'JSON lines of {a, b, same, kind, held?}', ownPairs)
    .option('--json <file>', 'where the result goes (default: bench/results/duplicates-builtin-TIME.json)')
    .addHelpText('after', `\nExit code 1 when precision at the default threshold is below ${neededPrecision}.`)
    .action(run);
}

async function run(file: string, options: DuplicatesOptions): Promise<void> {
  const pairs = await readPairs(file);
  const result = describe(await judgeWithBuiltin(pairs), file);
  process.stdout.write(`${render(result)}\n`);
  await writeResult(result, options.json);
  if (!result.isPrecise) process.exitCode = 1;
}

const parts = {
  all: () => true,
  seen: ({ held }: JudgedPair) => !held,
  held: ({ held }: JudgedPair) => held,
} as const;

function describe(judged: readonly JudgedPair[], file: string) {
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
  const kinds = [...Map.groupBy(judged, ({ same, kind }) => `${same ? 'same' : 'different'}: ${kind}`)];
  const atDefault = {
    all: measurePrecision(judged, threshold, 'full'),
    held: measurePrecision(judged.filter(parts.held), threshold, 'full'),
  };
  return {
    bench: 'duplicates',
    at: new Date().toISOString(),
    settings: { file, threshold, target: 'builtin' },
    machine: machine(),
    pairs: judged.length,
    rows,
    cosines: { same: spread(judged.filter(({ same }) => same)), different: spread(judged.filter(({ same }) => !same)) },
    kinds: kinds.map(([kind, pairs]) => ({
      kind,
      pairs: pairs.length,
      medianCosine: spread(pairs).median,
      alone: measurePrecision(pairs, threshold, 'none').merged,
      guarded: measurePrecision(pairs, threshold, 'full').merged,
    })),
    atDefault,
    isPrecise: isPrecise(atDefault.all) && (judged.every(({ held }) => !held) || isPrecise(atDefault.held)),
    wrong: judged.filter((pair) => !pair.same && pair.cosine >= threshold && guards.full(pair)),
  };
}

type DuplicatesResult = ReturnType<typeof describe>;

/** A rule that merges nothing is not precise, it is off. */
function isPrecise({ precision }: Precision): boolean {
  return precision !== null && precision >= neededPrecision;
}

/** Where the cosines of these pairs lie. */
function spread(pairs: readonly JudgedPair[]) {
  const sorted = pairs.map(({ cosine }) => cosine).toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.floor(part * (sorted.length - 1))] ?? Number.NaN;
  return { least: at(0), tenth: at(0.1), median: at(0.5), nineTenths: at(0.9), most: at(1) };
}

function render(result: DuplicatesResult): string {
  const { settings, atDefault, isPrecise: passes } = result;
  const { merged, wronglyMerged } = atDefault.all;
  return [
    renderCosines(result),
    renderRows(result),
    `At the default, cosine ≥ ${settings.threshold}:`,
    renderKinds(result),
    ...result.wrong.map(({ a, b }) => `merged wrongly: ${a} | ${b}`),
    `${passes ? 'PASS' : 'FAIL'}  precision ${share(atDefault.all.precision)}, held out ${share(atDefault.held.precision)} ` +
      `(needed: ${share(neededPrecision)}); ${wronglyMerged} of ${merged} merges are wrong`,
  ].join('\n');
}

function renderCosines({ cosines }: DuplicatesResult): string {
  const table = newTable(['cosine of', 'least', '10 %', 'median', '90 %', 'most']);
  for (const [name, values] of Object.entries(cosines)) {
    table.push([`pairs that are ${name}`, ...Object.values(values).map((value) => value.toFixed(3))]);
  }
  return table.toString();
}

function renderRows({ rows }: DuplicatesResult): string {
  const table = newTable([
    ...['pairs', 'cosine ≥', 'vectors alone: precision', 'recall'],
    ...['guard without words: precision', 'recall', 'guard: precision', 'recall', 'wrong merges'],
  ]);
  for (const { part, at, alone, guardedWithoutWords, guarded } of rows) {
    const shares = [alone, guardedWithoutWords, guarded].flatMap(({ precision, recall }) => [
      share(precision),
      share(recall),
    ]);
    table.push([part, at, ...shares, `${guarded.wronglyMerged} of ${guarded.merged}`]);
  }
  return table.toString();
}

function renderKinds({ kinds }: DuplicatesResult): string {
  const table = newTable(['kind', 'pairs', 'median cosine', 'merged by vectors alone', 'with the guard']);
  for (const { kind, pairs, medianCosine, alone, guarded } of kinds) {
    table.push([kind, pairs, medianCosine.toFixed(3), alone, guarded]);
  }
  return table.toString();
}

function newTable(head: string[]) {
  return new Table({
    head,
    style: { head: [], border: [], compact: true },
    colAligns: head.map((_, index) => (index === 0 ? 'left' : 'right')),
  });
}

function share(value: number | null): string {
  return value === null ? '–' : (100 * value).toFixed(1);
}
