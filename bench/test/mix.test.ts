import { expect, test } from 'vitest';
import { runBench } from './run-bench.ts';

test('the reference load runs through its stages and is held to its limits', { timeout: 180_000 }, async () => {
  const { report } = await runBench(['mix', '--fast', '--users', '4', '--memories', '40']);
  expect(report.settings).toMatchObject({ users: 4, isFast: true, durationSeconds: 30 });
  const held = report.measures.filter(({ target }) => target !== undefined);
  expect(held.map(({ name, target }) => [name, target])).toEqual([
    ['add p95, up to 4 users', 200],
    ['query p95, up to 4 users', 400],
    ['bootstrap p95, up to 4 users', 250],
    ['p95 of all, up to 4 users', 400],
    ['errors, up to 4 users', 0.01],
  ]);
  expect(report.measures).toContainEqual(expect.objectContaining({ name: 'errors, up to 4 users', value: 0 }));
});
