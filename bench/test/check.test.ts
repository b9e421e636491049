import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newFolder, runBench } from './run-bench.ts';

const sizes = ['--memories', '40', '--rounds', '2', '--window', '0.25'];

test('a first run makes the baseline of its machine, and one that is far below a baseline fails and says by how much', {
  timeout: 240_000,
}, async () => {
  const baseline = join(newFolder(), 'baseline.json');
  const first = await runBench(['check', ...sizes, '--baseline', baseline, '--update']);
  expect(first).toMatchObject({ code: 0, report: { verdict: 'reported' } });
  const [[key, ratios]] = Object.entries(JSON.parse(readFileSync(baseline, 'utf8'))) as [[string, object]];
  expect(key).toContain('pglite');
  expect(Object.keys(ratios)).toHaveLength(8);

  // As if everything had been a thousand times as fast: no noise is that large.
  const faster = Object.entries(ratios).map(([name, runs]) => [
    name,
    runs.map(({ ratio }: { readonly ratio: number }) => ({ ratio: 1_000 * ratio, error: 0.1 })),
  ]);
  writeFileSync(baseline, JSON.stringify({ [key]: Object.fromEntries(faster) }));
  const second = await runBench(['check', ...sizes, '--baseline', baseline]);
  expect(second).toMatchObject({ code: 1, report: { verdict: 'failed' } });
  expect(second.report.failures).toHaveLength(8);
  expect(second.report.failures[0]).toMatch(/^query of bare hybrid statement, 1 at a time: slower by [\d.]+ %, where/);
});
