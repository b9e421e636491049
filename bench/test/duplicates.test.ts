import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { duplicateThreshold } from '@anima/core';
import { beforeAll, expect, test } from 'vitest';
import { type JudgedPair, judgeWithBuiltin, measurePrecision } from '../src/duplicates/judge.ts';
import { ownPairs, readPairs } from '../src/duplicates/pairs.ts';
import { newFolder, runBench } from './run-bench.ts';

const threshold = duplicateThreshold('builtin');

let judged: readonly JudgedPair[];
let held: readonly JudgedPair[];
beforeAll(async () => {
  judged = await judgeWithBuiltin(await readPairs(ownPairs));
  held = judged.filter((pair) => pair.held);
}, 180_000);

test('at the default of the builtin model at most one merge of a hundred is wrong, on the held-out pairs too', () => {
  expect(measurePrecision(judged, threshold, 'full').precision).toBeGreaterThanOrEqual(0.99);
  expect(measurePrecision(held, threshold, 'full').precision).toBeGreaterThanOrEqual(0.99);
});

test('half of the true duplicates are merged', () => {
  expect(measurePrecision(judged, threshold, 'full').recall).toBeGreaterThanOrEqual(0.5);
  expect(measurePrecision(held, threshold, 'full').recall).toBeGreaterThanOrEqual(0.45);
});

test('no cosine makes up for the guard: of what vectors alone merge, more than half is wrong', () => {
  for (const cosine of [threshold, 0.9, 0.95, 0.98]) {
    expect(measurePrecision(judged, cosine, 'none').precision).toBeLessThan(0.5);
    expect(measurePrecision(judged, cosine, 'without words').precision).toBeLessThan(0.99);
  }
});

test('a rule that merges nothing has no precision, and one that is wrong once in four has 0.75', () => {
  const pair = { a: 'Ada likes tea', b: 'ada likes tea', kind: 'formatting', held: false, difference: undefined };
  const pairs: JudgedPair[] = [
    { ...pair, same: true, cosine: 0.95 },
    { ...pair, same: true, cosine: 0.96 },
    { ...pair, same: true, cosine: 0.97 },
    { ...pair, same: false, cosine: 0.98 },
    { ...pair, same: true, cosine: 0.94 },
    { ...pair, same: false, cosine: 0.99, difference: 'words' },
  ];
  expect(measurePrecision(pairs, 0.95, 'full')).toEqual({ merged: 4, wronglyMerged: 1, precision: 0.75, recall: 0.75 });
  expect(measurePrecision(pairs, 0.95, 'none')).toMatchObject({ merged: 5, wronglyMerged: 2 });
  expect(measurePrecision(pairs, 0.999, 'full')).toMatchObject({ merged: 0, precision: null, recall: 0 });
});

test('the command fails when a merge of fewer than a hundred is wrong, and says which', {
  timeout: 60_000,
}, async () => {
  const file = join(newFolder(), 'pairs.jsonl');
  const pairs = [
    { a: 'Ada likes green tea', b: 'Ada likes green tea.', same: true, kind: 'formatting' },
    { a: 'Polish the silver', b: 'Polish the silver!', same: false, kind: 'mislabelled' },
  ];
  writeFileSync(file, pairs.map((pair) => JSON.stringify(pair)).join('\n'));

  const { code, report, output } = await runBench(['duplicates', file]);
  expect(code, output).toBe(1);
  expect(output).toMatch(/Polish the silver +│ Polish the silver!/);
  expect(output).toContain('FAIL  precision: 50.0 %, held to ≥ 99.0 %');
  expect(report).toMatchObject({ verdict: 'failed', settings: { pairs: 2 } });
});
