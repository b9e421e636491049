import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { duplicateThreshold } from '@anima/core';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { type JudgedPair, judgeWithBuiltin, measurePrecision } from '../src/duplicates/judge.ts';
import { ownPairs, readPairs } from '../src/duplicates/pairs.ts';

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
  const folder = mkdtempSync(join(tmpdir(), 'anima-bench-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [file, result] = [join(folder, 'pairs.jsonl'), join(folder, 'result.json')];
  const pairs = [
    { a: 'Ada likes green tea', b: 'Ada likes green tea.', same: true, kind: 'formatting' },
    { a: 'Polish the silver', b: 'Polish the silver!', same: false, kind: 'mislabelled' },
  ];
  writeFileSync(file, pairs.map((pair) => JSON.stringify(pair)).join('\n'));

  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, 'duplicates', file, '--no-record', '--json', result]);
  const [[code], stdout, stderr] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]);
  expect({ code, stderr }).toMatchObject({ code: 1 });
  expect(stdout).toMatch(/Polish the silver +│ Polish the silver!/);
  expect(stdout).toContain('FAIL  precision: 50.0 %, held to ≥ 99.0 %');
  expect(JSON.parse(readFileSync(result, 'utf8'))).toMatchObject({ verdict: 'failed', settings: { pairs: 2 } });
});
